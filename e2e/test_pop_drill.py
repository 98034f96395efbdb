"""A hundred pops with broken connections and closed tabs: none is lost, none comes twice."""

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext, expect

from e2e.conftest import NewContext
from e2e.fault_proxy import FaultProxy, somewhere
from e2e.pages.consumer import ConsumerPage
from e2e.pages.shell import ShellPage
from e2e.product import Product
from e2e.waiting import eventually
from e2e.wire import LOSE_POPS, SHUFFLE

ROUNDS = 100
WITHIN_S = 60.0  # pauses between tries grow to 10 s, and a try may be cut too
FAULTS = ("none", "cut", "down", "close")
POPS = 'overheard.filter(text => text.includes(`"CRM_Record_Pop"`))'


@pytest.fixture
def proxy(product: Product) -> Iterator[FaultProxy]:
    made = FaultProxy(product.port)
    yield made
    made.stop()


class Desk:
    """The agent's tabs, and the pops in all of them, also in closed ones."""

    def __init__(self, browsers: list[BrowserContext]) -> None:
        self._browsers = browsers
        self._kept: list[str] = []
        self.tabs: list[ShellPage] = []
        for browser in browsers:
            page = browser.new_page()
            ShellPage(page).sign_in("agent@example.com")
            page.close()

    def open_all(self) -> None:
        """Open tabs until each browser has two."""
        for browser in self._browsers:
            while len(browser.pages) < 2:
                shell = ShellPage(browser.new_page())
                shell.page.goto("/shell/")
                expect(shell.chat.frame.locator("body.is-connected")).to_be_attached(timeout=WITHIN_S * 1000)
                self.tabs.append(shell)

    def close(self, tab: ShellPage) -> None:
        """Close a tab."""
        self._kept += tab.page.evaluate(POPS)
        self.tabs.remove(tab)
        tab.page.close()

    def popped(self) -> Counter[int]:
        """Return how often each chat's record popped as new."""
        texts = [*self._kept, *(text for tab in self.tabs for text in tab.page.evaluate(POPS))]
        events = [json.loads(text) for text in texts]
        return Counter(event["data"]["chat_id"] for event in events if not event["meta"]["replayed"])


@pytest.mark.drill
@pytest.mark.timeout(7200)
def test_a_hundred_pops(
    new_context: NewContext, proxy: FaultProxy, product: Product, consumer_context: BrowserContext
) -> None:
    chance = random.Random(103646)
    began_at = time.monotonic()
    browsers = [new_context(base_url=proxy.url) for _ in range(2)]
    for number, browser in enumerate(browsers):
        browser.add_init_script(SHUFFLE % (number + 1))
        browser.add_init_script(LOSE_POPS)
    desk = Desk(browsers)
    desk.open_all()
    desk.tabs[0].chat.set_status("Available")
    tried, takeovers = Counter[str](), list[float]()
    for number in range(ROUNDS):
        fault = chance.choice(FAULTS)
        tried[fault] += 1
        phone = f"+1212556{number:04d}"
        consumer = ConsumerPage(consumer_context.new_page())
        consumer.start_chat(f"Person {number}", phone)
        closed_at = _answer(desk, chance.choice(desk.tabs), _Trouble(fault, proxy, product, chance, phone))
        _await_pop(desk, number + 1)
        if closed_at is not None:
            takeovers.append(time.monotonic() - closed_at)
        _end(consumer, consumer_context)
        desk.open_all()

    desk.tabs[0].page.wait_for_timeout(4000)
    popped = desk.popped()
    print(
        f"{ROUNDS} rounds {dict(tried)}, {proxy.cuts} sockets cut: lost {ROUNDS - len(popped)}, "
        f"doubled {popped.total() - len(popped)}; taken over from a closed tab within {max(takeovers):.1f} s; "
        f"{time.monotonic() - began_at:.0f} s in all"
    )
    assert len(popped) == ROUNDS
    assert popped.total() == ROUNDS


@dataclass(frozen=True)
class _Trouble:
    fault: str
    proxy: FaultProxy
    product: Product
    chance: random.Random
    phone: str


def _answer(desk: Desk, tab: ShellPage, trouble: _Trouble) -> float | None:
    """Answer in this tab with the fault; return when the tab was closed, if it was."""
    expect(tab.chat.answer_button).to_be_visible(timeout=WITHIN_S * 1000)
    if trouble.fault == "close":
        tab.page.evaluate("window.loseNext = true")
    if trouble.fault == "down":
        trouble.product.crm.fault("hang_then_commit", seconds=1, method="POST")
    if trouble.fault == "cut":
        trouble.proxy.cut_after(somewhere(trouble.chance))
    tab.chat.answer_button.click()
    if trouble.fault == "down":
        _be_down(tab, trouble)
    if trouble.fault != "close":
        return None
    eventually(lambda: tab.page.evaluate("window.hasLost === true"), within_s=WITHIN_S, what="claimed")
    desk.close(tab)
    return time.monotonic()


def _be_down(tab: ShellPage, trouble: _Trouble) -> None:
    """Interrupt the connection while the CRM answers."""
    expect(tab.chat.message).to_be_visible(timeout=WITHIN_S * 1000)
    trouble.proxy.down()
    crm = trouble.product.crm
    [account] = eventually(lambda: crm.accounts(trouble.phone), within_s=WITHIN_S, what="the account")
    eventually(lambda: crm.records(account["id"]), within_s=WITHIN_S, what="the record")
    crm.clear_faults()
    trouble.proxy.up()


def _await_pop(desk: Desk, count: int) -> None:
    eventually(lambda: len(desk.popped()) == count, within_s=WITHIN_S, what=f"pop {count}")


def _end(consumer: ConsumerPage, context: BrowserContext) -> None:
    consumer.end_button.click()
    expect(consumer.message).to_be_hidden()
    consumer.page.close()
    context.clear_cookies()
