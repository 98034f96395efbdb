"""Keyboard shortcuts of the adapters, and messages that nobody has looked at in the page's title."""

from playwright.sync_api import Page, expect

from tests.adapter_pages.browser import Script, Watch, wait_until
from tests.adapter_pages.conftest import Office


def test_keys_go_to_chats_and_to_the_message(adapter: Page, office: Office, script: Script, watch: Watch) -> None:
    one, two = office.answered("Ada"), office.answered("Grace")
    script.show(office.desk())
    adapter.locator(f"#chat-{two}-text").focus()
    adapter.keyboard.press("Alt+Digit1")
    expect(adapter.locator(f"#chat-{one}-tab")).to_have_attribute("aria-selected", "true")
    wait_until(adapter, lambda: bool(script.acts("focus")), "focus sent")
    assert script.acts("focus")[0]["args"] == {"session_id": one}
    adapter.keyboard.press("Alt+m")
    expect(adapter.locator(f"#chat-{one}-text")).to_be_focused()
    adapter.keyboard.press("Alt+Digit9")
    assert len(script.acts("focus")) == 1
    assert watch.problems == []


def test_a_question_mark_lists_the_shortcuts_but_is_text_in_fields(
    adapter: Page, office: Office, script: Script
) -> None:
    session_id = office.answered("Ada")
    script.show(office.desk())
    field = adapter.locator(f"#chat-{session_id}-text")
    field.press_sequentially("Why?")
    expect(field).to_have_value("Why?")
    dialog = adapter.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_hidden()
    adapter.locator(f"#chat-{session_id}-tab").press("?")
    expect(dialog).to_be_visible()
    adapter.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    adapter.get_by_role("button", name="Keyboard shortcuts").click()
    expect(dialog).to_be_visible()


def test_unseen_messages_stand_in_the_title_until_somebody_looks(adapter: Page, office: Office, script: Script) -> None:
    one, _two = office.answered("Ada"), office.answered("Grace")
    script.show(office.desk())
    title = adapter.title()
    adapter.wait_for_timeout(400)  # what comes right after connecting is no news
    for text in ("Hello", "Where is my order?"):
        office.write(one, text)
    script.show(office.desk())
    expect(adapter).to_have_title("(2) Ada: Where is my order?")
    adapter.locator(f"#chat-{one}-tab").click()
    expect(adapter).to_have_title(title)
