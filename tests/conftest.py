"""The databases of the tests: a SQLite file, or a database on a private PostgreSQL."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from host.db.engine import Database
from host.db.tables import metadata
from tests.postgresql import Cluster, private_server

ENGINES = ("sqlite", "postgresql")


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
    metadata.create_all(database.engine)
    yield database
    database.close()


def _postgresql(cluster: Cluster) -> Iterator[Database]:
    url = cluster.with_tables()
    database = Database(url)
    yield database
    database.close()
    cluster.drop(url)
