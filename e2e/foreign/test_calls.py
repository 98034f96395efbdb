"""A call in another company's page, with the listener as the reference prints it."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, expect

from e2e.conftest import NewContext
from e2e.foreign.site import ForeignSite
from e2e.pages.call_adapter import CallAdapter
from e2e.pages.shell import ShellPage
from e2e.pages.sign_in import SignInPage
from e2e.product import Product
from e2e.waiting import eventually

PRINTED = Path(__file__).with_name("reference_as_printed.html")
TOLD = "EventListener: "
NAME, PHONE = "Felix Leiter", "+12125550451"


WANTED = {"New_Call": 1, "Agent_Connects_to_Session": 1, "CRM_Record_Pop": 1, "Transfer": 1}


def test_the_printed_listener_hears_a_call_from_its_answer_to_its_transfer(
    page: Page, site: ForeignSite, product: Product, new_context: NewContext
) -> None:
    heard = _listen(page)
    call = _open(page, site)
    eve = ShellPage(new_context(base_url=product.url).new_page())
    eve.sign_in("agent2@example.com")
    eve.call.status.select_option("Break")

    call_id = product.start_call(queue="Developers / James", end_user={"name": NAME, "phone": PHONE})
    call.answer(NAME)
    record = page.frame_locator('iframe[name="target_iframe_adapter"]')
    expect(record.get_by_role("definition").filter(has_text=NAME)).to_have_count(1)
    eve.call.status.select_option("Available")
    call.press("Hold")
    call.expect_state("On hold")
    call.press("Resume")
    call.expect_state("Connected")

    call.transfer("Agent", "Eve Moneypenny · Available", warm=True)
    eve.call.answer(NAME)
    eve.expect_record_of(NAME, PHONE)
    call.press("Leave call")
    call.wrap_up(notes="Left to Eve.")
    eve.call.press("End call")
    eve.call.wrap_up()

    eventually(lambda: _count(heard) == WANTED, what="each event once")
    [transfer] = [each["data"] for each in heard if each["type"] == "Transfer"]
    assert (transfer["call_id"], transfer["to_agent_email"]) == (call_id, "agent2@example.com")
    assert product.call(call_id)["status"] == "finished"


def _listen(page: Page) -> list[dict[str, Any]]:
    """Return what the printed listener logs: it goes on filling."""
    heard: list[dict[str, Any]] = []

    def listen(message: ConsoleMessage) -> None:
        if message.text.startswith(TOLD):
            heard.append(json.loads(message.text.removeprefix(TOLD)))

    page.on("console", listen)
    return heard


def _open(page: Page, site: ForeignSite) -> CallAdapter:
    """Open the printed page with the call adapter's tag, and sign in there."""
    printed = PRINTED.read_text().replace('type=chat&from=custom"', 'type=call&from=custom"')
    site.pages["calls.html"] = printed.replace('width="450"', 'width="290"').replace('height="590"', 'height="600"')
    page.goto(f"{site.url}/lax/calls.html")
    call = CallAdapter(page.frame_locator('iframe[src*="type=call"]'))
    SignInPage(call.frame).sign_in("agent@example.com")
    call.status.select_option("Available")
    return call


def _count(heard: list[dict[str, Any]]) -> dict[str, int]:
    found = Counter(each["type"] for each in heard)
    return {name: found[name] for name in WANTED}
