"""Chats that are started for an agent (`agent_email`): they are theirs while they are at work."""

from typing import Any

import pytest

from host.queues import tree
from host.routing import routing
from host.sessions.calls import NewCall
from host.sessions.chats import NewChat
from host.users import directory, status
from tests.host.queues.test_routing import offered_to, see, tick
from tests.host.world import World

JAMES, EVE = "agent@example.com", "agent2@example.com"


def start(world: World, agent_email: str | None = EVE, **given: Any) -> int:
    """An outbound chat; James has been idle longer than Eve."""
    new = {"type": "messaging_outbound_sms_api", "queue": "Developers / James", **given}
    return world.chats.start(NewChat(agent_email=agent_email, **new))[0].id


@pytest.fixture
def both(world: World) -> World:
    world.arrive(world.james)
    tick(world, 1)
    world.arrive(world.eve)
    return world


def become(world: World, agent_id: int, new: str) -> None:
    with world.database.write() as connection:
        status.set_status(connection, agent_id, new, world.clock.now(), by_system=True)
        world.route(connection, world.clock.now())


@pytest.mark.parametrize(
    "kind", ["messaging_outbound_sms", "messaging_outbound_sms_api", "messaging_web", "messaging_whatsapp"]
)
def test_the_named_agent_gets_it_however_long_others_were_idle(both: World, kind: str) -> None:
    assert offered_to(both, start(both, type=kind)) == both.eve
    assert offered_to(both, start(both, None, type=kind)) == both.james


@pytest.mark.parametrize("queue", ["Sales / Orders", None])
def test_the_named_agent_need_not_be_in_the_queue(both: World, queue: str | None) -> None:
    with both.database.write() as connection:
        sales = tree.upsert(connection, ("Sales", "Orders"))
        tree.set_agents(connection, sales.id, [both.james])
    assert offered_to(both, start(both, queue=queue)) == both.eve


def test_it_waits_while_the_named_agent_has_no_room(both: World) -> None:
    with both.database.write() as connection:
        directory.upsert(connection, EVE, name="Eve", roles=["agent"], max_chats=1)
    first, second = start(both), start(both)
    both.offers.answer(first, both.eve)
    tick(both, 300)
    assert offered_to(both, second) is None
    both.chats.end(first, by="end_user")
    assert offered_to(both, second) == both.eve


def wrap_up_a_call(world: World, agent_id: int) -> int:
    """Let an agent answer a call and end it; return its id."""
    world.arrive(agent_id, adapter="call")
    call, _ = world.calls.start(NewCall(queue="Developers / James", agent_email=EVE))
    world.offers.answer(call.id, agent_id)
    world.calls.end(call.id, by="end_user")
    return call.id


def test_it_waits_while_the_named_agent_wraps_up_a_call(both: World) -> None:
    call_id = wrap_up_a_call(both, both.eve)
    waiting = start(both)
    assert (both.status(both.eve), offered_to(both, waiting)) == ("Wrap-up", None)
    both.actions.wrap_ups.finish(call_id, both.eve, None, None)
    assert offered_to(both, waiting) == both.eve


@pytest.mark.parametrize("away", [status.BREAK, status.MEAL, status.UNAVAILABLE, status.OFFLINE, status.MISSED_CHAT])
def test_others_get_it_while_the_named_agent_is_not_at_work(both: World, away: str) -> None:
    become(both, both.eve, away)
    assert offered_to(both, start(both)) == both.james


def test_others_get_it_when_the_named_agent_has_no_adapter(world: World) -> None:
    world.arrive(world.james)
    assert offered_to(world, start(world)) == world.james


def test_others_get_it_once_the_named_agent_has_declined_it(both: World) -> None:
    session_id = start(both)
    both.offers.decline(session_id, both.eve)
    assert offered_to(both, session_id) == both.james


def test_others_get_it_once_the_named_agent_has_missed_it(both: World) -> None:
    session_id = start(both)
    see(both, session_id)
    tick(both, 20)
    assert offered_to(both, session_id) == both.james


def test_an_offer_that_no_adapter_showed_stays_with_the_named_agent(both: World) -> None:
    session_id = start(both)
    tick(both, 3)
    assert offered_to(both, session_id) is None
    tick(both, 3)
    assert offered_to(both, session_id) == both.eve


def test_it_holds_up_nobody_elses_chat(both: World) -> None:
    wrap_up_a_call(both, both.eve)
    theirs, anybodys = start(both), start(both, None)
    assert (offered_to(both, theirs), offered_to(both, anybodys)) == (None, both.james)


def test_more_of_them_than_one_look_holds_wait_behind_nobody(both: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "AT_A_TIME", 2)
    wrap_up_a_call(both, both.eve)
    for _ in range(5):
        start(both)
    assert offered_to(both, start(both, None)) == both.james
