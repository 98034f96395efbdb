"""The event log: what it says to those who read, copy or hear it, whatever the events carry."""

import re
from urllib.parse import quote

from playwright.sync_api import Page, expect

from tests.reading_order import NASTY, out_of_order
from tests.static.conftest import Place
from tests.static.test_airlock import CHAT, adapter, open_shell, pop, post


def test_a_line_that_is_copied_or_heard_has_a_blank_after_the_time(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    post(adapter(shell), {"type": "New_Chat", "data": CHAT})
    log = shell.get_by_role("log", name="Events")
    expect(log).to_contain_text("New_Chat: chat 73522")
    copied = log.evaluate("log => { getSelection().selectAllChildren(log); return getSelection().toString(); }")
    assert re.fullmatch(r"\d+:\d\d:\d\d\s([AP]M\s)?New_Chat: chat 73522\s*", copied)
    assert re.search(r"\d\s([AP]M\s)?New_Chat", log.text_content() or "")


def test_no_text_of_an_event_turns_the_shells_own_words_around(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    for number, text in enumerate(NASTY):
        event = {"type": "New_Chat", "data": {**CHAT, "chat_id": number, "queue_path": text}}
        post(adapter(shell), event)
        pop(shell, f"{place.crm}/records/{quote(text)}")
        shell.evaluate("text => window.bus.notify(text)", f"{text} waits")
        expect(shell.get_by_role("log", name="Events")).to_contain_text(f"chat {number}, {text}")
        expect(shell.get_by_role("tab")).to_have_count(number + 1)
        assert out_of_order(shell) == [], ascii(text)


def test_a_records_tab_is_read_in_its_own_direction(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    pop(shell, f"{place.crm}/\u05d0\u05d3\u05d4/12")
    expect(shell.get_by_role("tab")).to_have_css("direction", "rtl")
    pop(shell, f"{place.crm}/records/12")
    expect(shell.get_by_role("tab", selected=True)).to_have_css("direction", "ltr")
