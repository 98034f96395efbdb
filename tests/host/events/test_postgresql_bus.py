"""What several processes on one PostgreSQL hear of each other."""

import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import OperationalError

from host.db.engine import Database
from host.events import journal
from host.events.postgresql_bus import POLL_EVERY_S, PostgresqlBus
from tests.host.world import World
from tests.postgresql import Cluster

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


class Process:
    """Another process: its own connections and its own bus, which notes when it wakes whom."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.woken = threading.Event()
        self.agents: list[int] = []
        self.bus = PostgresqlBus(self.database, self.wake)

    def wake(self, agents: set[int], _sessions: set[int]) -> None:
        self.agents += sorted(agents)
        self.woken.set()


@pytest.fixture
def listener(world: World) -> Iterator[Process]:
    process = Process(world.database.url)
    process.bus.start()
    yield process
    process.bus.stop()
    process.database.close()


def write(world: World, database: Database) -> None:
    with database.write() as connection:
        journal.append(connection, "status", now=world.clock.now(), agent_id=world.james)


def test_hears_at_once_of_what_another_process_wrote(world: World, listener: Process) -> None:
    writer = Process(world.database.url)
    writer.bus.start()
    took_s = []
    for _ in range(10):
        listener.woken.clear()
        wrote_at = time.monotonic()
        write(world, writer.database)
        assert listener.woken.wait(20)
        took_s.append(time.monotonic() - wrote_at)
    writer.bus.stop()
    writer.database.close()

    assert min(took_s) < POLL_EVERY_S / 2
    assert listener.agents == [world.james] * 10


def test_a_swallowed_notify_costs_a_second(world: World, listener: Process) -> None:
    write(world, world.database)  # its process has no bus, as if it had been killed after the commit

    assert listener.woken.wait(20)
    assert listener.agents == [world.james]


def test_an_id_that_is_committed_late_is_not_overlooked(world: World, listener: Process) -> None:
    with world.database.write() as connection:
        journal.append(connection, "status", now=world.clock.now(), agent_id=world.eve)
        write(world, listener.database)  # has the higher id, and is there first
        assert listener.woken.wait(20)
        listener.woken.clear()

    assert listener.woken.wait(20)
    assert listener.agents == [world.james, world.eve]


def test_goes_on_when_postgresql_was_away(world: World, listener: Process, postgresql: Cluster) -> None:
    postgresql.stop()
    with pytest.raises(OperationalError):
        write(world, world.database)
    postgresql.start()

    write(world, world.database)

    assert listener.woken.wait(20)
    assert listener.agents == [world.james]
