"""The call adapter's page: keyboard, focus, what is typed, and clicks that nobody made."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.adapter_pages.browser import Script, Watch, connected, sign_in_as_agent, wait_until
from tests.adapter_pages.conftest import Office
from tests.reading_order import NASTY, out_of_order

CALL = "/agent/?type=call&from=custom"


@pytest.fixture
def adapter(page: Page, context: BrowserContext, url: str, script: Script) -> Page:
    """The call adapter at its own size, signed in and connected."""
    page.set_viewport_size({"width": 290, "height": 600})
    page.goto(url + CALL)
    sign_in_as_agent(page)
    connected(page)
    return page


def show(office: Office, script: Script) -> None:
    script.show(office.desk("call"))


def test_alt_a_answers_and_the_focus_goes_to_the_call(
    adapter: Page, office: Office, script: Script, watch: Watch
) -> None:
    adapter.get_by_role("textbox", name="Phone number").focus()
    session_id = office.call(answered=False)
    show(office, script)
    expect(adapter.get_by_role("button", name="Answer")).to_be_visible()
    adapter.keyboard.press("Alt+a")
    wait_until(adapter, lambda: bool(script.acts("answer")), "answer sent")
    assert script.acts("answer")[0]["args"] == {"session_id": session_id}
    office.offers.answer(session_id, office.agent_id)
    show(office, script)
    expect(adapter.get_by_role("heading", name="Felix Leiter")).to_be_focused()
    assert watch.problems == []


def test_the_focus_stays_on_a_button_that_changes_its_name(adapter: Page, office: Office, script: Script) -> None:
    session_id = office.call()
    show(office, script)
    adapter.get_by_role("button", name="Hold").click()
    wait_until(adapter, lambda: bool(script.acts("hold")), "hold sent")
    office.actions.controls.hold(session_id, office.agent_id)
    show(office, script)
    expect(adapter.get_by_role("button", name="Resume", exact=True)).to_be_focused()
    expect(adapter.locator("#announcer")).to_have_text("On hold: Felix Leiter")


def test_notes_that_are_typed_survive_updates_and_are_saved(adapter: Page, office: Office, script: Script) -> None:
    session_id = office.call()
    office.actions.calls.end(session_id, by="end_user")
    show(office, script)
    expect(adapter.locator("#announcer")).to_have_text("Felix Leiter ended the call. Wrap-up begins.")
    notes = adapter.get_by_role("textbox", name="Notes")
    notes.fill("He asked abou")
    wait_until(adapter, lambda: bool(script.acts("wrap_up_draft")), "saved")
    assert script.acts("wrap_up_draft")[0]["args"]["notes"] == "He asked abou"
    office.actions.wrap_ups.save(session_id, office.agent_id, None, "from another tab")
    show(office, script)
    expect(notes).to_have_value("He asked abou")
    expect(notes).to_be_focused()
    adapter.keyboard.type("t it")
    adapter.get_by_role("button", name="Done, Break").click()
    wait_until(adapter, lambda: bool(script.acts("wrap_up")), "finished")
    expected = {"session_id": session_id, "disposition": "", "notes": "He asked about it", "status": "Break"}
    assert script.acts("wrap_up")[0]["args"] == expected


def test_clicks_that_nobody_made_do_nothing(adapter: Page, office: Office, script: Script) -> None:
    office.call()
    show(office, script)
    adapter.evaluate("document.querySelectorAll('[data-act]:not([data-act=why])').forEach((button) => button.click())")
    adapter.get_by_role("button", name="Keypad").click()
    adapter.evaluate("document.querySelector('[data-digit]').click()")
    adapter.evaluate("document.querySelector('dialog[open]').dispatchEvent(new KeyboardEvent('keydown', { key: '7' }))")
    adapter.keyboard.press("5")
    wait_until(adapter, lambda: bool(script.acts("keypad")), "one key sent")
    acts = [(act["name"], act["args"].get("digits")) for act in script.ops("act")]
    assert acts == [("keypad", "5")]


def test_no_name_turns_the_call_adapters_words_around(adapter: Page, office: Office, script: Script) -> None:
    for number, text in enumerate(NASTY):
        phone = f"+122233344{number:02}"
        session_id = office.call(answered=False, name=text, phone=phone, custom_data={text: text})
        show(office, script)
        expect(adapter.locator(".offer")).to_be_visible()
        assert out_of_order(adapter) == [], ascii(text)
        office.offers.answer(session_id, office.agent_id)
        show(office, script)
        expect(adapter.locator("#call-name")).to_be_visible()
        assert out_of_order(adapter) == [], ascii(text)
        office.actions.calls.end(session_id, by="end_user")
        show(office, script)
        expect(adapter.locator(".call-ended")).to_be_visible()
        assert out_of_order(adapter) == [], ascii(text)
        office.actions.wrap_ups.finish(session_id, office.agent_id, None, None)
