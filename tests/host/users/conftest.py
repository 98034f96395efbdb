from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from host.db.engine import Database
from host.db.tables import metadata

NOW = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'patchbay.db'}")
    metadata.create_all(database.engine)
    yield database
    database.close()
