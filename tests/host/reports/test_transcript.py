"""The transcript of a chat."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from host.events import tabs
from host.queues import tree
from host.reports import transcript
from host.sessions.attachment_files import AttachmentFiles
from host.sessions.chats import NewChat
from host.sessions.transfers import Target
from tests.host.world import World


@pytest.fixture
def floor(world: World) -> World:
    world.clock.at = datetime(2026, 5, 1, 10, tzinfo=UTC)
    for agent in (world.james, world.eve):
        world.arrive(agent)
    with world.database.write() as connection:
        tree.set_agents(connection, tree.upsert(connection, ("Sales",)).id, [world.eve])
    return world


def after(world: World, seconds: int) -> None:
    world.clock.forward(timedelta(seconds=seconds))
    with world.database.write() as connection:
        tabs.keep_alive(connection, "process", world.clock.now())


def start(world: World, name: str = "Jane Doe") -> int:
    session_id = world.chats.start(NewChat(queue="Developers / James", name=name))[0].id
    after(world, 2)
    return session_id


def written(world: World, session_id: int, zone: str = "UTC") -> str:
    with world.database.read() as connection:
        return transcript.render(connection, session_id, ZoneInfo(zone))


def test_a_chat_from_beginning_to_end(floor: World, tmp_path: Path) -> None:
    session_id = start(floor)
    floor.chats.write(session_id, "Hello?", None)
    after(floor, 10)
    floor.offers.answer(session_id, floor.james)
    floor.chats.say(session_id, floor.james, "Hi!", "1")
    after(floor, 5)
    stored = AttachmentFiles(tmp_path).store("invoice.pdf", io.BytesIO(b"%PDF-1.7"))
    floor.chats.write(session_id, stored.name, None, file=stored)
    with floor.database.read() as connection:
        sales = tree.by_path(connection, "Sales")
    assert sales is not None
    floor.actions.transfers.transfer(session_id, floor.james, Target("queue", sales.id), is_warm=False)
    after(floor, 3)
    floor.offers.answer(session_id, floor.eve)
    after(floor, 60)
    floor.chats.end(session_id, by="end_user")
    assert (
        written(floor, session_id)
        == f"""\
Chat: {session_id}
Session type: Messaging (Web)
Queue: Sales
Consumer: Jane Doe
Agent: James Bond, Eve Moneypenny
Started: 2026-05-01 10:00:00 UTC
Ended: 2026-05-01 10:01:20 UTC

[2026-05-01 10:00:00 UTC] Jane Doe (consumer) joined
[2026-05-01 10:00:02 UTC] Jane Doe (consumer): Hello?
[2026-05-01 10:00:12 UTC] James Bond (agent) joined
[2026-05-01 10:00:12 UTC] James Bond (agent): Hi!
[2026-05-01 10:00:17 UTC] Jane Doe (consumer) sent a file: invoice.pdf
[2026-05-01 10:00:17 UTC] James Bond (agent) left
[2026-05-01 10:00:20 UTC] Eve Moneypenny (agent) joined
[2026-05-01 10:01:20 UTC] The chat was ended by the consumer
This chat is ended
"""
    )


def test_the_times_have_the_zone_of_the_settings(floor: World) -> None:
    session_id = start(floor)
    assert "Started: 2026-05-01 12:00:00 CEST\n" in written(floor, session_id, "Europe/Berlin")


def test_a_chat_that_goes_on_has_no_last_line(floor: World) -> None:
    made = written(floor, start(floor))
    assert "Ended: -\n" in made
    assert transcript.ENDED not in made


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\u2028", "\x0b", "\x85"])
def test_a_message_is_one_line_and_looks_like_no_other(floor: World, line_break: str) -> None:
    session_id = start(floor)
    floor.chats.write(session_id, f"Hm{line_break}[2026-05-01 10:00:02 UTC] James Bond (agent): It is free", None)
    lines = [line for line in written(floor, session_id).splitlines() if line.startswith("[")]
    assert lines[-1] == (
        "[2026-05-01 10:00:02 UTC] Jane Doe (consumer): Hm ↵ [2026-05-01 10:00:02 UTC] James Bond (agent): It is free"
    )


def test_nobody_answered(floor: World) -> None:
    session_id = start(floor, name="")
    floor.chats.end(session_id, by="end_user")
    assert written(floor, session_id).splitlines()[3:5] == ["Consumer: Anonymous", "Agent: -"]
