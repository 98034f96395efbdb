"""The lists of the metadata: what the history of a session comes to."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from host.crm.settings.crm import CrmSettings
from host.db.tables import claims
from host.events import tabs
from host.queues import tree
from host.reports.failed_items import FailedItem
from host.reports.session_metadata.document import documents
from host.sessions import repository
from host.sessions.calls import NewCall
from host.sessions.chats import NewChat
from host.sessions.transfers import Target
from tests.host.world import World, file_url

NOW = "2026-05-01T10:00:00.000+00:00"


@pytest.fixture
def world(world: World) -> World:
    for agent in (world.james, world.eve):
        for adapter in ("call", "chat"):
            world.arrive(agent, adapter=adapter)
            world.clock.forward(timedelta(microseconds=1))  # James is idle longer
    world.clock.at = datetime.fromisoformat(NOW)
    return world


def call(world: World) -> int:
    return world.calls.start(NewCall(queue="Developers / James", phone="+12223334444"))[0].id


def chat(world: World) -> int:
    return world.chats.start(NewChat(queue="Developers / James"))[0].id


def shown(world: World, session_id: int) -> dict[str, Any]:
    with world.database.read() as connection:
        [made] = documents(
            connection, [repository.get(connection, session_id)], CrmSettings(), url_of=file_url, now=world.clock.now()
        )
    assert not isinstance(made, FailedItem), made
    return made.model_dump(mode="json", by_alias=True)


def after(world: World, seconds: float) -> None:
    world.clock.forward(timedelta(seconds=seconds))


def at(seconds: int) -> str:
    return (datetime.fromisoformat(NOW) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


def test_a_call_that_is_held_and_wrapped_up(world: World) -> None:
    session_id = call(world)
    after(world, 5)
    world.offers.answer(session_id, world.james)
    for _ in range(2):
        after(world, 10)
        world.actions.controls.hold(session_id, world.james)
        after(world, 20)
        world.actions.controls.resume(session_id, world.james)
    world.calls.end(session_id, by="end_user")
    after(world, 12)
    world.actions.wrap_ups.finish(session_id, world.james, None, "Called about an order")
    made = shown(world, session_id)
    assert (made["wait_duration"], made["call_duration"], made["hold_duration"]) == (5, 60, 40)
    assert (made["answer_type"], made["sub_status"]) == ("manual", None)
    assert made["participants"] == [
        {
            "id": 1,
            "type": "end_user",
            "end_user_id": 1,
            "phone_number": "+12223334444",
            "status": "finished",
            "connected_at": at(5),
            "ended_at": at(65),
            "call_duration": 60,
            "hold_duration": 40,
            "fail_reason": "nothing",
            "adapter_fail_code": None,
            "adapter_fail_message": None,
        },
        {
            "id": 2,
            "type": "agent",
            "user_id": world.james,
            "phone_number": None,
            "status": "finished",
            "connected_at": at(5),
            "ended_at": at(65),
            "call_duration": 60,
            "hold_duration": 0,
            "fail_reason": "nothing",
            "adapter_fail_code": None,
            "adapter_fail_message": None,
        },
    ]
    assert made["handle_durations"] == [
        {
            "id": 2,
            "agent_id": world.james,
            "started_at": at(5),
            "ended_at": at(65),
            "call_duration": 60,
            "hold_duration": 40,
            "acw_duration": 12,
            "bcw_duration": 0,
            "transfer": None,
        }
    ]
    assert made["consumer_handle_durations"] == [
        {"id": 1, "started_at": at(5), "ended_at": at(65), "call_duration": 60, "hold_duration": 40}
    ]
    assert made["dispositions"] == [
        {"code": None, "name": None, "note": "Called about an order", "agent_id": world.james, "at": at(77)}
    ]
    assert made["offer_events"] == [{"agent_id": world.james, "at": at(0), "ended_at": at(5), "result": "accepted"}]


def test_a_call_on_hold_now(world: World) -> None:
    session_id = call(world)
    world.offers.answer(session_id, world.james)
    world.actions.controls.hold(session_id, world.james)
    after(world, 30)
    made = shown(world, session_id)
    assert (made["sub_status"], made["hold_duration"]) == ("on_hold", 30)
    world.calls.end(session_id, by="end_user")
    after(world, 30)
    assert (shown(world, session_id)["sub_status"], shown(world, session_id)["hold_duration"]) == (None, 30)


def test_a_cold_transfer_to_another_queue(world: World) -> None:
    with world.database.write() as connection:
        sales = tree.upsert(connection, ("Sales",), settings={"service_level_s": 5})
        tree.set_agents(connection, sales.id, [world.eve])
    session_id = call(world)
    after(world, 2)
    world.offers.answer(session_id, world.james)
    after(world, 10)
    world.actions.transfers.transfer(session_id, world.james, Target("queue", sales.id), is_warm=False)
    after(world, 7)
    world.offers.answer(session_id, world.eve)
    after(world, 20)
    world.calls.end(session_id, by="agent", agent_id=world.eve)
    made = shown(world, session_id)
    first, second = made["queue_durations"]
    assert (first["menu_path"]["name"], first["queue_duration"], first["service_level_event"]) == (
        "Developers / James",
        2,
        "in_sl",
    )
    assert (first["agent_id"], first["transfer"], first["started_at"], first["ended_at"]) == (
        world.james,
        None,
        at(0),
        at(2),
    )
    assert (second["menu_path"]["name"], second["queue_duration"], second["service_level_event"]) == (
        "Sales",
        7,
        "not_in_sl",
    )
    assert (second["agent_id"], second["transfer"]) == (world.eve, 1)
    [transfer] = made["transfers"]
    assert (transfer["from_agent"]["name"], transfer["to_agent"]["name"]) == ("James Bond", "Eve Moneypenny")
    assert (transfer["from_menu_path"]["name"], transfer["to_menu_path"]["name"]) == ("Developers / James", "Sales")
    assert (transfer["status"], transfer["wait_duration"], transfer["call_duration"]) == ("finished", 7, 20)
    assert [(each["agent_id"], each["call_duration"], each["transfer"]) for each in made["handle_durations"]] == [
        (world.james, 10, None),
        (world.eve, 20, 1),
    ]


def test_a_warm_transfer_that_is_declined(world: World) -> None:
    session_id = call(world)
    world.offers.answer(session_id, world.james)
    world.actions.transfers.transfer(session_id, world.james, Target("agent", world.eve), is_warm=True)
    after(world, 4)
    world.offers.decline(session_id, world.eve)
    made = shown(world, session_id)
    assert (made["hold_duration"], made["transfers"][0]["wait_duration"]) == (4, 4)
    assert [(each["agent_id"], each["result"]) for each in made["offer_events"]] == [
        (world.james, "accepted"),
        (world.eve, "declined"),
    ]
    assert len(made["handle_durations"]) == 1


def test_a_caller_who_hangs_up_while_it_rings(world: World) -> None:
    session_id = call(world)
    after(world, 9)
    world.calls.end(session_id, by="end_user")
    made = shown(world, session_id)
    [stay] = made["queue_durations"]
    assert (stay["queue_duration"], stay["service_level_event"], stay["agent_id"]) == (9, "abandoned", None)
    assert [(each["ended_at"], each["result"]) for each in made["offer_events"]] == [(at(9), "canceled")]
    assert (made["answer_type"], made["hold_duration"], made["handle_durations"]) == (None, None, [])


def test_offers_that_nobody_takes(world: World) -> None:
    session_id = call(world)
    with world.database.write() as connection:
        connection.execute(claims.update().values(acked_at=world.clock.now()))
        after(world, 20)
        tabs.keep_alive(connection, "process", world.clock.now())
        world.actions.run_timers(connection, world.clock.now())
        world.route(connection, world.clock.now())
    assert [(each["agent_id"], each["result"]) for each in shown(world, session_id)["offer_events"]] == [
        (world.james, "missed"),
        (world.eve, None),
    ]


def test_a_chat(world: World) -> None:
    session_id = chat(world)
    world.chats.write(session_id, "Hello?", None)
    after(world, 30)
    world.offers.answer(session_id, world.james)
    after(world, 10)
    world.chats.say(session_id, world.james, "Hi!", "1")
    world.chats.say(session_id, world.james, "What is it?", "2")
    for pause in (3, 30):
        world.chats.write(session_id, "My order", None)
        after(world, pause)
    world.chats.say(session_id, world.james, "Which one?", "3")
    world.chats.write(session_id, "The last", None)
    world.chats.end(session_id, by="end_user")
    made = shown(world, session_id)
    assert (made["average_response_time"], made["longest_response_time"], made["message_count"]) == (21, 33, 7)
    assert (made["chat_duration"], made["hold_duration"]) == (43, None)
    keys = "id type user_id phone_number status connected_at finished_at chat_duration hold_duration fail_reason"
    assert list(made["participants"][1]) == [*keys.split(), "adapter_fail_code", "adapter_fail_message"]
    assert [each["chat_duration"] for each in made["handle_durations"]] == [43]


def test_a_chat_that_waits(world: World) -> None:
    session_id = chat(world)
    world.chats.write(session_id, "Hello?", None)
    made = shown(world, session_id)
    assert (made["average_response_time"], made["longest_response_time"]) == (None, None)
    assert [each["service_level_event"] for each in made["queue_durations"]] == [None]


def test_a_list_takes_as_many_queries_as_one(world: World) -> None:
    one, many = ([chat(world) for _ in range(number)] for number in (1, 12))
    assert queries(world, one) == queries(world, many) <= 18


def queries(world: World, session_ids: list[int]) -> int:
    """The number of queries for these documents."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    engine: Engine = world.database.engine
    with world.database.read() as connection:
        found = [repository.get(connection, each) for each in session_ids]
        event.listen(engine, "before_cursor_execute", note)
        made = documents(connection, found, CrmSettings(), url_of=file_url, now=world.clock.now())
        event.remove(engine, "before_cursor_execute", note)
    assert not [each for each in made if isinstance(each, FailedItem)]
    return len(asked)
