"""Backups: everything comes back, and nothing is overwritten by mistake."""

import io
import os
import shutil
import sqlite3
import stat
import tarfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, func, inspect, select, text

from host.clock import SystemClock
from host.commands import archive, postgresql_tools
from host.commands.backup import SQLITE, backup, restore
from host.commands.supervisor import hold_folder
from host.config import Config
from host.db import migrate
from host.db.engine import Database
from host.db.tables import end_users
from host.errors import ConfigError
from host.jobs import engine_tables, job_rows
from host.jobs.engine import DbosEngine
from host.jobs.heartbeat import beat
from host.sessions import repository
from tests.host.crm.world import World
from tests.postgresql import Cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Config]:
    """A host with one person and one file, on each engine."""
    yield from _host(tmp_path, request.getfixturevalue("postgresql") if request.param == "postgresql" else None)


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Config]:
    yield from _host(tmp_path, None)


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
    with pytest.raises(ConfigError, match=r"'photo.png', which doesn't belong in a backup; nothing was changed"):
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


def odd_files(folder: Path) -> None:
    """Put every kind of file into a folder that a file system knows."""
    (folder / "empty").touch()
    (folder / "-rf").write_bytes(b"dash")
    (folder / "größe \u202e.txt").write_bytes(b"not ascii")
    (folder / "two\nlines").write_bytes(b"newline")
    (folder / "back\\slash").write_bytes(b"slash")
    Path(os.fsdecode(bytes(folder) + b"/\xff\xfe.bin")).write_bytes(b"not utf-8")
    (folder / ("n" * 250)).write_bytes(b"long")
    deep = folder.joinpath(*["deep" * 10] * 20)
    deep.mkdir(parents=True)
    (deep / "file").write_bytes(b"deep")
    (folder / "large").write_bytes(bytes(range(256)) * 12_000)
    (folder / "executable").write_bytes(b"#!")
    (folder / "executable").chmod(0o755)
    (folder / "one name").write_bytes(b"linked")
    os.link(folder / "one name", folder / "another name")
    with (folder / "sparse").open("wb") as sparse:
        sparse.truncate(3_000_000)
    (folder / "photo-wal").write_bytes(b"ours")
    (folder / "photo.db").write_bytes(b"no database")
    (folder / "broken.sqlite3").write_bytes(SQLITE + b"damaged")


def contents(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_whatever_was_backed_up_comes_back(config: Config, tmp_path: Path) -> None:
    folder = config.data / "files"
    odd_files(folder)
    before = contents(folder)
    assert len(before) == 17
    backup(config, tmp_path / "backup.tar.gz")
    shutil.rmtree(folder)
    restore(config, tmp_path / "backup.tar.gz")
    assert contents(folder) == before
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()} == {0o600}


def test_a_database_of_another_program_comes_back_as_it_was_at_one_moment(config: Config, tmp_path: Path) -> None:
    folder = config.data / "starter-crm"
    folder.mkdir()
    file = folder / "starter-crm.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as crm:
        crm.execute("PRAGMA journal_mode = WAL")
        crm.execute("CREATE TABLE records (id)")
        crm.execute("INSERT INTO records VALUES (1)")
        backup(config, tmp_path / "backup.tar.gz")
        crm.execute("INSERT INTO records VALUES (2)")
        later = {path.name: path.read_bytes() for path in folder.iterdir()}
    for name, body in later.items():  # as a killed process leaves them
        (folder / name).write_bytes(body)
    restore(config, tmp_path / "backup.tar.gz")
    with closing(sqlite3.connect(file)) as crm:
        assert crm.execute("SELECT id FROM records").fetchall() == [(1,)]
        assert crm.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("leads_to", ["secret-keys", "../outside", "nowhere", "."])
def test_a_link_is_named_and_nothing_written(config: Config, tmp_path: Path, leads_to: str) -> None:
    (tmp_path / "outside").mkdir()
    (config.data / "files" / "link").symlink_to(config.data / leads_to)
    with pytest.raises(ConfigError, match="files/link is a link"):
        backup(config, tmp_path / "backup.tar.gz")
    assert not list(tmp_path.glob("backup*"))


def test_a_backup_in_the_data_folder_does_not_hold_itself(config: Config) -> None:
    backup(config, config.data / "backup.tar.gz")
    with tarfile.open(config.data / "backup.tar.gz") as made:
        names = made.getnames()
    assert not [name for name in names if "backup" in name or "lock" in name]
    assert {"manifest.json", "database", "data/secret-keys", "data/files/photo.png"} <= set(names)


def repacked(file: Path, target: Path, change: Callable[[tarfile.TarFile], None], *without: str) -> Path:
    """Write an archive again with a change."""
    with tarfile.open(file) as old, tarfile.open(target, "w:gz") as new:
        for entry in old:
            if entry.name not in without:
                new.addfile(entry, old.extractfile(entry))
        change(new)
    return target


def with_bytes(name: str, body: bytes) -> Callable[[tarfile.TarFile], None]:
    return lambda made: archive.add_bytes(made, io.BytesIO(body), name, len(body))


