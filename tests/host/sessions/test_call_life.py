"""The life of a call: offer, answer, hold, mute, end, wrap-up."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from host.db.tables import claims, journal
from host.errors import FieldsError, NotAllowedError, TransitionError
from host.events import tabs
from host.orchestration.session_actions import SessionActions
from host.queues import tree
from host.sessions import participants, repository, wrap_up
from host.sessions.calls import NewCall
from host.sessions.chats import NewChat
from host.sessions.model import Session
from host.sessions.participants import Participant
from tests.host.world import World


@pytest.fixture
def call(world: World) -> int:
    """A connected call of James."""
    world.arrive(world.james, adapter="call")
    return answered(world)


def answered(world: World, **given: Any) -> int:
    session_id = start(world, **given)
    world.offers.answer(session_id, world.james)
    return session_id


def start(world: World, **given: Any) -> int:
    return world.calls.start(NewCall(**{"queue": "Developers / James", "phone": "+12223334444"} | given))[0].id


def get(world: World, session_id: int) -> Session:
    with world.database.read() as connection:
        return repository.get(connection, session_id)


def parties(world: World, session_id: int) -> list[Participant]:
    with world.database.read() as connection:
        return participants.of_session(connection, session_id)


def facts(world: World, session_id: int) -> list[str]:
    mine = (journal.c.session_id == session_id) & journal.c.seq.is_(None)
    with world.database.read() as connection:
        return list(connection.execute(select(journal.c.name).where(mine).order_by(journal.c.id)).scalars())


def tick(world: World, seconds: float) -> None:
    world.clock.forward(timedelta(seconds=seconds))
    with world.database.write() as connection:
        tabs.keep_alive(connection, "process", world.clock.now())
        world.actions.run_timers(connection, world.clock.now())
        world.route(connection, world.clock.now())


def test_is_offered_answered_and_connected(world: World) -> None:
    world.arrive(world.james, adapter="call")
    session_id = start(world)
    assert get(world, session_id).offered_to == world.james
    session = world.offers.answer(session_id, world.james)
    assert (session.status, session.agent_id, session.connected_at) == ("connected", world.james, world.clock.now())
    assert [(each.type, each.status) for each in parties(world, session_id)] == [
        ("end_user", "connected"),
        ("agent", "connected"),
    ]
    assert world.events(world.james) == ["New_Call", "Agent_Connects_to_Session"]
    assert world.status(world.james) == "In-call"


def test_answering_again_changes_nothing(world: World, call: int) -> None:
    world.offers.answer(call, world.james)
    assert world.events(world.james) == ["New_Call", "Agent_Connects_to_Session"]
    assert world.outbox.told.count(("connected", call)) == 1


def test_an_agent_has_one_call_and_chats_beside_it(world: World, call: int) -> None:
    assert get(world, start(world)).offered_to is None
    world.arrive(world.james)
    with world.database.write() as connection:
        world.actions.route(connection, world.clock.now())
    chat, _ = world.chats.start(NewChat(queue="Developers / James"))
    assert get(world, chat.id).offered_to == world.james


def test_an_offer_walks_through_the_agents(world: World) -> None:
    for agent in (world.james, world.eve):
        world.arrive(agent, adapter="call")
    session_id = start(world)
    acknowledge(world, session_id)
    tick(world, 20)
    assert (get(world, session_id).offered_to, world.status(world.james)) == (world.eve, "Missed Call")
    world.offers.decline(session_id, world.eve)
    assert get(world, session_id).status == "queued"
    tick(world, 20)
    assert get(world, session_id).offered_to == world.eve


def acknowledge(world: World, session_id: int) -> None:
    """Let the adapter say that it shows the offer."""
    with world.database.write() as connection:
        connection.execute(claims.update().where(claims.c.session_id == session_id).values(acked_at=world.clock.now()))


def test_hold_and_mute_are_noted_once(world: World, call: int) -> None:
    controls = world.actions.controls
    for _ in range(2):
        controls.hold(call, world.james)
        controls.set_muted(call, world.james, muted=True)
    consumer, agent = parties(world, call)
    assert (consumer.is_on_hold, agent.is_muted) == (True, True)
    for _ in range(2):
        controls.resume(call, world.james)
        controls.set_muted(call, world.james, muted=False)
    consumer, agent = parties(world, call)
    assert (consumer.is_on_hold, agent.is_muted) == (False, False)
    assert [name for name in facts(world, call) if name in {"held", "unheld", "muted", "unmuted"}] == [
        "held",
        "muted",
        "unheld",
        "unmuted",
    ]


def test_the_recording_is_paused_and_resumed(world: World, call: int) -> None:
    world.actions.controls.set_recording_paused(call, world.james, paused=True)
    assert get(world, call).details["is_recording_paused"]
    world.actions.controls.set_recording_paused(call, world.james, paused=False)
    assert not get(world, call).details["is_recording_paused"]


def test_keypad_digits_are_checked_and_kept_nowhere(world: World, call: int) -> None:
    before = facts(world, call)
    world.actions.controls.send_digits(call, world.james, "4242#")
    assert facts(world, call) == before
    with pytest.raises(FieldsError, match="digits"):
        world.actions.controls.send_digits(call, world.james, "12a")


def test_an_ended_call_is_wrapped_up(world: World, call: int) -> None:
    world.clock.forward(timedelta(seconds=90))
    ended = world.calls.end(call, by="agent", agent_id=world.james)
    assert (ended.status, ended.fail_reason, ended.disconnected_by) == ("finished", "nothing", "agent")
    assert world.events(world.james)[-1] == "End_Call"
    assert world.status(world.james) == "Wrap-up"
    assert get(world, start(world)).offered_to is None
    world.actions.wrap_ups.finish(call, world.james, None, "Called about an order")
    assert world.status(world.james) == "Available"
    assert [name for name, id in world.outbox.told if id == call][-3:] == ["disposition:1", "wrap_up:1", "start_now"]


def test_a_disposition_is_one_of_the_queues(world: World, call: int) -> None:
    with world.database.write() as connection:
        tree.upsert(connection, ("Developers", "James"), settings={"dispositions": ["Solved", "Follow-up"]})
    world.calls.end(call, by="end_user")
    with pytest.raises(FieldsError, match="disposition: found 'Closed'; allowed: Solved, Follow-up"):
        world.actions.wrap_ups.finish(call, world.james, "Closed", "")
    world.actions.wrap_ups.save(call, world.james, "Solved", "So far")
    tick(world, 60)
    with world.database.read() as connection:
        kept = wrap_up.newest(connection, call, world.james)
    assert kept is not None
    assert (kept.disposition, kept.notes, kept.finished_at) == ("Solved", "So far", world.clock.now())
    assert world.status(world.james) == "Available"


def test_without_wrap_up_time_the_agent_is_available_at_once(world: World, call: int) -> None:
    with world.database.write() as connection:
        tree.upsert(connection, ("Developers", "James"), settings={"max_wrap_up_s": 0})
    world.calls.end(call, by="end_user")
    assert world.status(world.james) == "Available"


def test_a_consumer_who_hangs_up_while_it_rings_has_left(world: World) -> None:
    world.arrive(world.james, adapter="call")
    session_id = start(world)
    ended = world.calls.end(session_id, by="end_user")
    assert (ended.status, ended.fail_reason, ended.offered_to) == ("failed", "eu_abandoned", None)
    assert parties(world, session_id)[0].fail_reason == "eu_abandoned"
    assert world.events(world.james) == []


def test_an_agent_dials(world: World) -> None:
    world.arrive(world.james, adapter="call")
    new = NewCall(type="voice_outbound", phone="+12223334444", idempotency_key="dial:1:x", request_hash="x")
    session = world.calls.dial(world.james, new)
    assert (session.status, session.agent_id, session.type) == ("connected", world.james, "voice_outbound")
    assert world.events(world.james) == ["New_Call", "Agent_Connects_to_Session"]
    assert world.calls.dial(world.james, new).id == session.id
    with pytest.raises(TransitionError, match="in a call already"):
        world.calls.dial(world.james, NewCall(type="voice_outbound", phone="+12223334445"))


ACTS = {
    "hold": lambda actions, call, agent: actions.controls.hold(call, agent),
    "resume": lambda actions, call, agent: actions.controls.resume(call, agent),
    "mute": lambda actions, call, agent: actions.controls.set_muted(call, agent, muted=True),
    "pause": lambda actions, call, agent: actions.controls.set_recording_paused(call, agent, paused=True),
    "keypad": lambda actions, call, agent: actions.controls.send_digits(call, agent, "1"),
    "answer": lambda actions, call, agent: actions.offers.answer(call, agent),
    "end": lambda actions, call, agent: actions.calls.end(call, by="agent", agent_id=agent),
    "add": lambda actions, call, agent: actions.controls.add_party(call, agent, agent_id=None, phone="+12223334445"),
    "wrap up": lambda actions, call, agent: actions.wrap_ups.finish(call, agent, None, ""),
}


@pytest.mark.parametrize("act", sorted(ACTS))
def test_another_agent_has_no_say(world: World, call: int, act: str) -> None:
    with pytest.raises(NotAllowedError):
        ACTS[act](world.actions, call, world.eve)


def test_what_carries_the_audio_reports_the_connection(world: World) -> None:
    voice = SlowVoice()
    world.actions = SessionActions.build(world.database, world.clock, world.outbox, voice=voice)
    world.arrive(world.james, adapter="call")
    session_id = start(world)
    assert world.actions.offers.answer(session_id, world.james).status == "connecting"
    assert voice.followed == [session_id]
    for _ in range(2):
        world.actions.calls.on_connected(session_id)
    assert get(world, session_id).status == "connected"
    assert {each.status for each in parties(world, session_id)} == {"connected"}


class SlowVoice:
    """Reports the connection later."""

    connects_at_once = False

    def __init__(self) -> None:
        self.followed: list[int] = []

    def follow(self, call_id: int) -> None:
        self.followed.append(call_id)

    def send_digits(self, call_id: int, digits: str) -> None: ...
