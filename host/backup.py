"""`patchbay backup FILE` and `patchbay restore FILE`: database and data folder in one archive.

    backup.tar.gz
      manifest.json      {"format": 1, "engine": "sqlite"}
      database           a SQLite file, or what pg_dump writes
      data/...           keys, files, the starter CRM

It holds the keys that the settings' secrets are encrypted with: whoever has it can read all of it.
"""

import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, inspect, make_url, select

from host import postgresql_tools
from host.clock import SystemClock
from host.config import Config
from host.db import migrate
from host.db.engine import Database
from host.db.tables import heartbeats
from host.errors import ConfigError
from host.supervisor import hold_folder

FORMAT = 1
PASSING = {".lock", ".db-wal", ".db-shm"}
ALIVE = timedelta(seconds=15)
"""A process that said so within this time is taken for running."""


def backup(config: Config, file: Path) -> None:
    """Write everything to an archive, while the host runs or not.

    Raises:
        ConfigError: There is no database yet, the file is there already, or pg_dump fails.
    """
    if file.exists():
        raise ConfigError(f"{file} is there already; a backup overwrites nothing.")
    if config.is_sqlite and not _sqlite_file(config).exists():
        raise ConfigError(f"There is no database in {config.data}; nothing was written.")
    partial = file.with_name(f"{file.name}.partial")
    try:
        with tempfile.TemporaryDirectory() as folder, _private(partial) as archive:
            database = Path(folder) / "database"
            _dump(config, database)
            _write(config, archive, database)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def restore(config: Config, file: Path) -> None:
    """Put everything back as it was; what is there now is replaced.

    Raises:
        ConfigError: The host runs, or the file isn't a backup of such a database.
    """
    with hold_folder(config.data), tempfile.TemporaryDirectory(dir=config.data, prefix=".restore-") as folder:
        place = Path(folder)
        _unpack(config, file, place)
        _refuse_while_running(config)
        _load(config, place / "database")
        if (place / "data").is_dir():
            shutil.copytree(place / "data", config.data, dirs_exist_ok=True)
        database = Database(config.database_url)
        try:
            migrate.upgrade(database)
        finally:
            database.close()


def _dump(config: Config, target: Path) -> None:
    if config.is_sqlite:
        _copy_sqlite(_sqlite_file(config), target)
    else:
        postgresql_tools.dump(config.database_url, target)


def _load(config: Config, source: Path) -> None:
    if not config.is_sqlite:
        postgresql_tools.load(config.database_url, source)
        return
    file = _sqlite_file(config)
    for suffix in ("-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(source, file.with_name(f"{file.name}.new"))
    file.with_name(f"{file.name}.new").replace(file)


def _write(config: Config, archive: tarfile.TarFile, database: Path) -> None:
    manifest = json.dumps({"format": FORMAT, "engine": _engine(config)}).encode()
    entry = tarfile.TarInfo("manifest.json")
    entry.size = len(manifest)
    archive.addfile(entry, io.BytesIO(manifest))
    archive.add(database, "database")
    ours = _sqlite_file(config) if config.is_sqlite else None
    for path in sorted(config.data.rglob("*")):
        if path.is_file() and path != ours and not any(path.name.endswith(each) for each in PASSING):
            _add(archive, path, f"data/{path.relative_to(config.data)}")


def _add(archive: tarfile.TarFile, path: Path, name: str) -> None:
    """Add a file; a SQLite file, such as the starter CRM's, as it is at one moment."""
    if path.suffix != ".db":
        archive.add(path, name)
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        _copy_sqlite(path, copy)
        archive.add(copy, name)


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source, timeout=30)) as original, closing(sqlite3.connect(target)) as copy:
        original.backup(copy)


def _unpack(config: Config, file: Path, place: Path) -> None:
    try:
        with tarfile.open(file, "r:gz") as archive:
            archive.extractall(place, filter="data")
        manifest = json.loads((place / "manifest.json").read_bytes())
        found = manifest["format"], manifest["engine"]
    except (tarfile.TarError, EOFError, OSError, ValueError, LookupError, TypeError) as error:
        raise ConfigError(f"{file} isn't a complete backup ({type(error).__name__}); nothing was changed.") from error
    if found != (FORMAT, _engine(config)):
        raise ConfigError(
            f"{file}: found format {found[0]} of {found[1]}, needed {FORMAT} of {_engine(config)}; nothing was changed."
        )


def _refuse_while_running(config: Config) -> None:
    """Look for processes that say they are alive: `serve` holds its folder, others need not."""
    if config.is_sqlite and not _sqlite_file(config).exists():
        return
    database = Database(config.database_url)
    try:
        with database.read() as connection:
            if not inspect(connection).has_table(heartbeats.name):
                return
            alive_at = connection.execute(select(func.max(heartbeats.c.alive_at))).scalar_one_or_none()
    finally:
        database.close()
    if alive_at is not None and SystemClock().now() - alive_at < ALIVE:
        raise ConfigError(
            f"A web process or worker still uses the database, or did {ALIVE.total_seconds():g} s ago; stop all first."
        )


@contextmanager
def _private(path: Path) -> Iterator[tarfile.TarFile]:
    """Open a new archive that nobody else can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
        yield archive


def _engine(config: Config) -> str:
    return "sqlite" if config.is_sqlite else "postgresql"


def _sqlite_file(config: Config) -> Path:
    return Path(make_url(config.database_url).database or "")
