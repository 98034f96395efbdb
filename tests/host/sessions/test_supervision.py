"""Supervisors join sessions and reassign stuck ones; virtual agents join."""

import pytest

from host.errors import FieldsError, TransitionError
from host.sessions.chats import NewChat
from host.sessions.transfers import Target
from host.sessions.virtual_agents import VirtualAgent
from host.users import directory
from tests.host.sessions.test_call_life import answered, get, parties, start
from tests.host.world import World


@pytest.fixture
def boss(world: World) -> int:
    """A supervisor; James and Eve have their call adapters open."""
    for agent in (world.james, world.eve):
        world.arrive(agent, adapter="call")
    with world.database.write() as connection:
        return directory.upsert(connection, "m@example.com", name="M", roles=["supervisor"]).id


def test_a_supervisor_joins_and_leaves(world: World, boss: int) -> None:
    call = answered(world)
    for _ in range(2):
        world.actions.supervision.join(call, boss)
    assert [(each.type, each.status) for each in parties(world, call)][-1] == ("manager", "connected")
    assert world.events(world.james).count("Add_Party") == 1
    world.actions.supervision.leave(call, boss)
    assert (parties(world, call)[-1].status, get(world, call).status) == ("finished", "connected")


def test_nobody_joins_what_no_agent_has(world: World, boss: int) -> None:
    call = start(world)
    with pytest.raises(TransitionError, match="cannot join"):
        world.actions.supervision.join(call, boss)


def test_a_stuck_call_goes_to_another_agent(world: World, boss: int) -> None:
    call = answered(world)
    world.actions.supervision.reassign(call, Target("agent", world.eve))
    assert (get(world, call).offered_to, world.status(world.james)) == (world.eve, "Available")
    world.offers.answer(call, world.eve)
    assert (get(world, call).status, get(world, call).agent_id) == ("connected", world.eve)


def test_a_ringing_call_goes_to_another_agent(world: World, boss: int) -> None:
    call = start(world)
    first = get(world, call).offered_to
    other = world.eve if first == world.james else world.james
    world.actions.supervision.reassign(call, Target("agent", other))
    assert get(world, call).offered_to == other


def test_reassigning_names_what_is_wrong(world: World, boss: int) -> None:
    call = answered(world)
    for target, words in ((Target("agent", 99), "one of our agents"), (Target("queue", 99), "number of a queue")):
        with pytest.raises(FieldsError, match=words):
            world.actions.supervision.reassign(call, target)
    assert get(world, call).status == "connected"
    world.calls.end(call, by="end_user")
    with pytest.raises(TransitionError):
        world.actions.supervision.reassign(call, Target("agent", world.eve))


@pytest.mark.parametrize("channel", ["call", "chat"])
def test_a_virtual_agent_joins_once(world: World, boss: int, channel: str) -> None:
    if channel == "call":
        session_id = answered(world)
    else:
        world.arrive(world.james)
        session_id = world.chats.start(NewChat(queue="Developers / James", agent_email="agent@example.com"))[0].id
        world.offers.answer(session_id, world.james)
    for _ in range(2):
        world.actions.virtual_agents.join(session_id, channel, VirtualAgent(7, "Q", conversation_id="c-1"))
    assert world.events(world.james).count("Task_VA_Joined") == 1
    assert [(each.type, each.name, each.external_id) for each in parties(world, session_id)][-1] == (
        "task_virtual_agent",
        "Q",
        "7",
    )
    assert get(world, session_id).details["virtual_agent_id"] == 7
