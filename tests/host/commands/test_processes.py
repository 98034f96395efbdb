"""What a process does before it works."""

from pathlib import Path

import pytest

from host.commands import processes
from host.config import Config
from host.db import migrate
from host.db.engine import Database
from tests.conftest import ENGINES
from tests.postgresql import Cluster


@pytest.mark.parametrize("engine", ENGINES)
def test_a_web_or_worker_process_alone_makes_folder_and_tables(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    environ = {}
    if engine == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgresql")
        environ["DATABASE_URL"] = cluster.empty("alone")
    config = Config.from_env(environ, data=tmp_path / "data")

    processes._migrate(config)

    database = Database(config.database_url)
    assert migrate.is_current(database)
    database.close()
    assert config.data.stat().st_mode & 0o777 == 0o700
