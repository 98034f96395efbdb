"""Free text takes its own direction, and turns nothing around that stands beside it."""

import pytest
from playwright.sync_api import Page, expect

from host.settings.document.budgets import Budgets
from host.settings.document.model import Settings
from tests.adapter_pages.browser import Script
from tests.adapter_pages.conftest import Office
from tests.reading_order import NASTY, out_of_order

HEBREW = "\u05e9\u05dc\u05d5\u05dd, 12!"
ENGLISH = "Hello, \u05e9\u05dc\u05d5\u05dd"


def test_no_name_nor_value_turns_the_adapters_own_words_around(adapter: Page, office: Office, script: Script) -> None:
    for text in NASTY:
        session_id = office.answered(text, custom_data={text: text, "seat": f"{text} 4"})
        office.write(session_id, f"{text} and so on\nsecond line")
        offered = office.start(text, email="ada@example.com", phone="+12223334444")
        script.show(office.desk())
        expect(adapter.locator(f"#offer-{offered}")).to_be_visible()
        expect(adapter.locator(f"#chat-{session_id} .line")).to_have_count(1)
        assert out_of_order(adapter) == [], ascii(text)
        office.chats.end(session_id, by="end_user")
        office.chats.end(offered, by="end_user")
        script.show(office.desk())
        expect(adapter.locator(f"#chat-{session_id}")).to_contain_text(" ended the chat")
        assert out_of_order(adapter) == [], ascii(text)
        office.actions.wrap_ups.finish(session_id, office.agent_id, None, None)
        script.show(office.desk())
        expect(adapter.locator(f"#chat-{session_id}")).to_have_count(0)


@pytest.mark.parametrize(("text", "direction"), [(HEBREW, "rtl"), (ENGLISH, "ltr"), ("12 + 3", "ltr")])
def test_a_message_is_read_in_its_own_direction(
    adapter: Page, office: Office, script: Script, text: str, direction: str
) -> None:
    session_id = office.answered()
    office.write(session_id, text)
    script.show(office.desk())
    expect(adapter.locator(".line-text")).to_have_css("direction", direction)
    field = adapter.get_by_role("textbox", name="Message")
    field.fill(text)
    expect(field).to_have_css("direction", direction)
    script.answers = False
    adapter.keyboard.press("Enter")
    expect(adapter.locator(".is-pending .line-text")).to_have_css("direction", direction)


def test_nothing_turns_the_consumers_page_around(page: Page, url: str, office: Office) -> None:
    Script(page, "/consumer/socket")
    office.settings.settings = Settings(budgets=Budgets(chats_per_browser=len(NASTY)))
    for text in NASTY:
        office.rename(text)
        page.goto(f"{url}/consumer/")
        page.get_by_role("textbox", name="Name").fill(text)
        page.get_by_role("button", name="Start chat").click()
        expect(page.get_by_text("Connecting you")).to_be_visible()
        (offer,) = office.desk().offers
        session_id = offer.about.session_id
        office.offers.answer(session_id, office.agent_id)
        office.write(session_id, f"{text} and so on")
        office.say(session_id, f"{text} 12")
        page.reload()
        expect(page.get_by_text("· online")).to_be_visible()
        expect(page.locator(".line")).to_have_count(2)
        assert out_of_order(page) == [], ascii(text)
        office.chats.end(session_id, by="agent")
        page.reload()
        page.get_by_role("button", name="New chat").click()
        expect(page.get_by_role("button", name="Start chat")).to_be_visible()
