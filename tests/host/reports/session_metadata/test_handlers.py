"""Virtual agents in the metadata, the consumer's times, why a session failed, and diagnostics."""

from datetime import timedelta

import pytest

from host.crm.intents import intents
from host.db.tables import participants, receipts
from host.sessions.calls import NewCall
from host.sessions.chats import NewChat
from host.sessions.receipts import Receipts
from host.sessions.virtual_agents import VirtualAgent
from tests.host.reports.session_metadata.test_parts import after, at, call, chat, shown, world
from tests.host.world import World

__all__ = ["world"]

BILL = VirtualAgent("va-1", "Bill", type="virtual_agent")


def join(world: World, session_id: int, virtual_agent: VirtualAgent = BILL) -> None:
    world.actions.virtual_agents.join(session_id, "call", virtual_agent)


def test_a_virtual_agent_hands_a_call_to_a_person(world: World) -> None:
    session_id = call(world)
    after(world, 3)
    join(world, session_id)
    assert shown(world, session_id)["agent_info"] == {
        "id": "va-1",
        "name": "Bill",
        "avatar_url": None,
        "va_alias": None,
    }
    after(world, 10)
    world.offers.answer(session_id, world.james)
    after(world, 20)
    world.calls.end(session_id, by="end_user")
    made = shown(world, session_id)
    [escalation] = made["escalations"]
    assert (escalation["created_at"], escalation["assigned_at"], escalation["connected_at"]) == (at(3), at(0), at(13))
    assert (escalation["wait_duration"], escalation["call_duration"], escalation["status"]) == (10, 20, "finished")
    assert (escalation["from_virtual_agent"]["name"], escalation["to_agent"]["name"]) == ("Bill", "James Bond")
    assert (escalation["from_agent"], escalation["to_virtual_agent"]) == (None, None)
    assert escalation["to_menu_path"]["name"] == "Developers / James"
    assert list(escalation) == list(made["transfers"][0] if made["transfers"] else escalation)
    assert made["agent_info"]["name"] == "James Bond"


def test_a_virtual_agent_who_has_handled_a_call_alone(world: World) -> None:
    session_id = call(world)
    join(world, session_id)
    world.calls.end(session_id, by="virtual_agent")
    made = shown(world, session_id)
    assert (made["agent_info"]["name"], made["disconnected_by"]) == ("Bill", "disconnected_by_virtual_agent")
    assert made["escalations"] == []


@pytest.mark.parametrize("kind", ["virtual_agent", "task_virtual_agent"])
def test_a_virtual_agent_who_helps_a_person_hands_nothing_over(world: World, kind: str) -> None:
    session_id = call(world)
    world.offers.answer(session_id, world.james)
    join(world, session_id, VirtualAgent(7, "Payment", type=kind))  # type: ignore[arg-type] # both are allowed
    world.calls.end(session_id, by="end_user")
    made = shown(world, session_id)
    assert (made["agent_info"]["name"], made["escalations"]) == ("James Bond", [])


def test_the_times_without_anybody_for_the_consumer_of_a_call(world: World) -> None:
    session_id = world.calls.start(NewCall(phone="+12223334444", in_menu=True))[0].id
    after(world, 4)
    world.actions.before_agents.choose_queue(session_id, "Developers / James", None)
    after(world, 6)
    world.offers.answer(session_id, world.james)
    after(world, 1)
    world.actions.controls.hold(session_id, world.james)
    after(world, 2)
    world.calls.end(session_id, by="end_user")
    assert shown(world, session_id)["consumer_event_durations"] == [
        {"event": "menu", "started_at": at(0), "ended_at": at(4), "duration": 4},
        {"event": "queue", "started_at": at(4), "ended_at": at(10), "duration": 6},
        {"event": "hold", "started_at": at(11), "ended_at": at(13), "duration": 2},
    ]


def test_the_times_without_anybody_for_the_consumer_of_a_chat(world: World) -> None:
    session_id = chat(world)
    world.offers.answer(session_id, world.james)
    after(world, 1)
    world.chats.dismiss(session_id, world.james)
    after(world, 5)
    world.chats.resume(session_id, world.james)
    assert [(each["event"], each["duration"]) for each in shown(world, session_id)["consumer_event_durations"]] == [
        ("queue", 0),
        ("dismissed", 5),
    ]


def test_what_the_adapter_said_about_a_failure(world: World) -> None:
    session_id = call(world)
    world.offers.answer(session_id, world.james)
    assert shown(world, session_id)["fail_details"] is None
    with world.database.write() as connection:
        said = {"adapter_fail_code": "NotAllowedError", "adapter_fail_message": "No microphone"}
        connection.execute(participants.update().where(participants.c.user_id == world.james).values(**said))
    assert shown(world, session_id)["fail_details"] == "No microphone"


def test_diagnostics(world: World) -> None:
    session_id = world.chats.start(NewChat(queue="Developers / James", details={"browser": "Firefox on Linux"}))[0].id
    nothing = {"browser": "Firefox on Linux", "connection_quality": None, "reconnects": None, "crm_errors": 0}
    assert shown(world, session_id)["diagnostics"] == nothing
    pages = Receipts(world.database, world.clock, lambda signal: None)
    pages.arrive(session_id)
    assert shown(world, session_id)["diagnostics"]["reconnects"] == 0
    for _ in range(2):
        pages.leave(session_id)
        pages.arrive(session_id)
        pages.arrive(session_id)  # in a second tab
    with world.database.write() as connection:
        intents.plan(connection, session_id, "account", now=world.clock.now())
        [step] = intents.of_session(connection, session_id)
        intents.retry(connection, step, world.clock.now(), world.clock.now() + timedelta(minutes=1), {"code": "crm"})
        assert connection.execute(receipts.select()).one().consumer_returns == 2
    assert shown(world, session_id)["diagnostics"] == {**nothing, "reconnects": 2, "crm_errors": 1}
