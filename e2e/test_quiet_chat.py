"""A chat goes quiet, is dismissed, goes on, and is rated at its end."""

from playwright.sync_api import expect

from e2e.pages.consumer import ConsumerPage
from e2e.pages.shell import ShellPage

NAME = "Honey Ryder"


def test_a_dismissed_chat_goes_on_and_is_rated(shell: ShellPage, consumer: ConsumerPage) -> None:
    consumer.start_chat(NAME, "+12125550177", "honey@example.com")
    shell.chat.answer()
    consumer.send("What are you looking for?")
    expect(shell.chat.lines()).to_have_text(["What are you looking for?"])
    shell.chat.send("Shells.")
    expect(shell.chat.frame.get_by_text("Seen", exact=True)).to_be_visible()

    shell.chat.frame.get_by_role("button", name="Dismiss").click()
    expect(consumer.page.get_by_text("This chat is paused. Write to go on.")).to_be_visible()
    expect(shell.chat.frame.get_by_role("button", name="Resume chat")).to_be_visible()
    expect(shell.log_entries("Dismissed_Chat").first).to_be_attached()

    consumer.send("No, I'm just looking.")
    expect(shell.chat.lines().last).to_have_text("No, I'm just looking.")
    expect(shell.chat.frame.get_by_role("button", name="Dismiss")).to_be_visible()
    expect(consumer.page.get_by_text("online")).to_be_visible()

    consumer.end_button.click()
    page = consumer.page
    page.get_by_role("radiogroup", name="Rating").get_by_role("radio", name="5").check(force=True)
    page.get_by_role("textbox", name="Feedback").fill("Lovely beach")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Thank you for your feedback.")).to_be_visible()
    page.get_by_role("button", name="New chat").click()
    expect(page.get_by_role("textbox", name="Name")).to_have_value(NAME)
