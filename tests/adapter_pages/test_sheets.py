"""The adapters' menu: queues, the agent's own sessions, and how many wait."""

from playwright.sync_api import Page, expect

from tests.adapter_pages.browser import Script, Watch
from tests.adapter_pages.conftest import Office


def choose(adapter: Page, name: str) -> None:
    adapter.locator("#menu summary").click()
    adapter.get_by_role("button", name=name, exact=True).click()


def test_an_agent_finds_a_chat_that_has_ended_and_reads_it(
    adapter: Page, office: Office, script: Script, watch: Watch
) -> None:
    ended, other = office.answered("Ada Lovelace"), office.answered("Grace Hopper")
    office.write(ended, "Where is it?")
    office.actions.notes.add(ended, office.agent_id, "Was kind", "note-1")
    office.chats.end(ended, by="end_user")
    choose(adapter, "Your sessions")
    dialog = adapter.get_by_role("dialog", name="Your sessions")
    expect(dialog.get_by_role("button", name=f"Chat {other}")).to_be_visible()
    adapter.keyboard.type("lovel")
    expect(dialog.get_by_role("button", name=f"Chat {other}")).to_be_hidden()
    dialog.get_by_role("button", name="Ada Lovelace").click()
    expect(dialog.get_by_text("Where is it?")).to_be_visible()
    expect(dialog.get_by_text("Was kind")).to_be_visible()
    dialog.get_by_role("button", name="Back").click()
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    assert watch.problems == []


def test_queues_show_who_waits_and_the_quiet_page_how_many(
    adapter: Page, office: Office, script: Script, watch: Watch
) -> None:
    with office.database.write() as connection:
        connection.exec_driver_sql("UPDATE pb_users SET status = 'Break'")
    office.start("Ada")
    script.show(office.desk())
    expect(adapter.get_by_text("You're on Break: no chats are offered to you.")).to_be_visible()
    expect(adapter.get_by_text("1 chat is waiting.")).to_be_visible()
    choose(adapter, "Queues")
    row = adapter.get_by_role("dialog", name="Queues").get_by_role("row", name="Developers / James")
    expect(row).to_contain_text("longest")
    assert watch.problems == []
