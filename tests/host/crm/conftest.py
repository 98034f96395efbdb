"""What the tests of the CRM side share."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.host.crm.faulty_crm import FaultyCrm, FaultyServer
from tests.host.crm.world import World


@pytest.fixture
def crm() -> Iterator[FaultyCrm]:
    faulty = FaultyCrm()
    server = FaultyServer(faulty)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield faulty
    faulty.closing.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.database.close()
