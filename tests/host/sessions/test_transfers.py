"""Transfers of calls and chats, cold and warm, and added parties."""

from datetime import timedelta
from typing import Any

import pytest

from host.errors import FieldsError, NotAllowedError
from host.queues import tree
from host.sessions import history, leaving, participants, repository, transfer_rows
from host.sessions.chats import NewChat
from host.sessions.transfers import Target
from tests.host.sessions.test_call_life import answered, get, parties, tick
from tests.host.world import World


@pytest.fixture
def floor(world: World) -> World:
    """James has a call; Eve is available, in a queue of her own too."""
    for agent in (world.james, world.eve):
        world.arrive(agent, adapter="call")
        world.arrive(agent)
    with world.database.write() as connection:
        tree.set_agents(connection, tree.upsert(connection, ("Sales", "Orders")).id, [world.eve])
        tree.upsert(connection, ("Support", "Web"))
    return world


def queue_id(world: World, *path: str) -> int:
    with world.database.read() as connection:
        found = tree.by_path(connection, " / ".join(path))
    assert found is not None
    return found.id


def transfers(world: World, session_id: int) -> list[transfer_rows.Transfer]:
    with world.database.read() as connection:
        return transfer_rows.of_sessions(connection, [session_id])[session_id]


def test_a_cold_transfer_to_a_queue_waits_there(floor: World) -> None:
    call = answered(floor)
    target = Target("queue", queue_id(floor, "Sales", "Orders"))
    floor.actions.transfers.transfer(call, floor.james, target, is_warm=False)
    session = get(floor, call)
    assert (session.status, session.queue_id, session.offered_to) == ("assigned", target.id, floor.eve)
    assert floor.status(floor.james) == "Wrap-up"
    assert floor.events(floor.james)[-1] == "Transfer"
    floor.offers.answer(call, floor.eve)
    assert get(floor, call).status == "connected"
    assert floor.events(floor.eve) == ["Transfer", "New_Call", "Agent_Connects_to_Session"]
    [transfer] = transfers(floor, call)
    assert (transfer.status, transfer.from_agent_id, transfer.to_agent_id) == ("finished", floor.james, floor.eve)
    assert floor.outbox.told.count((f"transfer:{transfer.id}", call)) == 1


def test_a_cold_transfer_to_an_agent_is_kept_for_them(floor: World) -> None:
    call = answered(floor)
    floor.actions.transfers.transfer(call, floor.james, Target("agent", floor.eve), is_warm=False)
    assert get(floor, call).offered_to == floor.eve
    floor.offers.decline(call, floor.eve)
    assert get(floor, call).kept_for is None


def test_a_warm_transfer_goes_over_when_it_is_answered(floor: World) -> None:
    call = answered(floor)
    floor.actions.transfers.transfer(call, floor.james, Target("agent", floor.eve), is_warm=True)
    assert get(floor, call).status == "connected"
    assert parties(floor, call)[0].is_on_hold
    floor.offers.answer(call, floor.eve)
    session = get(floor, call)
    assert (session.agent_id, parties(floor, call)[0].is_on_hold) == (floor.eve, False)
    assert floor.events(floor.james)[-1] == "Transfer"
    floor.calls.end(call, by="agent", agent_id=floor.james)
    assert (get(floor, call).status, floor.status(floor.james)) == ("connected", "Wrap-up")
    floor.calls.end(call, by="agent", agent_id=floor.eve)
    assert get(floor, call).status == "finished"


@pytest.mark.parametrize("channel", ["call", "chat"])
def test_a_warm_transfer_to_a_queue_puts_the_session_there_once_it_is_answered(floor: World, channel: str) -> None:
    session_id = answered(floor) if channel == "call" else floor.chats.start(NewChat(queue="Developers / James"))[0].id
    if channel == "chat":
        floor.offers.answer(session_id, floor.james)
    target = Target("queue", queue_id(floor, "Sales", "Orders"))
    floor.actions.transfers.transfer(session_id, floor.james, target, is_warm=True)
    assert get(floor, session_id).queue_id == queue_id(floor, "Developers", "James")
    floor.offers.answer(session_id, floor.eve)
    assert (get(floor, session_id).queue_id, get(floor, session_id).agent_id) == (target.id, floor.eve)
    with floor.database.write() as connection:
        session = repository.get(connection, session_id)
        leaving.take_away(connection, session, floor.eve, floor.clock.now(), "agent_gone")
        if channel == "call":  # James is still in it
            leaving.take_away(
                connection, repository.get(connection, session_id), floor.james, floor.clock.now(), "agent_gone"
            )
        waits = history.stays(
            repository.get(connection, session_id), history.of_sessions(connection, [session_id])[session_id]
        )
    assert [each.queue_id for each in waits] == [queue_id(floor, "Developers", "James"), target.id]


