"""Shared fixtures of the CRM client's tests."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from host.db.engine import Database
from tests.host.crm.deadlines import virtual_deadlines
from tests.host.crm.faulty_crm import FaultyCrm, FaultyServer
from tests.host.crm.story import Tell, telling
from tests.host.crm.world import World
from tests.serving import served


@pytest.fixture(autouse=True)
def deadlines(request: pytest.FixtureRequest) -> Iterator[None]:
    """Requests end when the CRM hangs, not by time; `auth` and `http` show what they do in real time."""
    if {"auth", "http"} & set(request.path.parts):
        yield
        return
    with virtual_deadlines():
        yield


@contextmanager
def running() -> Iterator[FaultyCrm]:
    """A faulty CRM on a port of its own."""
    faulty = FaultyCrm()
    server = FaultyServer(faulty)
    with served(server):
        yield faulty
        faulty.closing.set()


@pytest.fixture
def crm() -> Iterator[FaultyCrm]:
    with running() as faulty:
        yield faulty


@pytest.fixture
def other_crm() -> Iterator[FaultyCrm]:
    with running() as faulty:
        yield faulty


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
def tell(database: Database) -> Iterator[Tell]:
    with telling(database) as tell:
        yield tell
