"""Fixtures for the tests of the host."""

import pytest

from host.db.engine import Database
from tests.host.world import World


@pytest.fixture
def world(database: Database) -> World:
    """Two agents and a queue, on each engine in turn."""
    return World(database)
