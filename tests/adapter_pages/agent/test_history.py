from datetime import timedelta

from playwright.sync_api import Page, expect

from adapter_pages.agent.history import EarlierSession
from host.queues import tree
from tests.adapter_pages.browser import Script
from tests.adapter_pages.conftest import Office

FELIX = {"email": "felix@example.com", "phone": "+12223334444"}


def earlier(office: Office) -> tuple[EarlierSession, ...]:
    [chat] = office.desk().chats
    return chat.earlier


def test_lists_the_same_persons_last_five_newest_first(office: Office) -> None:
    for _ in range(7):
        session_id = office.start("Felix", **FELIX)
        office.chats.end(session_id, by="end_user")
        office.later()
    office.answered("Felix", **FELIX)
    found = earlier(office)
    assert len(found) == 5
    assert found[0].at > found[-1].at
    assert {(each.channel, each.queue_path, each.outcome) for each in found} == {
        ("Chat", "Developers / James", "left while waiting")
    }


def test_knows_nothing_of_others_and_of_what_goes_on(office: Office) -> None:
    office.chats.end(office.start("Felix", email="felix@example.com"), by="end_user")
    office.chats.end(office.start("Anonymous"), by="end_user")
    office.start("Felix", **FELIX)
    session_id = office.start("Felix", **FELIX)
    office.offers.answer(session_id, office.agent_id)
    assert earlier(office) == ()


def test_says_how_each_ended(office: Office) -> None:
    session_id = office.answered("Felix", **FELIX)
    office.chats.end(session_id, by="agent", agent_id=office.agent_id)
    with office.database.write() as connection:
        tree.upsert(connection, ("Support", "Web"), settings={"business_hours": {}})
    office.start("Felix", queue="Support / Web", **FELIX)
    office.answered("Felix", **FELIX)
    chat = office.desk().chats[-1]
    assert [each.outcome for each in chat.earlier] == ["queue was closed or full", "finished"]


def test_a_consumer_waits_from_their_last_message_to_the_answer(office: Office) -> None:
    session_id = office.answered("Ada")
    assert not office.desk().chats[0].is_waiting
    office.write(session_id, "Hello")
    assert office.desk().chats[0].is_waiting
    assert office.desk().chats[0].written_at == office.clock.now() - timedelta(seconds=1)
    office.say(session_id, "Hello")
    assert not office.desk().chats[0].is_waiting


def test_the_timers_run_and_change_colour(adapter: Page, office: Office, script: Script) -> None:
    office.write(office.answered("Ada"), "Hello")
    [chat] = office.desk().chats
    assert chat.written_at is not None
    script.now = chat.written_at + timedelta(seconds=57)
    adapter.clock.install(time=script.now)
    adapter.reload()
    expect(adapter.locator("body.is-connected")).to_be_attached()
    wait = adapter.locator(".chat-tab-times time").last
    adapter.clock.run_for(4_000)
    expect(wait).to_have_class("is-amber")
    adapter.clock.run_for(120_000)
    expect(wait).to_have_class("is-red")
    expect(adapter.get_by_role("tab", name="Ada", exact=True)).to_be_visible()
