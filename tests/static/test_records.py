"""The CRM's tabs: what pops, comes back, is kept, and which frame carries the name."""

from playwright.sync_api import Frame, FrameLocator, Locator, Page, expect

from tests.static.conftest import Place, Watch
from tests.static.test_airlock import adapter, open_shell, pop, post

TARGET = "target_iframe_adapter"


def restore(page: Page, url: str) -> None:
    meta = {"id": f"replayed {url}", "replayed": True}
    post(adapter(page), {"type": "CRM_Record_Pop", "data": {"recordUrl": url}, "meta": meta})


def record(page: Page) -> FrameLocator:
    return page.frame_locator(f'iframe[name="{TARGET}"]')


def shown(page: Page) -> Locator:
    return page.get_by_role("tab", selected=True)


def named(page: Page) -> list[Frame]:
    return [frame for frame in page.frames if frame.name == TARGET]


def test_a_replayed_pop_brings_the_tab_back_and_says_nothing(shell: Page, place: Place, watch: Watch) -> None:
    open_shell(shell, place)
    restore(shell, f"{place.crm}/records/41")
    restore(shell, f"{place.crm}/records/42")
    expect(shown(shell)).to_have_text("records 42")
    expect(shell.get_by_role("tab")).to_have_text(["records 41", "records 42"])
    expect(record(shell).get_by_role("heading")).to_have_text("records/42")
    expect(shell.get_by_role("log", name="Events").locator(".shell-entry")).to_have_count(0)
    expect(shell.locator("#notice")).to_have_text("")
    assert watch.problems == []


def test_a_replayed_pop_takes_the_place_of_nothing_that_popped_since(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    pop(shell, f"{place.crm}/records/42")
    restore(shell, f"{place.crm}/records/41")
    expect(shell.get_by_role("tab")).to_have_count(2)
    expect(shown(shell)).to_have_text("records 42")
    expect(record(shell).get_by_role("heading")).to_have_text("records/42")
    shell.get_by_role("tab", name="records 41").click()
    panel = shell.frame_locator('iframe[title="CRM record records 41"]')
    expect(panel.get_by_role("heading")).to_have_text("records/41")


def test_a_replayed_pop_that_has_a_tab_changes_nothing(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    pop(shell, f"{place.crm}/records/41")
    pop(shell, f"{place.crm}/records/42")
    expect(shown(shell)).to_have_text("records 42")
    restore(shell, f"{place.crm}/records/41")
    restore(shell, f"{place.crm}/records/43")  # comes after it
    expect(shell.get_by_role("tab")).to_have_count(3)
    expect(shown(shell)).to_have_text("records 42")


def test_a_frame_with_the_agents_work_stays_and_the_next_pop_opens_beside_it(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    pop(shell, f"{place.crm}/records/41")
    record(shell).get_by_label("Note").fill("unsaved")
    pop(shell, f"{place.crm}/records/42")
    expect(record(shell).get_by_role("heading")).to_have_text("records/42")
    pop(shell, f"{place.crm}/records/43")
    expect(record(shell).get_by_role("heading")).to_have_text("records/43")

    expect(shell.locator(f'iframe[name="{TARGET}"]')).to_have_count(1)
    assert len(named(shell)) == 1
    shell.get_by_role("tab", name="records 41").click()
    kept = shell.frame_locator('iframe[title="CRM record records 41"]')
    expect(kept.get_by_label("Note")).to_have_value("unsaved")


def test_the_name_is_free_again_once_the_frame_with_the_work_is_closed(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    pop(shell, f"{place.crm}/records/41")
    record(shell).get_by_label("Note").fill("unsaved")
    pop(shell, f"{place.crm}/records/42")
    shell.get_by_role("tab", name="records 41").click()
    shell.get_by_role("button", name="Close tab").click()
    pop(shell, f"{place.crm}/records/43")
    expect(record(shell).get_by_role("heading")).to_have_text("records/43")
    assert [frame.url for frame in named(shell)] == [f"{place.crm}/records/43"]


def test_a_pinned_record_is_never_loaded_anew_nor_dropped(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    pop(shell, f"{place.crm}/records/1")
    expect(record(shell).get_by_role("heading")).to_have_text("records/1")
    pin = shell.get_by_role("button", name="Pin tab")
    pin.click()
    expect(pin).to_have_attribute("aria-pressed", "true")
    record(shell).get_by_role("heading").evaluate("heading => { heading.textContent = 'as it was' }")
    for number in range(2, 20):
        pop(shell, f"{place.crm}/records/{number}")
    expect(shown(shell)).to_have_text("records 19")
    expect(shell.get_by_role("tab")).to_have_count(12)
    expect(pin).to_have_attribute("aria-pressed", "false")
    first = shell.get_by_role("tab", name="records 1", exact=True)
    expect(first).to_have_attribute("aria-description", "pinned")
    first.click()
    heading = shell.frame_locator('iframe[title="CRM record records 1"]').get_by_role("heading")
    expect(heading).to_have_text("as it was")


def test_a_page_that_cannot_be_framed_is_explained_and_opens_in_a_window(shell: Page, place: Place) -> None:
    place.refusal = "crm.example forbids it (X-Frame-Options)"
    open_shell(shell, place)
    pop(shell, f"{place.crm}/records/42")
    panel = shell.get_by_role("tabpanel", name="records 42")
    expect(panel).to_contain_text("crm.example forbids it (X-Frame-Options)")
    with shell.context.expect_page() as opened:
        panel.get_by_role("button", name="Open in new tab").click()
    window = opened.value
    window.wait_for_load_state()
    assert window.url == f"{place.crm}/records/42"
    assert window.evaluate("() => window.opener") is None
    panel.get_by_role("button", name="Show it here all the same").click()
    expect(record(shell).get_by_role("heading")).to_have_text("records/42")
