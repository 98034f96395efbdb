"""What several processes on one PostgreSQL hear of each other."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import OperationalError

from host.db.engine import Database
from host.events import journal, postgresql_bus
from host.events.postgresql_bus import PostgresqlBus
from host.events.signals import Signal
from tests.host.world import World
from tests.postgresql import Cluster

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


class Process:
    """Another process: its own connections and its own bus, which notes when it wakes whom."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.woken = threading.Event()
        self.agents: list[int] = []
        self.heard: list[Signal] = []
        self.bus = PostgresqlBus(self.database, self.wake, self.hear)

    def hear(self, signal: Signal) -> None:
        self.heard.append(signal)
        self.woken.set()

    def wake(self, agents: set[int], _sessions: set[int]) -> None:
        self.agents += sorted(agents)
        self.woken.set()


@pytest.fixture
def never_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever hears of something was notified."""
    monkeypatch.setattr(postgresql_bus, "POLL_EVERY_S", 1000)


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


@pytest.mark.usefixtures("never_polls")
def test_hears_at_once_of_what_another_process_wrote(
    monkeypatch: pytest.MonkeyPatch, world: World, listener: Process
) -> None:
    writer = Process(world.database.url)
    writer.bus.start()
    for number in range(10):
        listener.woken.clear()
        if number == 9:
            monkeypatch.undo()  # else neither bus would see that it is to stop
        write(world, writer.database)
        assert listener.woken.wait(20)
    writer.bus.stop()
    writer.database.close()

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


def test_a_signal_reaches_every_process(world: World, listener: Process) -> None:
    other = Process(world.database.url)
    other.bus.start()
    signal = Signal(agents=(world.james,), sessions=(7,), message={"op": "typing", "session_id": 7})
    for _ in range(100):  # it is lost while one of them does not listen yet
        other.bus.signal(signal)
        other.woken.wait(0.1)
        if listener.heard and other.heard:
            break
    assert (listener.heard[-1], other.heard[-1]) == (signal, signal)
    other.bus.stop()
    other.database.close()
