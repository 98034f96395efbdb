"""Fixtures for the tests of webhooks."""

from collections.abc import Iterator

import pytest

from host.db.engine import Database
from tests.host.webhooks.hooked import Hooked
from tests.host.webhooks.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def host(database: Database, receiver: Receiver) -> Hooked:
    """A host with one webhook, on each engine in turn."""
    return Hooked(database, receiver)
