"""The databases of the tests: a SQLite file, or a database on a private PostgreSQL."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from host.db.engine import Database
from host.users import passwords
from tests.costs import costs
from tests.databases import lay_tables, shared_statements
from tests.postgresql import Cluster, private_server
from tests.routes import shared_routes

ENGINES = ("sqlite", "postgresql")
QUICK_HASH = "scrypt:1024:8:1"
PATIENCE_MS = 30_000
"""However busy the machine is, a page shows what it should in this time."""


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what makes a test slow: `make quick` leaves it out."""
    for cost in costs(item):
        item.add_marker(cost)


@pytest.fixture(scope="session", autouse=True)
def _quick() -> Iterator[None]:
    """Save what each test would pay again: statements, routes, hashes of passwords. Have patience with pages."""
    expect.set_options(timeout=PATIENCE_MS)
    real, passwords.METHOD = passwords.METHOD, QUICK_HASH
    with shared_statements(), shared_routes():
        yield
    passwords.METHOD = real


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """One server for all tests of a process, started by the first that needs it."""
    with private_server() as cluster:
        yield cluster


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """All tables, empty, on each engine in turn."""
    making: dict[str, Callable[[], Iterator[Database]]] = {
        "sqlite": lambda: _sqlite(tmp_path),
        "postgresql": lambda: _postgresql(request.getfixturevalue("postgresql")),
    }
    yield from making[request.param]()


def _sqlite(folder: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{folder / 'patchbay.db'}")
    lay_tables(database)
    yield database
    database.close()


def _postgresql(cluster: Cluster) -> Iterator[Database]:
    url = cluster.with_tables()
    database = Database(url)
    yield database
    database.close()
    cluster.drop(url)
