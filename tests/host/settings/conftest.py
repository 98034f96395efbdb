from pathlib import Path
from typing import Any

import pytest

from host.db.engine import Database
from host.settings.demo import demo_document
from host.settings.repository import SettingsRepository
from host.settings.secrets import Secrets
from tests.clock import FrozenClock


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def repository(database: Database, clock: FrozenClock, tmp_path: Path) -> SettingsRepository:
    return SettingsRepository(database, Secrets.of((), tmp_path), clock)


@pytest.fixture
def demo() -> dict[str, Any]:
    return demo_document(8001, "key-of-the-crm", {"agent@example.com": "pass-of-them-all"})
