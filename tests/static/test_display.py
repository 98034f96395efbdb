"""The tab with the CRM's own page: there from the start, never taken by a pop, and explained where it can't show."""

from playwright.sync_api import Page, expect

from tests.static.conftest import Place, Watch
from tests.static.test_airlock import open_shell, pop
from tests.static.test_records import TARGET, named, record, restore, shown


def test_the_crm_shows_before_anything_pops(shell: Page, place: Place, watch: Watch) -> None:
    place.display = f"{place.crm}/home"
    open_shell(shell, place)
    expect(shown(shell)).to_have_text("Starter CRM")
    page = shell.frame_locator('iframe[title="Starter CRM"]')
    expect(page.get_by_role("heading")).to_have_text("home")
    assert len(named(shell)) == 1
    expect(shell.get_by_role("link", name="Open in new tab")).to_have_attribute("href", place.display)
    for name in ("Pin tab", "Close tab"):
        expect(shell.get_by_role("button", name=name)).to_be_hidden()
    assert watch.problems == []


def test_pops_open_beside_it_even_the_same_page(shell: Page, place: Place) -> None:
    place.display = f"{place.crm}/home"
    open_shell(shell, place)
    expect(shown(shell)).to_have_text("Starter CRM")
    shell.frame_locator('iframe[title="Starter CRM"]').get_by_label("Note").fill("unsaved")
    pop(shell, f"{place.crm}/records/41")
    expect(record(shell).get_by_role("heading")).to_have_text("records/41")
    pop(shell, place.display)
    expect(record(shell).get_by_role("heading")).to_have_text("home")
    expect(shell.get_by_role("tab")).to_have_text(["Starter CRM", "records 41", "home"])
    expect(shell.locator(f'iframe[name="{TARGET}"]')).to_have_count(1)
    shell.get_by_role("tab", name="Starter CRM").click()
    kept = shell.frame_locator('iframe[title="Starter CRM"]')
    expect(kept.get_by_label("Note")).to_have_value("unsaved")


def test_it_is_not_closed_and_the_name_goes_back_to_an_empty_frame(shell: Page, place: Place) -> None:
    place.display = f"{place.crm}/home"
    open_shell(shell, place)
    pop(shell, f"{place.crm}/records/41")
    expect(shown(shell)).to_have_text("records 41")
    shell.get_by_role("tab", name="records 41").press("Delete")
    expect(shown(shell)).to_have_text("Starter CRM")
    expect(shell.get_by_role("tab", name="Starter CRM")).to_be_focused()
    shell.keyboard.press("Delete")
    expect(shell.get_by_role("tab")).to_have_text(["Starter CRM"])
    expect(shell.locator(f'iframe[name="{TARGET}"]')).to_have_count(1)
    pop(shell, f"{place.crm}/records/42")
    expect(record(shell).get_by_role("heading")).to_have_text("records/42")
    assert len(named(shell)) == 1


def test_a_record_of_before_the_reload_comes_to_the_front(shell: Page, place: Place) -> None:
    place.display = f"{place.crm}/home"
    open_shell(shell, place)
    restore(shell, f"{place.crm}/records/41")
    expect(shown(shell)).to_have_text("records 41")
    expect(shell.get_by_role("tab")).to_have_text(["Starter CRM", "records 41"])


def test_a_page_that_cannot_be_framed_is_offered_in_a_new_window(shell: Page, place: Place) -> None:
    place.display, place.refusal = f"{place.crm}/home", "localhost forbids it (X-Frame-Options)"
    open_shell(shell, place)
    panel = shell.get_by_role("tabpanel", name="Starter CRM")
    expect(panel).to_contain_text("This page doesn't show in a frame")
    expect(panel).to_contain_text("localhost forbids it (X-Frame-Options)")
    with shell.context.expect_page() as opening:
        panel.get_by_role("button", name="Open in new tab").click()
    assert opening.value.url == place.display


def test_without_an_address_the_reason_is_there(shell: Page, place: Place) -> None:
    place.display, place.no_display = "", "The CRM's page can't be shown: {AGENT_CUSTOM_ID} has no value."
    open_shell(shell, place)
    panel = shell.get_by_role("tabpanel", name="Starter CRM")
    expect(panel).to_have_text(place.no_display)
    expect(shell.get_by_role("link", name="Open in new tab")).to_be_hidden()
    assert panel.locator("iframe").count() == 0
