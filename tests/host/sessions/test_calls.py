from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from host.db.tables import journal
from host.errors import FieldsError, RepeatedKeyError
from host.queues import tree
from host.sessions import durations, repository
from host.sessions.calls import Calls, NewCall
from host.sessions.chats import NewChat
from host.sessions.model import Session
from tests.host.world import World


@pytest.fixture
def calls(world: World) -> Calls:
    return world.calls


def new_call(**given: Any) -> NewCall:
    return NewCall(**{"queue": "Developers / James", "name": "James Bond", "phone": "+12223334444"} | given)


def facts(world: World, session: Session) -> list[str]:
    with world.database.read() as connection:
        mine = select(journal.c.name).where(journal.c.session_id == session.id).order_by(journal.c.id)
        return list(connection.execute(mine).scalars())


def move(world: World, session: Session, action: str, **changes: Any) -> Session:
    with world.database.write() as connection:
        return repository.move(connection, session, action, now=world.clock.now(), changes=changes)


def test_starts_in_the_queue_and_makes_the_account_and_record_due(world: World, calls: Calls) -> None:
    session, is_new = calls.start(new_call())
    assert is_new
    assert (session.channel, session.type, session.status) == ("call", "voice_inbound_api", "queued")
    assert session.queued_at == world.clock.now()
    assert world.outbox.told == [("created", session.id), ("start_now", session.id)]


def test_calls_and_chats_share_one_sequence_of_ids(world: World, calls: Calls) -> None:
    ids = [calls.start(new_call())[0].id, world.chats.start(NewChat())[0].id, calls.start(new_call())[0].id]
    assert ids == [1, 2, 3]


@pytest.mark.parametrize(
    ("status", "by", "fail_reason"),
    [
        ("queued", "end_user", "eu_abandoned"),
        ("assigned", "end_user", "eu_abandoned"),
        ("connecting", "end_user", "eu_canceled"),
        ("queued", "agent", "ag_canceled"),
        ("queued", "system", "force_ended"),
    ],
)
def test_a_call_that_no_agent_took_has_failed(
    world: World, calls: Calls, status: str, by: str, fail_reason: str
) -> None:
    session, _ = calls.start(new_call())
    for action in {"queued": (), "assigned": ("offer",), "connecting": ("offer", "answer")}[status]:
        session = move(world, session, action)
    ended = calls.end(session.id, by=by)
    assert (ended.status, ended.fail_reason, ended.disconnected_by) == ("failed", fail_reason, by)
    assert ended.ends_at == world.clock.now()


def test_a_connected_call_finishes_well(world: World, calls: Calls) -> None:
    session, _ = calls.start(new_call())
    move(world, move(world, move(world, session, "offer"), "answer"), "connect", connected_at=world.clock.now())
    ended = calls.end(session.id, by="end_user")
    assert (ended.status, ended.fail_reason) == ("finished", "nothing")


def test_ending_twice_is_ending_once(world: World, calls: Calls) -> None:
    session, _ = calls.start(new_call())
    calls.end(session.id, by="end_user")
    again = calls.end(session.id, by="system")
    assert again.disconnected_by == "end_user"
    assert facts(world, session) == ["queued", "ended", "participant_failed"]
    assert world.outbox.told.count(("ended", session.id)) == 1


def test_a_scheduled_call_is_queued_when_it_is_due(world: World, calls: Calls) -> None:
    due = world.clock.now() + timedelta(hours=1)
    session, _ = calls.start(new_call(type="voice_scheduled_web", scheduled_at=due))
    assert (session.status, session.queued_at) == ("scheduled", None)
    with world.database.write() as connection:
        assert calls.queue_due(connection, due - timedelta(seconds=1)) == 0
        assert calls.queue_due(connection, due) == 1
        queued = repository.get(connection, session.id)
    assert (queued.status, queued.queued_at) == ("queued", due)
    assert facts(world, session) == ["scheduled", "queued"]


def test_a_scheduled_call_can_be_canceled(world: World, calls: Calls) -> None:
    session, _ = calls.start(new_call(scheduled_at=world.clock.now() + timedelta(hours=1)))
    assert calls.end(session.id, by="end_user").fail_reason == "eu_canceled"


def test_the_same_key_is_the_same_call(world: World, calls: Calls) -> None:
    first, _ = calls.start(new_call(idempotency_key="api:1", request_hash="a"))
    again, is_new = calls.start(new_call(idempotency_key="api:1", request_hash="a"))
    assert (again.id, is_new) == (first.id, False)
    assert world.outbox.told.count(("created", first.id)) == 1


def test_the_same_key_for_something_else_is_refused(calls: Calls) -> None:
    calls.start(new_call(idempotency_key="api:1", request_hash="a"))
    with pytest.raises(RepeatedKeyError) as refused:
        calls.start(new_call(idempotency_key="api:1", request_hash="b"))
    assert refused.value.http_status == 409


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"type": "messaging_web"}, "call_type"),
        ({"queue": "Nowhere"}, "queue"),
        ({"queue": None, "menu_id": 4711}, "menu_id"),
        ({"menu_id": 1}, "menu_id"),  # 1 is "Developers", above
        ({"agent_email": "nobody@example.com"}, "agent_email"),
    ],
)
def test_says_which_field_is_wrong(calls: Calls, given: dict[str, Any], field: str) -> None:
    with pytest.raises(FieldsError) as refused:
        calls.start(new_call(**given))
    assert list(refused.value.fields) == [field]


def test_a_queue_may_be_given_by_its_id_and_lends_its_language(world: World, calls: Calls) -> None:
    with world.database.write() as connection:
        queue = tree.upsert(connection, ("Vertrieb",), lang="de")
    session, _ = calls.start(new_call(queue=None, menu_id=queue.id))
    assert (session.queue_id, session.lang) == (queue.id, "de")


def test_durations_follow_from_what_is_written_down(world: World, calls: Calls) -> None:
    session, _ = calls.start(new_call())
    world.clock.forward(timedelta(seconds=12.9))
    assert durations.seconds(durations.wait(session, world.clock.now())) == 12
    assert durations.talk(session, world.clock.now()) is None
    move(world, move(world, session, "offer"), "answer")
    session = move(world, now_of(world, session), "connect", connected_at=world.clock.now())
    world.clock.forward(timedelta(minutes=61))
    ended = calls.end(session.id, by="agent")
    world.clock.forward(timedelta(days=1))
    assert durations.seconds(durations.wait(ended, world.clock.now())) == 12
    assert durations.seconds(durations.talk(ended, world.clock.now())) == 61 * 60


def now_of(world: World, session: Session) -> Session:
    with world.database.read() as connection:
        return repository.get(connection, session.id)


def test_a_call_that_was_never_queued_has_not_waited(world: World, calls: Calls) -> None:
    session, _ = calls.start(new_call(scheduled_at=world.clock.now() + timedelta(hours=1)))
    assert durations.seconds(durations.wait(session, world.clock.now())) is None
