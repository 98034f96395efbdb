"""The shell, which agents keep open."""

import json
from typing import Any

from playwright.sync_api import FrameLocator, Locator, Page, expect

from e2e.pages.call_adapter import CallAdapter
from e2e.pages.chat_adapter import ChatAdapter
from e2e.pages.sign_in import SignInPage
from e2e.waiting import eventually

# RelatedFacts the page's own listener: notes what the adapters post, so that a story can read the payloads.
OVERHEAR = """
if (window === top) {
  window.overheard = [];
  addEventListener("message", (event) => { if (typeof event.data === "string") overheard.push(event.data); });
}
"""


class ShellPage:
    """The shell with the chat adapter and the record that popped."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.add_init_script(OVERHEAR)
        self.chat = ChatAdapter(page.frame_locator('iframe[name="chat_adapter"]'))
        self.call = CallAdapter(page.frame_locator('iframe[name="call_adapter"]'))
        self.log = page.get_by_role("log", name="Events")

    def sign_in(self, email: str) -> None:
        """Sign in at the front page, and come to the shell."""
        self.page.goto("/shell/")
        SignInPage(self.page).sign_in(email)
        self.page.wait_for_url("**/shell/")
        expect(self.chat.status).to_be_visible()

    @property
    def record(self) -> FrameLocator:
        """The frame of the record that popped last."""
        return self.page.frame_locator('iframe[name="target_iframe_adapter"]')

    def expect_record_of(self, name: str, phone: str) -> str:
        """See the record of exactly this person; returns its heading: `Record 12: ...`."""
        frame = self.record
        expect(frame.get_by_role("heading", level=1)).to_contain_text("Record ")
        expect(frame.get_by_role("definition").filter(has_text=name)).to_have_count(1)
        expect(frame.get_by_role("definition").filter(has_text=phone)).to_have_count(1)
        return frame.get_by_role("heading", level=1).inner_text()

    def log_entries(self, event_type: str) -> Locator:
        """Return the lines of the event log about one type."""
        return self.log.locator(".shell-entry").filter(has_text=event_type)

    def events(self, event_type: str, *, at_least: int = 1) -> list[dict[str, Any]]:
        """Return what the adapters posted since the page was loaded, of one type."""

        def look() -> list[dict[str, Any]]:
            messages = [json.loads(text) for text in self.page.evaluate("overheard")]
            found = [message for message in messages if message["type"] == event_type]
            return found if len(found) >= at_least else []

        return eventually(look, what=f"{at_least} x {event_type}")
