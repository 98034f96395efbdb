"""Backups: everything comes back, and nothing is overwritten by mistake."""

import stat
import tarfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from host import postgresql_tools
from host.backup import backup, restore
from host.clock import SystemClock
from host.config import Config
from host.db import migrate
from host.db.engine import Database
from host.db.tables import end_users
from host.errors import ConfigError
from host.jobs.heartbeat import beat
from host.sessions import repository
from host.supervisor import hold_folder
from tests.postgresql import Cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Config]:
    """A host with one person and one file, on each engine."""
    yield from _host(tmp_path, request.getfixturevalue("postgresql") if request.param == "postgresql" else None)


@pytest.fixture
def on_postgresql(postgresql: Cluster, tmp_path: Path) -> Iterator[Config]:
    yield from _host(tmp_path, postgresql)


def _host(tmp_path: Path, cluster: Cluster | None) -> Iterator[Config]:
    url = cluster.empty("backup") if cluster else ""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    config = Config.from_env({"DATABASE_URL": url}, data=data)
    database = Database(config.database_url)
    migrate.upgrade(database)
    with database.write() as connection:
        repository.find_or_add_end_user(connection, SystemClock().now(), name="James Bond", phone="+12223334444")
    database.close()
    (data / "secret-keys").write_text("old key\n")
    (data / "files").mkdir()
    (data / "files" / "photo.png").write_bytes(b"\x89PNG")
    yield config
    if cluster:
        cluster.drop(url)


def people(config: Config, *, forget: bool = False) -> int:
    database = Database(config.database_url)
    with database.write() as connection:
        if forget:
            connection.execute(delete(end_users))
        found = connection.execute(select(func.count()).select_from(end_users)).scalar_one()
    database.close()
    return found


def test_everything_comes_back(config: Config, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    backup(config, file)
    assert people(config, forget=True) == 0
    (config.data / "secret-keys").write_text("new key\n")
    (config.data / "files" / "photo.png").unlink()
    restore(config, file)
    assert people(config) == 1
    assert (config.data / "secret-keys").read_text() == "old key\n"
    assert (config.data / "files" / "photo.png").read_bytes() == b"\x89PNG"
    assert not list(config.data.glob(".restore-*"))


def test_only_its_owner_reads_a_backup(config: Config, tmp_path: Path) -> None:
    backup(config, tmp_path / "backup.tar.gz")
    assert stat.S_IMODE((tmp_path / "backup.tar.gz").stat().st_mode) == 0o600


def test_a_backup_overwrites_nothing(config: Config, tmp_path: Path) -> None:
    (tmp_path / "backup.tar.gz").write_text("mine")
    with pytest.raises(ConfigError, match="is there already"):
        backup(config, tmp_path / "backup.tar.gz")
    assert (tmp_path / "backup.tar.gz").read_text() == "mine"


def test_restores_nothing_under_a_running_host(config: Config, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    backup(config, file)
    people(config, forget=True)
    with hold_folder(config.data), pytest.raises(ConfigError, match="Another `patchbay serve`"):
        restore(config, file)
    assert people(config) == 0


def test_restores_nothing_under_a_process_elsewhere(config: Config, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    backup(config, file)
    alive(config, SystemClock().now() - timedelta(seconds=2))
    with pytest.raises(ConfigError, match="still uses the database"):
        restore(config, file)


def test_a_process_that_is_long_gone_is_no_obstacle(config: Config, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    backup(config, file)
    alive(config, SystemClock().now() - timedelta(minutes=2))
    restore(config, file)


def alive(config: Config, at: object) -> None:
    database = Database(config.database_url)
    with database.write() as connection:
        beat(connection, "elsewhere", "worker", at)  # type: ignore[arg-type]
    database.close()


def test_refuses_what_is_no_backup(config: Config, tmp_path: Path) -> None:
    file = tmp_path / "holiday.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        archive.add(config.data / "secret-keys", "photo.png")
    with pytest.raises(ConfigError, match="isn't a complete backup"):
        restore(config, file)
    assert people(config) == 1


def test_refuses_half_a_backup(config: Config, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    backup(config, file)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(ConfigError, match="isn't a complete backup"):
        restore(config, file)
    assert people(config) == 1


def test_says_which_program_is_missing(on_postgresql: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgresql_tools, "PLACES", "nowhere/*")
    with pytest.raises(ConfigError, match="pg_dump is missing; install"):
        backup(on_postgresql, tmp_path / "backup.tar.gz")
    assert not list(tmp_path.glob("backup*"))
