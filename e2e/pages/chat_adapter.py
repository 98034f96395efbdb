"""The chat adapter, in its frame."""

import re

from playwright.sync_api import FrameLocator, Locator, expect


class ChatAdapter:
    """What an agent does in the chat adapter; the chat in front is meant."""

    def __init__(self, frame: FrameLocator) -> None:
        self.frame = frame
        self.status = frame.get_by_role("combobox", name="Status")
        self.answer_button = frame.get_by_role("button", name="Answer")
        self.conversation = frame.get_by_role("log", name="Conversation")
        self.message = frame.get_by_role("textbox", name="Message")
        self.send_button = frame.get_by_role("button", name="Send")
        self.end_button = frame.get_by_role("button", name="End chat")
        self.finish_button = frame.get_by_role("button", name="Finish wrap-up")
        self.account = frame.get_by_role("group", name="Account")
        self.record = frame.get_by_role("group", name="Record")
        self.open_account = frame.get_by_role("link", name="Open account")
        self.open_record = frame.get_by_role("link", name="Open record")

    def set_status(self, status: str) -> None:
        """Choose a status."""
        self.status.select_option(status)
        expect(self.status.locator("option:checked")).to_have_text(status)

    def answer(self) -> None:
        """Answer the offer."""
        expect(self.answer_button).to_be_visible()
        self.answer_button.click()
        expect(self.message).to_be_visible()

    def tab(self, consumer: str) -> Locator:
        """Return the tab of a consumer's chat."""
        return self.frame.get_by_role("tab", name=consumer)

    def send(self, text: str) -> None:
        """Write to the consumer, and see it in the conversation."""
        self.message.fill(text)
        self.send_button.click()
        expect(self.lines().last).to_have_text(text)

    def lines(self) -> Locator:
        """Return the texts of the conversation, oldest first."""
        return self.conversation.locator(".line-text")

    def end(self) -> None:
        """End the chat, and its wrap-up."""
        self.end_button.click()
        self.finish_wrap_up()

    def finish_wrap_up(self) -> None:
        """Finish the wrap-up of the chat in front."""
        self.finish_button.click()
        expect(self.finish_button).to_be_hidden()

    def expect_crm_trouble(self) -> None:
        """See in words that something is wrong with the CRM."""
        expect(self.account.or_(self.record).first).to_have_text(re.compile("CRM", re.IGNORECASE))
