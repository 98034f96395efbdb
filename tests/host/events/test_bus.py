import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from host.db.engine import Database
from host.events import bus as buses
from host.events import journal
from host.events.hub import Hub
from tests.host.world import World


class Woken:
    """A socket that notes when it is woken or told to leave."""

    def __init__(self) -> None:
        self.woken = threading.Event()
        self.left = 0
        self.told: list[Mapping[str, Any]] = []

    def tell(self, message: Mapping[str, Any]) -> None:
        self.told.append(message)
        self.woken.set()

    def wake(self) -> None:
        self.woken.set()

    def leave(self, code: int, reason: str) -> None:
        self.left = code


@pytest.fixture
def hub(world: World) -> Iterator[Hub]:
    hub = Hub()
    bus = buses.follow(world.database, hub.wake)
    bus.start()
    yield hub
    bus.stop()


def write(database: Database, world: World, **given: Any) -> None:
    with database.write() as connection:
        journal.append(connection, "status", now=world.clock.now(), **given)


def test_wakes_the_sockets_of_the_agent(world: World, hub: Hub) -> None:
    james, eve = Woken(), Woken()
    with hub.agent(world.james, james), hub.agent(world.eve, eve):
        write(world.database, world, agent_id=world.james)
        assert james.woken.wait(30)
    assert not eve.woken.is_set()


def test_notices_what_another_process_wrote(world: World, hub: Hub) -> None:
    other = Database(world.database.url)
    james = Woken()
    with hub.agent(world.james, james):
        write(other, world, agent_id=world.james)
        assert james.woken.wait(30)
    other.close()


def test_closes_all_sockets_and_those_that_come_later(hub: Hub) -> None:
    early, late = Woken(), Woken()
    with hub.agent(1, early), hub.session(2, late):
        hub.close_all()
    assert (early.left, late.left) == (1001, 1001)
    with hub.agent(1, late := Woken()):
        assert late.left == 1001
    assert hub.count() == 0
