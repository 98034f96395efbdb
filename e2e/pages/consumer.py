"""The consumer's page."""

from playwright.sync_api import Locator, Page, expect


class ConsumerPage:
    """What a consumer does."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.conversation = page.get_by_role("log", name="Conversation")
        self.message = page.get_by_role("textbox", name="Message")
        self.send_button = page.get_by_role("button", name="Send")
        self.end_button = page.get_by_role("button", name="End chat")
        self.state = page.get_by_role("status").first

    def start_chat(self, name: str, phone: str, email: str = "", queue: str = "Developers / James") -> None:
        """Say who one is, and start a chat."""
        page = self.page
        page.goto("/consumer/")
        page.get_by_role("textbox", name="Name").fill(name)
        page.get_by_role("textbox", name="Phone").fill(phone)
        page.get_by_role("textbox", name="E-mail").fill(email)
        page.get_by_role("combobox", name="Queue").select_option(queue)
        page.get_by_role("button", name="Start chat").click()
        expect(self.message).to_be_visible()

    def send(self, text: str) -> None:
        """Write to the agent, and see it in the conversation."""
        self.message.fill(text)
        self.send_button.click()
        expect(self.lines().last).to_have_text(text)

    def lines(self) -> Locator:
        """Return the texts of the conversation, oldest first."""
        return self.conversation.locator(".line-text")
