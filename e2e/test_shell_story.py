"""The shell around a chat: what an agent finds after a reload, and hears while the page is in the background."""

from playwright.sync_api import expect

from e2e.pages.consumer import ConsumerPage
from e2e.pages.shell import ShellPage
from e2e.product import Product


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

    shell.chat.end_button.click()
    expect(shell.chat.finish_button).to_be_visible()
    shell.page.reload()
    assert shell.expect_record_of("Felix Leiter", "+12125550181") == heading
    shell.chat.finish_wrap_up()


def test_an_offer_shows_on_the_toggle_of_a_hidden_adapter_and_in_the_title(
    shell: ShellPage, consumer: ConsumerPage
) -> None:
    toggle = shell.page.get_by_role("button", name="Chats")
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


HIGH_ENOUGH_PX = 400


def test_on_a_laptop_the_conversation_has_room(shell: ShellPage, consumer: ConsumerPage) -> None:
    shell.page.set_viewport_size({"width": 1280, "height": 800})
    consumer.start_chat("Felix Leiter", "+12125550183", "felix@example.com")
    shell.chat.answer()
    shell.expect_record_of("Felix Leiter", "+12125550183")
    consumer.send("one")
    shell.chat.send("two")
    expect(shell.chat.frame.get_by_text("Seen")).to_be_visible()
    box = shell.chat.conversation.bounding_box()
    assert box is not None
    assert box["height"] >= HIGH_ENOUGH_PX
    expect(shell.call.phone_number).to_be_in_viewport(ratio=1)
    shell.chat.end()


def test_the_record_follows_the_chat_in_front(shell: ShellPage, consumer: ConsumerPage, product: Product) -> None:
    consumer.start_chat("Felix Leiter", "+12125550184")
    shell.chat.answer()
    felix = shell.expect_record_of("Felix Leiter", "+12125550184")
    product.start_chat(queue="Developers / James", end_user={"name": "Vesper Lynd", "phone": "+12125550185"})
    shell.chat.answer()
    tabs = shell.page.get_by_role("tablist", name="CRM")
    expect(tabs.get_by_role("tab", selected=True)).to_contain_text("Vesper Lynd")
    shell.expect_record_of("Vesper Lynd", "+12125550185")

    shell.chat.tab("Felix Leiter").click()
    expect(tabs.get_by_role("tab", selected=True)).to_contain_text("Felix Leiter")
    panel = shell.page.get_by_role("tabpanel", name="Felix Leiter").frame_locator("iframe")
    expect(panel.get_by_role("heading", level=1)).to_have_text(felix)

    shell.chat.end()
    expect(tabs.get_by_role("tab")).to_have_count(1)
    expect(tabs.get_by_role("tab", selected=True)).to_contain_text("Vesper Lynd")
    shell.chat.end()
    expect(shell.page.get_by_role("heading", name="No record open")).to_be_visible()
