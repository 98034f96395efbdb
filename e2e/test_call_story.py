"""A call from its offer to its wrap-up, transferred to a second agent: events, records, comments."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, expect

from e2e.conftest import NewContext
from e2e.guard import Guard
from e2e.pages.shell import ShellPage
from e2e.product import Product
from e2e.waiting import eventually

NAME, PHONE = "Felix Leiter", "+12125550401"
ONCE = ("New_Call", "Agent_Connects_to_Session", "CRM_Record_Pop", "Transfer")
UPDATES = 5  # of the record: connected and wrap-up of each agent, and the end
IVR = {
    "call_type": "voice_inbound_ivr",
    "queue": "Developers / James",
    "end_user": {"name": NAME, "phone": PHONE},
    "support_number": "+18005550100",
    "custom_sip_headers": {"X-Campaign": "casino"},
}


@pytest.fixture
def second_agent(new_context: NewContext, product: Product) -> Iterator[ShellPage]:
    """Eve Moneypenny, in a browser of her own."""
    context: BrowserContext = new_context(base_url=product.url)
    guard = Guard(context, {urlsplit(product.url).netloc, urlsplit(product.crm.url).netloc})
    page = ShellPage(context.new_page())
    page.sign_in("agent2@example.com")
    yield page
    assert guard.problems == []


def test_a_call_is_answered_held_transferred_ended_and_wrapped_up(
    shell: ShellPage, second_agent: ShellPage, product: Product
) -> None:
    # A fault of no seconds changes nothing, and counts its hits.
    product.crm.fault("commit_then_hang", seconds=0, method="PATCH", path="/api/records")
    call_id = product.start_call(**IVR)
    shell.call.answer(NAME)
    heading = shell.expect_record_of(NAME, PHONE)
    expect(shell.call.account.get_by_role("link", name="Open account")).to_be_visible()

    shell.call.press("Hold")
    shell.call.expect_state("On hold")
    shell.call.press("Resume")
    shell.call.expect_state("Connected")
    shell.call.press("Mute")
    expect(shell.call.frame.get_by_role("button", name="Unmute")).to_be_focused()

    second_agent.call.status.select_option("Available")
    shell.call.transfer("Queue", "Support / Web")
    shell.call.wrap_up(notes="He wants the casino.")
    second_agent.call.answer(NAME)
    assert second_agent.expect_record_of(NAME, PHONE) == heading

    second_agent.call.press("End call")
    second_agent.call.wrap_up(_disposition(second_agent), "Solved it.")

    for page, ended in ((shell, 0), (second_agent, 1)):
        for event_type in ONCE:
            [event] = page.events(event_type)
            assert event["data"]["call_id"] == call_id
            expect(page.log_entries(event_type)).to_have_count(1)
        assert len(page.events("End_Call", at_least=ended) if ended else []) == ended
    _check_payloads(shell, second_agent)
    _check_call(product, call_id)
    _check_crm(product)


def _disposition(page: ShellPage) -> str:
    """Return the first disposition of the queue."""
    option = page.call.disposition.get_by_role("option").nth(1)
    return option.inner_text()


def _check_payloads(shell: ShellPage, second_agent: ShellPage) -> None:
    [new] = shell.events("New_Call")
    assert (new["data"]["session_type"], new["data"]["queue_path"]) == ("Voice Inbound (IVR)", "Developers / James")
    assert new["data"]["custom_sip_headers"] == IVR["custom_sip_headers"]
    [again] = second_agent.events("New_Call")
    assert (again["data"]["agent_email"], again["data"]["queue_path"]) == ("agent2@example.com", "Support / Web")
    [transfer] = second_agent.events("Transfer")
    sides = {name: transfer["data"][name] for name in ("from_agent_email", "to_agent_email", "to_queue_path")}
    assert sides == {
        "from_agent_email": "agent@example.com",
        "to_agent_email": "agent2@example.com",
        "to_queue_path": "Support / Web",
    }


def _check_call(product: Product, call_id: int) -> None:
    call = product.call(call_id)
    assert (call["status"], call["fail_reason"]) == ("finished", "nothing")
    assert call["hold_duration"] is not None


def _check_crm(product: Product) -> None:
    [account] = product.crm.accounts(PHONE)
    [record] = product.crm.records(account["id"])

    def titles() -> list[str]:
        found = [_title(each) for each in product.crm.comments(record["id"])]
        return found if len(found) >= 5 else []

    written = eventually(titles, what="the comments")
    assert sorted(written) == ["Call ended", "Call started", "Transfer", "Wrap-up", "Wrap-up"]
    eventually(lambda: product.crm.hits("commit_then_hang") >= UPDATES, what="the updates")
    assert product.crm.hits("commit_then_hang") == UPDATES


def _title(comment: dict[str, Any]) -> str:
    return re.sub(r"<[^>]*>|\*", "", comment["body"]).splitlines()[0].strip()


def test_an_agent_dials_out_and_the_keyboard_does_it_all(shell: ShellPage, product: Product) -> None:
    adapter = shell.call
    adapter.phone_number.fill("abc")
    adapter.phone_number.press("Enter")
    expect(adapter.frame.get_by_role("alert").filter(has_text="enter a phone number")).to_be_visible()

    adapter.phone_number.fill("(212) 555-0402")
    adapter.phone_number.press("Enter")
    adapter.expect_state("Connected")
    expect(adapter.caller).to_be_focused()
    hold = adapter.frame.get_by_role("button", name="Hold", exact=True)
    hold.press("Enter")
    expect(adapter.frame.get_by_role("button", name="Resume", exact=True)).to_be_focused()
    adapter.frame.get_by_role("button", name="End call").press("Enter")
    adapter.frame.get_by_role("button", name="Done, Break").press("Enter")
    expect(adapter.status.locator("option:checked")).to_have_text("Break")
    expect(adapter.frame.get_by_role("group", name="Last calls")).to_contain_text("Outgoing")

    adapter.status.select_option("Available")
    product.start_call(**IVR)
    expect(adapter.answer_button).to_be_visible()
    adapter.status.press("Alt+a")
    adapter.expect_state("Connected")
    adapter.press("End call")
    adapter.wrap_up()
