"""The reference's own tags and listener, on another company's page."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from e2e.foreign.conftest import frame_of
from e2e.foreign.site import ForeignSite
from e2e.pages.chat_adapter import ChatAdapter
from e2e.pages.consumer import ConsumerPage
from e2e.pages.sign_in import SignInPage
from e2e.product import Product
from e2e.waiting import eventually

PRINTED = Path(__file__).with_name("reference_as_printed.html")
FORGED = """() => {
  const forged = JSON.stringify({ type: "CRM_Record_Pop", data: { recordUrl: "javascript:top.harmed = true" } });
  window.postMessage(forged, location.origin);
}"""


def test_the_printed_listener_pops_the_record(
    page: Page, chat: ChatAdapter, site: ForeignSite, consumer: ConsumerPage, product: Product
) -> None:
    site.pages["crm.html"] = PRINTED.read_text()
    page.goto(f"{site.url}/lax/crm.html")
    _expect_no_foreign_storage(page)
    SignInPage(chat.frame).sign_in("agent@example.com")
    chat.set_status("Available")

    consumer.start_chat("Felix Leiter", "+12125550201")
    chat.answer()

    record = page.frame_locator('iframe[name="target_iframe_adapter"]')
    expect(record.get_by_role("heading", level=1)).to_contain_text("Record ")
    expect(record.get_by_role("definition").filter(has_text="Felix Leiter")).to_have_count(1)
    _expect_a_partitioned_cookie(page.context, product, site)
    chat.send("Hello")
    expect(consumer.lines()).to_have_text(["Hello"])
    chat.end()


def test_the_safe_listener_pops_it_too_and_nothing_forged(
    page: Page, chat: ChatAdapter, site: ForeignSite, consumer: ConsumerPage
) -> None:
    page.goto(f"{site.url}/strict/reference.html")
    SignInPage(chat.frame).sign_in("agent@example.com")
    expect(page.frame_locator('iframe[name="call_adapter"]').get_by_role("combobox", name="Status")).to_be_visible()
    page.evaluate(FORGED)
    frame_of(page, "type=call").evaluate(
        FORGED.replace("window.postMessage", "parent.postMessage").replace("location.origin", "'*'")
    )

    consumer.start_chat("Vesper Lynd", "+12125550202")
    chat.answer()

    record = page.frame_locator('iframe[name="target_iframe_adapter"]')
    expect(record.get_by_role("definition").filter(has_text="Vesper Lynd")).to_have_count(1)
    assert page.evaluate("window.harmed === undefined")
    chat.end()


def test_adapters_beside_each_other_sign_in_and_out_together(page: Page, chat: ChatAdapter, site: ForeignSite) -> None:
    page.goto(f"{site.url}/strict/reference.html")
    call = page.frame_locator('iframe[name="call_adapter"]')
    expect(call.get_by_role("button", name="Sign in", exact=True)).to_be_visible()

    SignInPage(chat.frame).sign_in("agent@example.com")

    expect(call.get_by_role("combobox", name="Status")).to_be_visible()
    assert _tab(page, "type=call") == _tab(page, "type=chat")

    call.get_by_role("button", name="Sign out").click()

    for frame in (call, chat.frame):
        expect(frame.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


@pytest.mark.parametrize("wrong_first", ["call", "chat"])
def test_a_wrong_password_keeps_nobody_from_following(page: Page, site: ForeignSite, wrong_first: str) -> None:
    page.goto(f"{site.url}/strict/reference.html")
    other = "chat" if wrong_first == "call" else "call"
    tried, sibling = (page.frame_locator(f'iframe[name="{name}_adapter"]') for name in (wrong_first, other))
    tried.get_by_role("textbox", name="E-mail").fill("agent@example.com")
    tried.get_by_label("Password").fill("wrong")
    tried.get_by_role("button", name="Sign in", exact=True).click()
    expect(tried.get_by_role("alert").filter(has_text="go together")).to_be_visible()

    SignInPage(sibling).sign_in("agent@example.com")

    expect(tried.get_by_role("combobox", name="Status")).to_be_visible()


def _tab(page: Page, part: str) -> str:
    frame = frame_of(page, part)
    return str(eventually(lambda: frame.evaluate("window.patchbayTab"), what="the adapter is connected"))


def _expect_no_foreign_storage(page: Page) -> None:
    """See that this browser blocks what blocks most people: third-party cookies and storage."""
    frame = frame_of(page, "/agent/")
    frame.wait_for_load_state()
    assert frame.evaluate("document.cookie = 'probe=1; SameSite=None; Secure'; document.cookie") == ""
    assert frame.evaluate("try { localStorage.length; 'allowed' } catch (error) { error.name }") == "SecurityError"


def _expect_a_partitioned_cookie(context: BrowserContext, product: Product, site: ForeignSite) -> None:
    cookies = [cookie for cookie in context.cookies(product.url) if cookie["name"] == "__Host-patchbay"]
    assert [cookie.get("partitionKey") for cookie in cookies] == ["http://localhost"]