@pytest.mark.parametrize("how", ["declined", "missed", "canceled"])
def test_a_warm_transfer_that_is_refused_comes_back(floor: World, how: str) -> None:
    call = answered(floor)
    floor.actions.transfers.transfer(call, floor.james, Target("agent", floor.eve), is_warm=True)
    if how == "declined":
        floor.offers.decline(call, floor.eve)
    elif how == "missed":
        tick(floor, 20)
    else:
        floor.actions.transfers.cancel(call, floor.james)
    session = get(floor, call)
    assert (session.status, session.agent_id) == ("connected", floor.james)
    assert not parties(floor, call)[0].is_on_hold
    assert transfers(floor, call)[0].status == ("canceled" if how == "canceled" else "failed")
    with pytest.raises(NotAllowedError):
        floor.offers.answer(call, floor.eve)


def test_a_chat_is_transferred_as_well(floor: World) -> None:
    chat, _ = floor.chats.start(NewChat(queue="Developers / James"))
    floor.offers.answer(chat.id, floor.james)
    floor.actions.transfers.transfer(chat.id, floor.james, Target("agent", floor.eve), is_warm=True)
    floor.chats.say(chat.id, floor.james, "One moment", "x")
    floor.offers.answer(chat.id, floor.eve)
    assert get(floor, chat.id).agent_id == floor.eve
    with floor.database.read() as connection:
        assert participants.present_agents(connection, chat.id) == [floor.eve]
    with pytest.raises(NotAllowedError):
        floor.chats.say(chat.id, floor.james, "Hello?", "y")


def test_nobody_is_transferred_to_who_is_not_free(floor: World) -> None:
    call = answered(floor)
    with pytest.raises(FieldsError, match="is in this call already"):
        floor.actions.transfers.transfer(call, floor.james, Target("agent", floor.james), is_warm=False)
    with pytest.raises(FieldsError, match="it must be one of our agents"):
        floor.actions.transfers.transfer(call, floor.james, Target("agent", 99), is_warm=False)
    with pytest.raises(FieldsError, match="it must be the number of a queue"):
        floor.actions.transfers.transfer(call, floor.james, Target("queue", 99), is_warm=False)
    with pytest.raises(NotAllowedError):
        floor.actions.transfers.transfer(call, floor.eve, Target("agent", floor.james), is_warm=False)


@pytest.mark.parametrize(
    ("settings", "words"), [({"business_hours": {}}, "is closed now"), ({"max_waiting": 1}, "is full")]
)
def test_nothing_is_transferred_to_a_closed_or_full_queue(floor: World, settings: dict[str, Any], words: str) -> None:
    floor.chats.start(NewChat(queue="Support / Web"))
    with floor.database.write() as connection:
        tree.upsert(connection, ("Support", "Web"), settings=settings)
    call = answered(floor)
    target = Target("queue", queue_id(floor, "Support", "Web"))
    with pytest.raises(FieldsError, match=words):
        floor.actions.transfers.transfer(call, floor.james, target, is_warm=False)
    assert get(floor, call).status == "connected"


def test_an_added_agent_joins_and_leaves(floor: World) -> None:
    call = answered(floor)
    floor.actions.controls.add_party(call, floor.james, agent_id=floor.eve, phone=None)
    floor.offers.answer(call, floor.eve)
    assert floor.events(floor.eve) == ["New_Call", "Agent_Connects_to_Session", "Add_Party"]
    assert floor.events(floor.james)[-1] == "Add_Party"
    floor.calls.end(call, by="agent", agent_id=floor.eve)
    assert (get(floor, call).status, get(floor, call).agent_id) == ("connected", floor.james)


def test_a_phone_number_is_added_and_removed(floor: World) -> None:
    call = answered(floor)
    for _ in range(2):
        floor.actions.controls.add_party(call, floor.james, agent_id=None, phone="+12223334445")
    added = parties(floor, call)[-1]
    assert (added.type, added.status, len(parties(floor, call))) == ("external_agent", "connected", 3)
    assert floor.events(floor.james).count("Add_Party") == 1
    floor.actions.controls.remove_party(call, floor.james, added.id)
    assert parties(floor, call)[-1].status == "finished"


def test_a_call_that_ends_ends_its_transfer(floor: World) -> None:
    call = answered(floor)
    floor.actions.transfers.transfer(call, floor.james, Target("agent", floor.eve), is_warm=True)
    floor.clock.forward(timedelta(seconds=1))
    floor.calls.end(call, by="end_user")
    assert transfers(floor, call)[0].status == "failed"
    assert {each.status for each in parties(floor, call)} == {"finished", "failed"}
    with floor.database.read() as connection:
        assert repository.get(connection, call).status == "finished"
