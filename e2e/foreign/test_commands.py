"""Commands of an embedding page into the adapters: from the page around them only, and only those granted to it."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from e2e.foreign.site import ForeignSite
from e2e.pages.chat_adapter import ChatAdapter
from e2e.pages.consumer import ConsumerPage
from e2e.pages.sign_in import SignInPage
from e2e.product import Product
from e2e.waiting import eventually


@pytest.fixture
def signed_in(page: Page, chat: ChatAdapter, site: ForeignSite) -> Page:
    """The page with the dock, and James Bond signed in."""
    page.goto(f"{site.url}/strict/plain.html")
    SignInPage(chat.frame).sign_in("agent@example.com")
    expect(page.get_by_role("list", name="Events")).to_contain_text("Agent_Login")
    return page


def send(page: Page, type_: str, **data: Any) -> dict[str, Any]:
    answer: dict[str, Any] = page.evaluate("([type, data]) => Patchbay.send(type, data)", [type_, data])
    return answer


def test_a_page_sets_status_and_record(
    signed_in: Page, chat: ChatAdapter, consumer: ConsumerPage, product: Product
) -> None:
    assert send(signed_in, "Set_Status", status="Available") == {"ok": True}
    expect(chat.frame.get_by_role("combobox", name="Status")).to_have_value("Available")
    wrong = send(signed_in, "Set_Status", status="Asleep")
    assert (wrong["ok"], wrong["error"]) == (
        False,
        "status: found 'Asleep'; allowed: Available, Break, Meal, Unavailable, Offline",
    )

    refused = send(signed_in, "Answer")
    assert not refused["ok"]
    assert "may not send Answer" in refused["error"]

    consumer.start_chat("Honey Ryder", "+12125550311")
    chat.answer()
    log = signed_in.get_by_role("list", name="Events")
    chat_id = int(log.get_by_text("New_Chat").inner_text().split()[1])
    expect(log).to_contain_text("CRM_Record_Pop")
    account = product.crm.create_account(name="Another one", phone="+12125550312")
    assert send(signed_in, "Set_Record", chat_id=chat_id, account_id=account["id"]) == {"ok": True}
    expect(chat.frame.get_by_role("group", name="Account")).to_contain_text(str(account["id"]))
    assert send(signed_in, "Focus_Chat", chat_id=chat_id) == {"ok": True}
    assert not send(signed_in, "Focus_Chat", chat_id=chat_id + 1000)["ok"]
    chat.end()


def test_what_an_admin_grants_is_allowed_at_once(
    signed_in: Page, chat: ChatAdapter, consumer: ConsumerPage, product: Product, site: ForeignSite
) -> None:
    def grant(document: dict[str, Any]) -> None:
        document["embedding"]["commands"] = {site.url: ["Answer", "Send_Message", "End"]}

    product.change_settings(grant)
    assert send(signed_in, "Set_Status", status="Available") == {"ok": True}
    consumer.start_chat("Felix Leiter", "+12125550313")
    expect(chat.frame.get_by_role("button", name="Answer")).to_be_visible()
    eventually(lambda: send(signed_in, "Answer")["ok"], what="the grant has taken effect")
    chat_id = int(signed_in.get_by_role("list", name="Events").get_by_text("New_Chat").last.inner_text().split()[1])
    assert send(signed_in, "Send_Message", chat_id=chat_id, text="Hello from the page") == {"ok": True}
    expect(chat.lines()).to_have_text(["Hello from the page"])
    assert send(signed_in, "End", chat_id=chat_id) == {"ok": True}


def test_only_the_page_around_the_adapter_is_heard(signed_in: Page, chat: ChatAdapter) -> None:
    assert send(signed_in, "Set_Status", status="Break") == {"ok": True}
    command = json.dumps({"type": "Set_Status", "data": {"status": "Meal"}, "meta": {"id": "from-a-child"}})
    signed_in.evaluate("document.body.append(document.createElement('iframe'))")
    child = next(frame for frame in signed_in.frames if frame.url == "about:blank")
    to = signed_in.locator('iframe[name="chat_adapter"]').get_attribute("src") or ""
    child.evaluate(
        "([command, to]) => parent.frames.chat_adapter.postMessage(command, new URL(to).origin)", [command, to]
    )
    sibling = next(frame for frame in signed_in.frames if "type=call" in frame.url)
    sibling.evaluate("(command) => parent.frames.chat_adapter.postMessage(command, location.origin)", command)
    for broken in ("no JSON", "null", "[]", '{"type": "Explode"}'):
        signed_in.evaluate(
            """(text) => { const to = document.querySelector('iframe[name="chat_adapter"]');
              to.contentWindow.postMessage(text, new URL(to.src).origin); }""",
            broken,
        )
    assert not send(signed_in, "Focus_Chat", chat_id=1_000_000)["ok"]  # whatever was heard before has been done by now
    expect(chat.frame.get_by_role("combobox", name="Status")).to_have_value("Break")
