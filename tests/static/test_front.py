"""The CRM area follows the session in front; the record of an offer is loaded before the answer."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.static.conftest import Place, Watch
from tests.static.test_airlock import adapter, open_shell, post
from tests.static.test_records import TARGET, record, shown


def desk(page: Page, front: str | None, names: dict[str, str], kind: str = "chat", **more: Any) -> None:
    """Tell the shell what an adapter of ours has on its desk."""
    detail = {"adapter": kind, "offers": 0, "unread": 0, "open": len(names), "front": front, "names": names, **more}
    page.evaluate("detail => document.dispatchEvent(new CustomEvent('patchbay:desk', { detail }))", detail)


def pop_for(page: Page, chat_id: int, url: str, *, account_id: int = 1, record_id: int | None = None) -> None:
    data = {"recordUrl": url, "chat_id": chat_id, "account_id": account_id, "record_id": record_id}
    post(adapter(page), {"type": "CRM_Record_Pop", "data": data})


TWO = {"1": "Felix Leiter", "2": "Slower Person"}


def test_the_record_of_the_chat_in_front_shows(shell: Page, place: Place, watch: Watch) -> None:
    open_shell(shell, place)
    desk(shell, "1", TWO)
    expect(shell.get_by_role("heading", name="Looking up Felix Leiter…")).to_be_visible()
    pop_for(shell, 1, f"{place.crm}/records/41", record_id=41)
    expect(shown(shell)).to_have_text("Felix Leiter · #41")
    desk(shell, "2", TWO)
    expect(shell.get_by_role("heading", name="Looking up Slower Person…")).to_be_visible()
    expect(shown(shell)).to_have_count(0)
    pop_for(shell, 2, f"{place.crm}/records/42", record_id=42)
    expect(shown(shell)).to_have_text("Slower Person · #42")
    desk(shell, "1", TWO)
    expect(shown(shell)).to_have_text("Felix Leiter · #41")
    panel = shell.get_by_role("tabpanel", name="Felix Leiter · #41")
    expect(panel.frame_locator("iframe").get_by_role("heading")).to_have_text("records/41")
    assert watch.problems == []


def test_a_pop_of_another_chat_waits_behind_the_one_in_front(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    desk(shell, "1", TWO)
    pop_for(shell, 1, f"{place.crm}/records/41")
    expect(shown(shell)).to_have_text("Felix Leiter")
    panel = shell.get_by_role("tabpanel", name="Felix Leiter").frame_locator("iframe")
    panel.get_by_role("heading").evaluate("heading => { heading.textContent = 'as it was' }")
    pop_for(shell, 2, f"{place.crm}/records/42")
    expect(shell.get_by_role("tab")).to_have_count(2)
    expect(shown(shell)).to_have_text("Felix Leiter")
    expect(panel.get_by_role("heading")).to_have_text("as it was")
    expect(record(shell).get_by_role("heading", include_hidden=True)).to_have_text("records/42")
    expect(shell.locator(f'iframe[name="{TARGET}"]')).to_have_count(1)


def test_a_call_comes_to_the_front_and_its_wrap_up_gives_way_to_the_chat(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    desk(shell, "1", TWO)
    pop_for(shell, 1, f"{place.crm}/records/41")
    desk(shell, "9", {"9": "Caller"}, "call")
    expect(shell.get_by_role("heading", name="Looking up Caller…")).to_be_visible()
    desk(shell, None, {}, "call")
    expect(shown(shell)).to_have_text("Felix Leiter")


def test_an_adapter_that_gets_the_focus_brings_its_session_to_the_front(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    desk(shell, "1", TWO)
    pop_for(shell, 1, f"{place.crm}/records/41")
    desk(shell, "9", {"9": "Caller"}, "call")
    expect(shell.get_by_role("heading", name="Looking up Caller…")).to_be_visible()
    shell.locator('iframe[name="chat_adapter"]').focus()
    expect(shown(shell)).to_have_text("Felix Leiter")


def test_what_is_wrong_with_the_crm_stands_where_the_record_would(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    desk(shell, "1", TWO, problems={"1": "The CRM does not answer."})
    expect(shell.get_by_role("heading", name="No record of Felix Leiter")).to_be_visible()
    expect(shell.locator("#crm-empty")).to_contain_text("The CRM does not answer.")


def test_an_untouched_record_goes_with_its_session_and_a_touched_one_stays(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    desk(shell, "1", TWO)
    pop_for(shell, 1, f"{place.crm}/records/41")
    record(shell).get_by_label("Note").fill("unsaved")
    desk(shell, "2", TWO)
    pop_for(shell, 2, f"{place.crm}/records/42")
    expect(record(shell).get_by_role("heading")).to_have_text("records/42")
    desk(shell, None, {})
    expect(shell.get_by_role("tab")).to_have_text(["Felix Leiter"])
    desk(shell, "1", {"1": "Felix Leiter"})
    expect(shown(shell)).to_have_text("Felix Leiter")
    kept = shell.get_by_role("tabpanel", name="Felix Leiter").frame_locator("iframe")
    expect(kept.get_by_label("Note")).to_have_value("unsaved")


def test_a_record_that_the_agent_closed_can_be_opened_again(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    desk(shell, "1", TWO)
    pop_for(shell, 1, f"{place.crm}/records/41")
    pop_for(shell, 2, f"{place.crm}/records/42")
    shell.locator(".shell-tab").filter(has_text="Felix").locator(".shell-tab-close").click()
    expect(shell.get_by_role("heading", name="You closed the record of Felix Leiter")).to_be_visible()
    shell.get_by_role("button", name="Open the record").click()
    expect(shown(shell)).to_have_text("Felix Leiter")


def test_a_record_of_another_account_now_is_loaded_anew(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    desk(shell, "1", TWO)
    pop_for(shell, 1, f"{place.crm}/records/41", account_id=9)
    expect(record(shell).get_by_role("heading")).to_have_text("records/41")
    pop_for(shell, 1, f"{place.crm}/records/41", account_id=8)
    shell.wait_for_function("() => window.bus && true")
    expect(record(shell).get_by_role("heading")).to_have_text("records/41")
    assert place.loaded.count("records/41") == 2


def test_a_changed_record_that_was_touched_is_offered_anew(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    desk(shell, "1", TWO)
    pop_for(shell, 1, f"{place.crm}/records/41", account_id=9)
    note = record(shell).get_by_label("Note")
    note.fill("unsaved")
    pop_for(shell, 1, f"{place.crm}/records/41", account_id=8)
    expect(shell.get_by_text("This record belongs to another account now.")).to_be_visible()
    expect(note).to_have_value("unsaved")
    shell.get_by_role("button", name="Reload").click()
    expect(note).to_have_value("")


OFFER = {"3": "Next Person"}


def offer(page: Page, place: Place, number: int = 43) -> None:
    desk(page, None, OFFER, records={"3": f"{place.crm}/records/{number}"}, offers=1)


def waiting(page: Page) -> Any:
    return page.locator(".shell-record.is-waiting iframe")


def test_an_offered_record_is_loaded_once_and_shown_at_the_answer(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    offer(shell, place)
    offer(shell, place)
    expect(waiting(shell).content_frame.get_by_role("heading", include_hidden=True)).to_have_text("records/43")
    expect(shell.get_by_role("tab")).to_have_count(0)
    desk(shell, "3", OFFER)
    expect(shown(shell)).to_have_text("Next Person", timeout=500)
    pop_for(shell, 3, f"{place.crm}/records/43", record_id=43)
    expect(shown(shell)).to_have_text("Next Person · #43")
    expect(record(shell).get_by_role("heading")).to_have_text("records/43")
    assert place.loaded == ["records/43"]
    expect(shell.locator(f'iframe[name="{TARGET}"]')).to_have_count(1)


def test_a_declined_offer_throws_its_record_away(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    offer(shell, place)
    expect(waiting(shell)).to_have_count(1)
    desk(shell, None, {})
    expect(waiting(shell)).to_have_count(0)


def test_a_crm_that_refuses_frames_is_asked_once_and_nothing_is_loaded(shell: Page, place: Place) -> None:
    place.refusal = "localhost forbids it (X-Frame-Options)"
    open_shell(shell, place)
    offer(shell, place, 43)
    offer(shell, place, 44)
    shell.wait_for_load_state("networkidle")
    assert (place.checks, place.loaded) == (1, [])


def test_nothing_is_loaded_before_the_answer_when_the_settings_say_so(shell: Page, place: Place) -> None:
    place.preload = "off"
    open_shell(shell, place)
    offer(shell, place)
    shell.wait_for_load_state("networkidle")
    assert (place.checks, place.loaded) == (0, [])


def test_a_crm_that_does_not_answer_the_check_is_not_asked_for_a_page(shell: Page, place: Place) -> None:
    place.answers_checks = False
    open_shell(shell, place)
    offer(shell, place)
    shell.wait_for_load_state("networkidle")
    assert place.loaded == []
