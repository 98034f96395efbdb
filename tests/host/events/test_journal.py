import threading

import pytest

from host.events import journal
from host.events.journal import Post
from tests.host.world import World


def post(world: World, *, adapter: str = "chat", agent_id: int | None = None, once: str | None = None) -> int | None:
    with world.database.write() as connection:
        agent_id = agent_id or world.james
        return journal.post(
            connection, "New_Chat", now=world.clock.now(), agent_id=agent_id, adapter=adapter, once=once
        )


def since(world: World, seq: int, adapter: str = "chat") -> list[int | None]:
    with world.database.read() as connection:
        return [entry.seq for entry in journal.since(connection, world.james, adapter, seq)]


def test_numbers_rise_without_gaps_per_agent_and_adapter(world: World) -> None:
    post(world)
    post(world, adapter="call")
    post(world, agent_id=world.eve)
    post(world)
    assert since(world, 0) == [1, 2]
    assert since(world, 1) == [2]
    assert since(world, 0, "call") == [1]


def post_and_fail(world: World) -> None:
    with world.database.write() as connection:
        journal.post(connection, "New_Chat", now=world.clock.now(), agent_id=world.james, adapter="chat")
        raise RuntimeError


def test_what_is_rolled_back_leaves_no_gap(world: World) -> None:
    with pytest.raises(RuntimeError):
        post_and_fail(world)
    post(world)
    assert since(world, 0) == [1]


def test_writers_at_once_leave_no_gap(world: World) -> None:
    threads = [threading.Thread(target=lambda: [post(world) for _ in range(10)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert since(world, 0) == list(range(1, 81))


def test_what_may_happen_once_happens_once(world: World) -> None:
    assert post(world, once="pop:1:1")
    assert post(world, once="pop:1:1") is None
    assert since(world, 0) == [1]


def test_a_fact_that_may_be_written_once_is(world: World) -> None:
    def write() -> int | None:
        with world.database.write() as connection:
            return journal.append(connection, "status", now=world.clock.now(), once="x")

    assert write()
    assert write() is None


def test_many_events_are_numbered_as_one_by_one(world: World) -> None:
    post(world, once="login:1")
    james, eve = (world.james, "chat"), (world.eve, "chat")
    posts = [Post(james, {}, "login:1"), Post(james, {}, "login:2"), Post(eve, {}), Post(james, {}, "login:2")]
    with world.database.write() as connection:
        first, second, third, fourth = journal.post_all(connection, "Agent_Login", posts, now=world.clock.now())
        assert (first, fourth) == (None, None)
        assert second is not None
        assert third is not None
        assert journal.by_id(connection, second).once == "login:2"
        assert journal.by_id(connection, third).agent_id == world.eve
    assert since(world, 0) == [1, 2]


def test_each_stream_gets_what_it_lacks(world: World) -> None:
    for _ in range(journal.MANY + 5):
        post(world)
    post(world, agent_id=world.eve)
    james, eve = (world.james, "chat"), (world.eve, "chat")
    with world.database.read() as connection:
        few = journal.since_each(connection, {james: range(24, 26), eve: range(1, 2)})
        many = journal.since_each(connection, {james: range(2, 26), eve: range(2, 2)})
    assert {stream: [entry.seq for entry in found] for stream, found in few.items()} == {james: [24, 25], eve: [1]}
    assert {stream: [entry.seq for entry in found] for stream, found in many.items()} == {james: list(range(2, 26))}
