"""The lookup link's buttons: in the adapter's own window and in another company's frame, with the keyboard too."""

import json
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from adapter_pages.agent import fragments
from host.settings.document.model import Settings
from tests.adapter_pages.browser import (
    PageServices,
    Script,
    Watch,
    connected,
    embedder_app,
    sign_in_as_agent,
    wait_until,
)
from tests.adapter_pages.conftest import Office

URL = "http://127.0.0.1:9/find?phone=%2B12223334444"
SETTINGS = Settings.model_validate({"lookup_urls": {"phone": "http://127.0.0.1:9/find?phone={ANI}"}})


@pytest.fixture
def adapter(page: Page, context: BrowserContext, url: str, script: Script, office: Office) -> Page:
    """The call adapter with a call, signed in and connected."""
    office.settings.settings = SETTINGS
    page.set_viewport_size({"width": 290, "height": 600})
    page.goto(f"{url}/agent/?type=call&from=custom")
    sign_in_as_agent(page)
    connected(page)
    office.call(type="voice_inbound_ivr")
    script.show(office.desk("call"))
    expect(page.get_by_role("group", name="CRM lookup")).to_be_visible()
    return page


def pasted(page: Page) -> str:
    """Return what is in the clipboard, pasted into an empty field of a page."""
    page.set_content("<textarea></textarea>")
    page.locator("textarea").focus()
    page.keyboard.press("Control+v")
    return page.locator("textarea").input_value()


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_keyboard_opens_the_link_in_a_window_that_knows_nothing_of_the_adapter(
    adapter: Page, context: BrowserContext, watch: Watch, key: str
) -> None:
    context.route("http://127.0.0.1:9/**", lambda route: route.fulfill(body="found", content_type="text/html"))
    adapter.get_by_role("heading", name="Felix Leiter").focus()
    adapter.keyboard.press("Tab")
    while adapter.evaluate("document.activeElement.textContent") != "Open in new browser window":
        adapter.keyboard.press("Tab")
    with context.expect_page() as opening:
        adapter.keyboard.press(key)
    opened = opening.value
    opened.wait_for_load_state()
    assert opened.url == URL
    assert opened.evaluate("[window.opener, document.referrer]") == [None, ""]
    assert watch.problems == []


def test_the_link_is_copied_and_the_focus_stays(adapter: Page, context: BrowserContext, watch: Watch) -> None:
    button = adapter.get_by_role("button", name="Copy link")
    button.focus()
    adapter.keyboard.press("Enter")
    expect(adapter.locator("#announcer")).to_have_text("Link copied")
    expect(adapter.get_by_text("Copied", exact=True)).to_be_visible()
    expect(button).to_be_focused()
    assert pasted(context.new_page()) == URL
    assert watch.problems == []


def test_the_link_is_copied_in_a_frame_that_may_not_use_the_clipboard(
    page: Page,
    context: BrowserContext,
    url: str,
    services: PageServices,
    serve: Callable[[Flask], int],
    script: Script,
    office: Office,
) -> None:
    crm = f"http://localhost:{serve(embedder_app(url))}"
    document = SETTINGS.model_dump() | {"embedding": {"allowed_origins": [crm]}}
    services.settings.settings = office.settings.settings = Settings.model_validate(document)
    page.goto(crm)
    frame = page.frame("call")
    assert frame
    sign_in_as_agent(frame)
    wait_until(page, lambda: len(script.ops("hello")) == 2, "both adapters connected")
    office.call(type="voice_inbound_ivr")
    html = fragments.regions(office.desk("call"))
    for socket in script.sockets:
        socket.send(json.dumps({"op": "regions", "html": html}))
    frame.get_by_role("button", name="Copy link").click()
    expect(frame.locator("#announcer")).to_have_text("Link copied")
    denied = frame.evaluate("navigator.clipboard.writeText('x').then(() => '', ({ name }) => name)")
    assert denied == "NotAllowedError"
    assert pasted(context.new_page()) == URL


def test_a_browser_that_copies_nothing_is_told(adapter: Page) -> None:
    adapter.evaluate("""() => {
        document.execCommand = () => false;
        navigator.clipboard.writeText = () => Promise.reject(new DOMException('', 'NotAllowedError'));
    }""")
    adapter.get_by_role("button", name="Copy link").click()
    expect(adapter.get_by_role("alert")).to_contain_text("Open it instead.")


def test_clicks_that_nobody_made_open_and_copy_nothing(adapter: Page, context: BrowserContext) -> None:
    adapter.evaluate("document.querySelectorAll('[data-lookup] button').forEach((button) => button.click())")
    expect(adapter.get_by_text("Copied", exact=True)).to_be_hidden()
    assert len(context.pages) == 1
