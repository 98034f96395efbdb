"""Several processes do things to the same calls at once: each happens once, on both databases."""

import random
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from host.db.engine import advisory_lock
from host.db.tables import participants as parties
from host.db.tables import sessions
from host.errors import HostError
from host.events import journal as journal_of
from host.orchestration.agents import Agents
from host.sessions.calls import NewCall
from host.sessions.outbox import ROUTING
from host.sessions.transfers import Target
from tests.host.sessions.test_races import ROUNDS, Process, at_once, facts, processes
from tests.host.world import World

__all__ = ["processes"]


@pytest.fixture
def call(world: World) -> int:
    """A connected call of James; Eve is available."""
    world.arrive(world.james, adapter="call")
    session_id = start(world)
    world.offers.answer(session_id, world.james)
    world.arrive(world.eve, adapter="call")
    return session_id


def start(world: World) -> int:
    return world.calls.start(NewCall(queue="Developers / James"))[0].id


def statuses(world: World, session_id: int) -> list[str]:
    with world.database.read() as connection:
        mine = select(parties.c.status).where(parties.c.session_id == session_id).order_by(parties.c.id)
        return list(connection.execute(mine).scalars())


def test_a_call_is_answered_once(world: World, processes: list[Process]) -> None:
    world.arrive(world.james, adapter="call")
    session_id = start(world)
    at_once([partial(each.offers.answer, session_id, world.james) for each in processes])
    assert statuses(world, session_id) == ["connected", "connected"]
    assert world.events(world.james) == ["New_Call", "Agent_Connects_to_Session"]


def test_a_call_ends_once_and_is_wrapped_up_once(world: World, processes: list[Process], call: int) -> None:
    at_once([partial(each.actions.calls.end, call, by="agent", agent_id=world.james) for each in processes])
    assert world.events(world.james).count("End_Call") == 1
    assert facts(world, "wrap_up_started") == {call: 1}
    at_once([partial(each.actions.wrap_ups.finish, call, world.james, None, "x") for each in processes])
    assert facts(world, "wrapped_up") == {call: 1}


def test_a_call_is_transferred_or_ended(world: World, processes: list[Process], call: int) -> None:
    """Whatever comes first: the call is in one place, and nobody is told twice."""
    target = Target("agent", world.eve)

    def transfer(own: Process) -> None:
        with suppress(HostError):
            own.actions.transfers.transfer(call, world.james, target, is_warm=False)

    ends = [partial(each.actions.calls.end, call, by="end_user") for each in processes[:2]]
    at_once([*ends, *(partial(transfer, each) for each in processes[2:])])
    assert world.events(world.james).count("End_Call") + world.events(world.james).count("Transfer") == 1
    assert facts(world, "wrap_up_started") == {call: 1}
    assert set(statuses(world, call)) <= {"finished", "failed"}


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # SQLite has one writer
def test_whatever_happens_to_calls_at_once_nothing_gets_stuck(world: World, processes: list[Process]) -> None:
    for agent_id in (world.james, world.eve):
        world.arrive(agent_id, adapter="call")
    agents = [Agents(each.database, world.clock, "process", each.actions) for each in processes]

    def busy(number: int) -> None:
        dice, own = random.Random(number), processes[number]
        me, other = [(world.james, world.eve), (world.eve, world.james)][number % 2]
        for _ in range(ROUNDS):
            call, _ = own.actions.calls.start(NewCall(queue="Developers / James"))
            calls = [call.id, max(call.id - dice.randrange(4), 1)]
            for session_id in calls:
                acts: list[Callable[[], Any]] = [
                    partial(own.offers.answer, session_id, me),
                    partial(own.offers.answer, session_id, me),
                    partial(own.offers.decline, session_id, me),
                    partial(own.actions.controls.hold, session_id, me),
                    partial(own.actions.controls.resume, session_id, me),
                    partial(own.actions.transfers.transfer, session_id, me, Target("agent", other), is_warm=True),
                    partial(own.actions.transfers.transfer, session_id, me, Target("agent", other), is_warm=False),
                    partial(own.actions.controls.add_party, session_id, me, agent_id=other, phone=None),
                    partial(own.actions.calls.end, session_id, by="end_user"),
                    partial(own.actions.calls.end, session_id, by="agent", agent_id=me),
                    partial(own.actions.wrap_ups.finish, session_id, me, None, ""),
                    partial(agents[number].set_status, me, dice.choice(("Available", "Break"))),
                    partial(_keep_time, own, world),
                ]
                for act in dice.choices(acts, k=6):
                    with suppress(HostError):
                        act()

    at_once([partial(busy, number) for number in range(len(processes))])
    for agent_id in (world.james, world.eve):
        with world.database.read() as connection:
            numbers = [entry.seq for entry in journal_of.since(connection, agent_id, "call", 0)]
        assert numbers == list(range(1, len(numbers) + 1))
    with world.database.read() as connection:
        ended = select(sessions.c.id).where(sessions.c.ends_at.is_not(None))
        still_open = parties.c.session_id.in_(ended) & parties.c.status.in_(("invited", "connecting", "connected"))
        assert connection.execute(select(parties.c.id).where(still_open)).all() == []


def _keep_time(own: Process, world: World) -> None:
    with own.database.write() as connection:
        advisory_lock(connection, ROUTING)
        own.actions.run_timers(connection, world.clock.now())
        own.actions.route(connection, world.clock.now())
