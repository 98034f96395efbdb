"""Signing in for a frame in a window of our own, which hands over a one-time code."""

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Page, expect

from e2e.foreign.conftest import frame_of
from e2e.foreign.site import ROOT, ForeignSite
from e2e.pages.chat_adapter import ChatAdapter
from e2e.pages.sign_in import SignInPage
from e2e.product import PASSWORD, Product

OPEN = "Open a sign-in window"


@pytest.fixture
def form(page: Page, chat: ChatAdapter, site: ForeignSite) -> FrameLocator:
    """The form in the chat adapter's frame."""
    page.goto(f"{site.url}/strict/reference.html")
    expect(chat.frame.get_by_role("button", name=OPEN)).to_be_visible()
    return chat.frame


def open_window(page: Page, frame: FrameLocator) -> Page:
    """Press the button by keyboard: a busy browser may send a mouse click on a fresh frame to the page around it."""
    with page.expect_popup() as opened:
        frame.get_by_role("button", name=OPEN).press("Enter")
    return opened.value


def test_the_window_signs_both_frames_in_and_closes(page: Page, form: FrameLocator, chat: ChatAdapter) -> None:
    window = open_window(page, form)
    SignInPage(window).email.fill("agent@example.com")
    with window.expect_event("close"):
        SignInPage(window).password.fill(PASSWORD)
        SignInPage(window).button.click()

    for frame in (chat.frame, page.frame_locator('iframe[name="call_adapter"]')):
        expect(frame.get_by_role("combobox", name="Status")).to_be_visible()


def test_a_sandboxed_frame_works_with_the_flags_that_the_documents_name(page: Page, site: ForeignSite) -> None:
    flags = "allow-scripts allow-same-origin allow-forms allow-popups"
    assert f"`{flags}`" in (ROOT / "docs/embedding.md").read_text()
    source = "https://patchbay.example/agent/?type=chat&from=custom"
    site.pages["sandbox.html"] = (
        f'<!doctype html><title>sandbox</title><iframe sandbox="{flags}" src="{source}"></iframe>'
    )
    page.goto(f"{site.url}/strict/sandbox.html")
    frame = page.frame_locator("iframe")
    window = open_window(page, frame)
    SignInPage(window).email.fill("agent@example.com")
    SignInPage(window).password.fill(PASSWORD)
    SignInPage(window).button.click()

    expect(frame.get_by_role("combobox", name="Status")).to_be_visible()


def test_who_is_signed_in_elsewhere_in_this_browser_only_confirms(
    visitor: BrowserContext, page: Page, site: ForeignSite, chat: ChatAdapter, product: Product
) -> None:
    own = visitor.new_page()
    own.goto(f"{product.url}/shell/")
    SignInPage(own).sign_in("agent@example.com")
    page.goto(f"{site.url}/strict/reference.html")
    expect(chat.frame.get_by_role("button", name="Sign in", exact=True)).to_be_visible()  # another cookie jar

    window = open_window(page, chat.frame)
    window.get_by_role("button", name="Continue as James Bond").click()

    expect(chat.status).to_be_visible()


def test_a_code_from_elsewhere_signs_nobody_in(page: Page, form: FrameLocator, product: Product) -> None:
    """A frame that redeems an attacker's code would sign the agent in as the attacker."""
    adapter = frame_of(page, "type=chat")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    window = open_window(page, form)
    nonce = window.url.partition("nonce=")[2]
    code = f'{{"type": "patchbay-sign-in", "code": "mine", "nonce": "{nonce}"}}'

    page.evaluate("([text, to]) => frames.chat_adapter.postMessage(text, to)", [code, product.url])
    frame_of(page, "type=call").evaluate("text => parent.frames.chat_adapter.postMessage(text, origin)", code)
    adapter.evaluate("text => postMessage(text, origin)", code)
    page.evaluate("() => new Promise((done) => setTimeout(done, 300))")

    assert [url for url in requests if url.endswith("/sign-in/code")] == []
    assert not window.is_closed()


def test_the_button_is_for_frames_only(visitor: BrowserContext, product: Product) -> None:
    own = visitor.new_page()
    own.goto(f"{product.url}/agent/?type=chat&from=custom")
    expect(own.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(own.get_by_role("button", name=OPEN)).to_be_hidden()


def test_a_window_that_nobody_opened_says_so(visitor: BrowserContext, product: Product) -> None:
    own = visitor.new_page()
    own.goto(f"{product.url}/sign-in/popup?nonce={'0' * 32}")
    SignInPage(own).sign_in("agent@example.com")
    expect(own.get_by_role("status")).to_contain_text("has lost the page that opened it")
