"""The browser asks before it leaves an adapter with open chats; pages of other companies it leaves unasked."""

from playwright.sync_api import Dialog, Page, expect

from tests.adapter_pages.browser import CHAT, Script, Site, connected, loaded, sign_in_as_agent, wait_until
from tests.adapter_pages.conftest import Office


def leave(page: Page) -> None:
    """Go away by script, as a link would."""
    page.evaluate("() => { setTimeout(() => location.assign('/consumer/')); }")


def test_an_adapter_of_its_own_asks_while_chats_are_open(adapter: Page, office: Office, script: Script) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    adapter.on("dialog", stay)
    session_id = office.answered("Ada Lovelace")
    script.show(office.desk())
    adapter.get_by_role("tab", name="Ada Lovelace").click()
    leave(adapter)
    wait_until(adapter, lambda: asked == ["beforeunload"], "asked")
    office.chats.end(session_id, by="end_user")
    script.show(office.desk())
    expect(adapter.get_by_role("tab", description="ended")).to_be_visible()
    leave(adapter)
    adapter.wait_for_url("**/consumer/")
    assert asked == ["beforeunload"]


def test_a_foreign_page_around_the_adapter_is_left_unasked(
    page: Page, site: Site, office: Office, script: Script
) -> None:
    asked: list[str] = []
    page.on("dialog", lambda dialog: asked.append(dialog.type))
    site.markup = f'<iframe name="chat" src="{site.host}{CHAT}" width="450" height="590"></iframe>'
    page.goto(site.url)
    frame = loaded(page, "chat")
    sign_in_as_agent(frame)
    connected(frame)
    office.answered("Ada Lovelace")
    script.show(office.desk())
    frame.get_by_role("tab", name="Ada Lovelace").click()
    page.goto(f"{site.url}/empty")
    assert asked == []