def linked(made: tarfile.TarFile) -> None:
    link = tarfile.TarInfo("data/files/out")
    link.type, link.linkname = tarfile.SYMTYPE, "../../.."
    made.addfile(link)
    with_bytes("data/files/out/planted", b"outside")(made)


CRAFTED: dict[str, tuple[Callable[[tarfile.TarFile], None], tuple[str, ...]]] = {
    "above the folder": (with_bytes("data/../../planted", b"outside"), ()),
    "absolute": (with_bytes("/tmp/planted", b"outside"), ()),
    "through a link": (linked, ()),
    "over a lock": (with_bytes("data/serve.lock", b"1"), ()),
    "under a file": (with_bytes("data/secret-keys/planted", b""), ("data/secret-keys",)),
    "over a folder": (with_bytes("data/files", b""), ("data/files/photo.png",)),
    "without a database": (lambda _: None, ("database",)),
    "a damaged database": (with_bytes("database", SQLITE + b"damaged"), ("database",)),
    "an empty database": (with_bytes("database", b""), ("database",)),
    "no manifest": (lambda _: None, ("manifest.json",)),
    "a list as manifest": (with_bytes("manifest.json", b"[]"), ("manifest.json",)),
    "a deep manifest": (with_bytes("manifest.json", b"[" * 100_000), ("manifest.json",)),
    "another format": (with_bytes("manifest.json", b'{"format": 2, "engine": "sqlite"}'), ("manifest.json",)),
}


@pytest.mark.parametrize("how", CRAFTED)
def test_a_crafted_archive_changes_nothing(on_sqlite: Config, tmp_path: Path, how: str) -> None:
    change, without = CRAFTED[how]
    backup(on_sqlite, tmp_path / "good.tar.gz")
    crafted = repacked(tmp_path / "good.tar.gz", tmp_path / "bad.tar.gz", change, *without)
    (on_sqlite.data / "secret-keys").write_text("new key\n")
    with pytest.raises(ConfigError, match="nothing was changed"):
        restore(on_sqlite, crafted)
    assert people(on_sqlite) == 1
    assert (on_sqlite.data / "secret-keys").read_text() == "new key\n"
    assert not list(tmp_path.rglob("planted"))
    assert not list(on_sqlite.data.glob(".restore-*"))


def test_nothing_is_restored_through_a_link_of_the_folder(config: Config, tmp_path: Path) -> None:
    backup(config, tmp_path / "backup.tar.gz")
    shutil.rmtree(config.data / "files")
    (tmp_path / "outside").mkdir()
    (config.data / "files").symlink_to(tmp_path / "outside")
    with pytest.raises(ConfigError, match=r"photo.png can't be restored"):
        restore(config, tmp_path / "backup.tar.gz")
    assert not list((tmp_path / "outside").iterdir())


def test_a_damaged_database_is_replaced(on_sqlite: Config, tmp_path: Path) -> None:
    backup(on_sqlite, tmp_path / "backup.tar.gz")
    (on_sqlite.data / "patchbay.db").write_bytes(b"damaged" * 1000)
    restore(on_sqlite, tmp_path / "backup.tar.gz")
    assert people(on_sqlite) == 1
    assert stat.S_IMODE((on_sqlite.data / "patchbay.db").stat().st_mode) == 0o600


def test_the_engines_own_rows_do_not_come_back_but_what_was_due_does(config: Config, tmp_path: Path) -> None:
    now, database = SystemClock().now(), Database(config.database_url)
    engine = DbosEngine(config.database_url, "local", {"after_session": []})
    world = World(database)
    ours = [world.session({"name": "James Bond"}, starts=False) for _ in range(2)]
    with database.write() as connection:
        job_rows.plan(connection, [job_rows.Job("after_session", session_id, now) for session_id in ours])
    with ThreadPoolExecutor(
        1
    ) as thread:  # once a browser test has run here, this thread has a loop, which the engine refuses
        thread.submit(engine.start).result()
        thread.submit(engine.stop).result()
    with database.write() as connection:
        planted(connection, [job.key for job in job_rows.take(connection, now, 2)])
    database.close()
    backup(config, tmp_path / "backup.tar.gz")
    restore(config, tmp_path / "backup.tar.gz")
    database = Database(config.database_url)
    with database.write() as connection:
        assert engine_tables.unfinished(connection) == []
        assert [job.run_key for job in job_rows.take(connection, now, 9)] == [f"after_session-{ours[0]}"]
        schema = None if config.is_sqlite else engine_tables.SCHEMA
        assert not inspect(connection).has_table("workflow_status", schema=schema)
    database.close()


def planted(connection: Connection, keys: list[str]) -> None:
    """Put two jobs into the engine, of which the second is done."""
    table = "workflow_status" if connection.dialect.name == "sqlite" else "dbos.workflow_status"
    for key, status in zip(keys, ("PENDING", "SUCCESS"), strict=True):
        connection.execute(
            text(
                f"INSERT INTO {table} (workflow_uuid, status, name, created_at, updated_at, priority)"
                " VALUES (:key, :status, 'after_session', 1, 1, 0)"
            ),
            {"key": key, "status": status},
        )
