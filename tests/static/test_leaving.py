"""No click in a record's page takes the shell away, and a page with open sessions around it isn't left unasked."""

import pytest
from playwright.sync_api import Dialog, FrameLocator, Page, expect

from tests.static.conftest import Place
from tests.static.test_airlock import adapter, open_shell, pop
from tests.static.test_records import record

TELL = "detail => parent.document.dispatchEvent(new CustomEvent('patchbay:desk', { detail }))"


def busy(page: Page, place: Place) -> FrameLocator:
    open_shell(page, place)
    pop(page, f"{place.crm}/busy")
    expect(record(page).get_by_role("button", name="Send")).to_be_visible()
    return record(page)


def desk(page: Page, open_sessions: int) -> None:
    adapter(page).evaluate(TELL, {"adapter": "chat", "offers": 0, "unread": 0, "open": open_sessions})


def is_the_shell(page: Page, place: Place) -> bool:
    return page.url == f"{place.shell}/shell/"


@pytest.mark.parametrize(("role", "name"), [("link", "Leave"), ("button", "Take over")])
def test_a_click_in_the_record_cannot_take_the_shell_away(shell: Page, place: Place, role: str, name: str) -> None:
    frame = busy(shell, place)
    refused: list[str] = []
    shell.on("console", lambda message: refused.append(message.text))
    frame.get_by_role(role, name=name).click()  # type: ignore[arg-type]
    frame.get_by_role("button", name="Work").click()  # one after the other: by then it has been refused
    assert any("sandboxed" in each for each in refused), refused
    assert is_the_shell(shell, place)


def test_the_records_page_works_in_its_frame(shell: Page, place: Place) -> None:
    frame = busy(shell, place)
    inner = shell.frame(name="target_iframe_adapter")
    assert inner
    frame.get_by_role("button", name="Work").click()
    assert inner.evaluate("document.title") == f"as {place.crm}"
    shell.once("dialog", lambda dialog: dialog.accept())
    frame.get_by_role("button", name="Ask").click()
    assert inner.evaluate("document.title") == "said true"
    with shell.expect_download() as download:
        frame.get_by_role("link", name="Export").click()
    assert download.value.suggested_filename == "all.csv"
    with shell.context.expect_page() as opened:
        frame.get_by_role("link", name="Window").click()
    assert opened.value.evaluate("() => { localStorage.kept = 'yes'; return origin; }") == place.crm
    frame.get_by_role("button", name="Send").click()
    expect(frame.get_by_role("heading")).to_have_text("sent")


def test_while_a_session_is_open_the_browser_asks_before_it_leaves(shell: Page, place: Place) -> None:
    place.sandbox_frames = False  # as for a CRM whose pages don't work in a sandbox
    frame = busy(shell, place)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    shell.on("dialog", stay)
    desk(shell, 1)
    frame.get_by_role("link", name="Leave").click(no_wait_after=True)
    frame.get_by_role("button", name="Work").click()
    assert asked == ["beforeunload"]
    assert is_the_shell(shell, place)

    desk(shell, 0)
    frame.get_by_role("link", name="Leave").click()
    shell.wait_for_url(f"{place.crm}/elsewhere")
    assert asked == ["beforeunload"]
