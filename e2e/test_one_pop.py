"""Each pop happens once, in the tab that the agent used last, whatever happens to tabs and connections."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from e2e.conftest import NewContext
from e2e.fault_proxy import FaultProxy
from e2e.pages.consumer import ConsumerPage
from e2e.pages.shell import ShellPage
from e2e.product import Product
from e2e.waiting import eventually
from e2e.wire import LOSE_POPS, SHUFFLE

DATABASES = ("sqlite", "postgresql")

LEASE_S = 2.0
SETTLED_S = 4.0  # longer than a claim, after which a second pop would have happened


@pytest.fixture
def browser_of(new_context: NewContext, product: Product) -> Callable[..., BrowserContext]:
    """Return a function that makes a browser in which the agent is signed in."""

    def make(*scripts: str, url: str = product.url) -> BrowserContext:
        context = new_context(base_url=url)
        for script in scripts:
            context.add_init_script(script)
        page = context.new_page()
        ShellPage(page).sign_in("agent@example.com")
        page.close()
        return context

    return make


def open_tab(context: BrowserContext) -> ShellPage:
    """Open another shell in a browser."""
    shell = ShellPage(context.new_page())
    shell.page.goto("/shell/")
    expect(shell.chat.frame.locator("body.is-connected")).to_be_attached()
    # A tab whose listeners are still loading may be too busy to claim a pop, which then goes to another one.
    expect(shell.page.locator("#listener-state")).to_have_text("Listening")
    return shell


def pops(shells: list[ShellPage]) -> list[int]:
    """Return the number of records that popped in each tab."""
    return [len(_of_type(shell.page, "CRM_Record_Pop")) for shell in shells]


def _of_type(page: Page, event_type: str) -> list[dict[str, Any]]:
    messages = [json.loads(text) for text in page.evaluate("overheard")]
    return [message for message in messages if message["type"] == event_type]


def test_ten_tabs_in_three_browsers_with_events_doubled_and_reordered(
    browser_of: Callable[..., BrowserContext], consumer: ConsumerPage
) -> None:
    browsers = [browser_of(SHUFFLE % seed) for seed in (7, 11, 13)]
    shells = [open_tab(browsers[number % 3]) for number in range(10)]
    used = shells[4]
    used.chat.set_status("Available")
    consumer.start_chat("Felix Leiter", "+12125550301")
    for number in range(5):
        consumer.send(f"message {number}")
    used.chat.answer()

    eventually(lambda: sum(pops(shells)) > 0, what="a pop")
    used.page.wait_for_timeout(SETTLED_S * 1000)
    assert pops(shells) == [0] * 4 + [1] + [0] * 5
    used.expect_record_of("Felix Leiter", "+12125550301")
    for shell in shells:
        inbound = [event["data"]["message"] for event in _of_type(shell.page, "Chat_Inbound_Message")]
        assert inbound == [f"message {number}" for number in range(5)]
    used.chat.end()


def test_the_tab_that_was_to_pop_is_closed_and_another_pops(
    browser_of: Callable[..., BrowserContext], consumer: ConsumerPage
) -> None:
    browser = browser_of(LOSE_POPS)
    other, closing = open_tab(browser), open_tab(browser)
    closing.page.evaluate("window.loseNext = true")
    closing.chat.set_status("Available")
    consumer.start_chat("Strawberry Fields", "+12125550302")
    closing.chat.answer()
    eventually(lambda: closing.page.evaluate("window.hasLost === true"), what="claimed")
    closed_at = time.monotonic()
    closing.page.close()

    eventually(lambda: pops([other]) == [1], what="a pop in the other tab")
    print(f"the other tab popped {time.monotonic() - closed_at:.1f} s after the first had closed")
    other.expect_record_of("Strawberry Fields", "+12125550302")
    other.page.wait_for_timeout(SETTLED_S * 1000)
    assert pops([other]) == [1]
    other.chat.end()


def test_a_click_beside_the_adapters_uses_the_tab_too(
    browser_of: Callable[..., BrowserContext], consumer: ConsumerPage, product: Product
) -> None:
    browser = browser_of()
    turned_to, answered = open_tab(browser), open_tab(browser)
    answered.chat.set_status("Available")
    product.crm.fault("hang_then_commit", seconds=3, method="POST")
    try:
        consumer.start_chat("Xenia Onatopp", "+12125550304")
        answered.chat.answer()
        turned_to.page.get_by_role("heading", name="Events").click()

        eventually(lambda: sum(pops([turned_to, answered])) > 0, what="a pop")
        assert pops([turned_to, answered]) == [1, 0]
        turned_to.chat.end()
    finally:
        product.crm.clear_faults()


def test_the_socket_is_down_while_the_crm_answers(
    browser_of: Callable[..., BrowserContext], consumer: ConsumerPage, product: Product
) -> None:
    proxy = FaultProxy(product.port)
    try:
        shell = open_tab(browser_of(url=proxy.url))
        shell.chat.set_status("Available")
        product.crm.fault("hang_then_commit", seconds=2, method="POST")
        consumer.start_chat("Camille Montes", "+12125550303")
        shell.chat.answer()
        proxy.down()
        [account] = eventually(lambda: product.crm.accounts("+12125550303"), what="the account")
        eventually(lambda: product.crm.records(account["id"]), what="the record")
        assert pops([shell]) == [0]
        proxy.up()

        eventually(lambda: pops([shell]) == [1], what="a pop after the reconnect")
        [pop] = _of_type(shell.page, "CRM_Record_Pop")
        assert pop["meta"]["replayed"] is False
        [record] = product.crm.records(account["id"])
        assert pop["data"]["recordUrl"] == f"{product.crm.url}/records/{record['id']}"
        expect(shell.page.get_by_role("tab", name=f"Camille Montes · #{record['id']}")).to_be_visible()
        shell.page.wait_for_timeout(SETTLED_S * 1000)
        assert pops([shell]) == [1]
        shell.chat.end()
    finally:
        product.crm.clear_faults()
        proxy.stop()
