"""The shell around a chat: what an agent finds after a reload, and hears while the page is in the background."""

from playwright.sync_api import expect

from e2e.pages.consumer import ConsumerPage
from e2e.pages.shell import ShellPage


def test_a_reload_brings_the_record_back_without_a_word(shell: ShellPage, consumer: ConsumerPage) -> None:
    consumer.start_chat("Felix Leiter", "+12125550181")
    shell.chat.answer()
    heading = shell.expect_record_of("Felix Leiter", "+12125550181")
    expect(shell.log_entries("CRM_Record_Pop")).to_have_count(1)

    shell.page.reload()

    assert shell.expect_record_of("Felix Leiter", "+12125550181") == heading
    expect(shell.page.get_by_role("tablist", name="CRM").get_by_role("tab")).to_have_count(1)
    [pop] = shell.events("CRM_Record_Pop")
    assert pop["meta"]["replayed"] is True
    expect(shell.log_entries("CRM_Record_Pop")).to_have_count(0)
    expect(shell.page.locator("#notice")).to_have_text("")
    shell.chat.end()


def test_an_offer_shows_on_the_toggle_of_a_hidden_adapter_and_in_the_title(
    shell: ShellPage, consumer: ConsumerPage
) -> None:
    toggle = shell.page.get_by_role("button", name="Chat adapter")
    toggle.click()
    consumer.start_chat("Felix Leiter", "+12125550182")
    expect(toggle).to_have_attribute("aria-description", "1 offer, 0 unread")
    expect(shell.page).to_have_title("(1) Offer waiting")

    toggle.click()
    shell.chat.answer()
    expect(shell.page).to_have_title("Patchbay")
    toggle.click()
    consumer.send("one")
    consumer.send("two")
    toggle.click()
    shell.chat.end()
