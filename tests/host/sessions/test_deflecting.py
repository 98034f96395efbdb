from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from host.db.tables import journal
from host.orchestration.session_actions import SessionActions
from host.queues import tree
from host.sessions import repository
from host.sessions.calls import Calls, NewCall
from host.sessions.chats import NewChat
from host.sessions.model import Session
from tests.host.world import World

CLOSED: dict[str, Any] = {"business_hours": {}}


@pytest.fixture
def calls(world: World) -> Calls:
    return world.calls


def settle(world: World, **settings: Any) -> None:
    with world.database.write() as connection:
        tree.upsert(connection, ("Developers", "James"), settings=settings)


def start_chat(world: World, **given: Any) -> Session:
    return world.chats.start(NewChat(**{"queue": "Developers / James"} | given))[0]


def test_a_chat_after_hours_is_over_at_once(world: World) -> None:
    settle(world, **CLOSED)
    world.arrive(world.james)
    session = start_chat(world)
    assert (session.status, session.fail_reason, session.disconnected_by) == ("deflected", "after_hours", "system")
    assert session.ends_at == world.clock.now()
    assert session.details["deflection"] == "after_hours"
    assert world.outbox.told == [("created", session.id), ("ended", session.id), ("start_now", session.id)]
    with world.database.read() as connection:
        rows = connection.execute(select(journal.c.name, journal.c.data).where(journal.c.session_id == session.id))
        reasons = [(row.name, row.data.get("reason")) for row in rows]
    assert reasons == [("queued", None), ("ended", "after_hours"), ("participant_left", None)]


def test_a_call_after_hours_has_no_fail_reason(world: World, calls: Calls) -> None:
    settle(world, **CLOSED)
    session, _ = calls.start(NewCall(queue="Developers / James"))
    assert (session.status, session.fail_reason) == ("deflected", "nothing")


def test_the_hours_are_those_of_the_settings_time_zone(world: World) -> None:
    settle(world, business_hours={"fri": [["12:00", "12:30"]]})
    zone = ZoneInfo("Europe/Berlin")
    berlin = SessionActions.build(world.database, world.clock, world.outbox, zone=lambda: zone).chats
    new = NewChat(queue="Developers / James")
    assert berlin.start(new)[0].status == "queued"  # 10:00 UTC
    assert world.chats.start(new)[0].status == "deflected"


def test_a_full_queue_takes_nobody_else(world: World, calls: Calls) -> None:
    settle(world, max_waiting=2)
    assert [start_chat(world).status, calls.start(NewCall(queue="Developers / James"))[0].status] == ["queued"] * 2
    session = start_chat(world)
    assert (session.status, session.fail_reason, session.details["deflection"]) == (
        "deflected",
        "nothing",
        "over_capacity",
    )


def test_whoever_is_being_offered_to_an_agent_takes_no_place(world: World) -> None:
    settle(world, max_waiting=1)
    world.arrive(world.james)
    assert [start_chat(world).status for _ in range(5)] == ["queued", "queued", "queued", "queued", "deflected"]
    # `start` returns the row as it was inserted: the first three are offered to James


def test_the_same_key_is_the_same_deflected_chat(world: World) -> None:
    settle(world, **CLOSED)
    first = start_chat(world, idempotency_key="api:1")
    settle(world, business_hours=None)
    assert start_chat(world, idempotency_key="api:1") == first


def test_what_our_side_starts_is_not_deflected(world: World, calls: Calls) -> None:
    settle(world, **CLOSED)
    assert calls.start(NewCall(queue="Developers / James", type="voice_outbound"))[0].status == "queued"
    assert start_chat(world, type="messaging_outbound_sms").status == "queued"


def test_without_a_queue_nothing_is_closed(world: World) -> None:
    settle(world, **CLOSED)
    assert start_chat(world, queue=None).status == "queued"


def test_a_scheduled_call_is_judged_when_it_is_due(world: World, calls: Calls) -> None:
    settle(world, business_hours={"fri": [["10:00", "10:30"]]})
    now = world.clock.now()
    early, _ = calls.start(NewCall(queue="Developers / James", scheduled_at=now + timedelta(minutes=10)))
    late, _ = calls.start(NewCall(queue="Developers / James", scheduled_at=now + timedelta(minutes=40)))
    assert (early.status, late.status) == ("scheduled", "scheduled")
    with world.database.write() as connection:
        assert calls.queue_due(connection, now + timedelta(minutes=10)) == 1
        assert calls.queue_due(connection, now + timedelta(minutes=40)) == 1
        assert repository.get(connection, early.id).status == "queued"
        assert repository.get(connection, late.id).status == "deflected"
    assert ("ended", late.id) in world.outbox.told
