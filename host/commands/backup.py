"""`patchbay backup FILE` and `patchbay restore FILE`: database and data folder in one archive.

    backup.tar.gz
      manifest.json      {"format": 1, "engine": "sqlite"}
      database           a SQLite file, or what pg_dump writes
      data/...           keys, files, the starter CRM

It contains the keys that encrypt the settings' secrets, so anybody who has the archive can read everything.
"""

import io
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path, PurePosixPath

from sqlalchemy import func, inspect, make_url, select
from sqlalchemy.exc import DatabaseError, OperationalError

from host.clock import SystemClock
from host.commands import archive, postgresql_tools
from host.commands.supervisor import hold_folder
from host.config import Config
from host.db import migrate
from host.db.connect import open_database
from host.db.engine import Database
from host.db.tables import heartbeats
from host.deliveries import deliveries
from host.errors import ConfigError
from host.gate import strict, writing
from host.jobs import engine_tables, job_rows

FORMAT = 1
BESIDE_SQLITE = ("-wal", "-shm", "-journal")
SQLITE_SUFFIXES = (".db", ".sqlite", ".sqlite3")
TRANSIENT = (".lock", *(suffix + beside for suffix in SQLITE_SUFFIXES for beside in BESIDE_SQLITE))
"""Ends of file names that matter only while a process runs."""
UNFINISHED = ".restore-"
SQLITE = b"SQLite format 3\0"
ALIVE = timedelta(seconds=15)
"""A process with a heartbeat within this time counts as running."""
SPARE_BYTES = 64 * 1024 * 1024
"""Free space that a restore leaves on the disk."""


def backup(config: Config, file: Path) -> None:
    """Write everything to an archive; the host may run.

    Raises:
        ConfigError: There is no database yet, the file exists or can't be written, the folder holds a link, or pg_dump
            fails.
    """
    if file.exists():
        raise ConfigError(f"{file} is there already; a backup overwrites nothing.")
    if config.is_sqlite and not _sqlite_file(config).exists():
        raise ConfigError(f"There is no database in {config.data}; nothing was written.")
    if not file.parent.is_dir():
        raise ConfigError(f"There is no folder {file.parent.absolute()}; make it, or write the backup elsewhere.")
    partial = file.with_name(f"{file.name}.partial")
    try:
        with tempfile.TemporaryDirectory() as folder, archive.open_new(partial) as tar:
            _dump(config, Path(folder) / "database")
            _write(config, tar, Path(folder) / "database", leave_out=partial.resolve())
        partial.replace(file)
    except OSError as error:
        raise ConfigError(f"The backup could not be written: {error.strerror or error} ({error.filename}).") from error
    finally:
        partial.unlink(missing_ok=True)


def restore(config: Config, file: Path) -> None:
    """Replace database and files by those of a backup.

    The whole archive is checked before anything is changed; a SQLite database is migrated before as well.

    Raises:
        ConfigError: The host runs, or the file isn't a backup of this kind of database.
    """
    with hold_folder(config.data), tempfile.TemporaryDirectory(dir=config.data, prefix=UNFINISHED) as folder:
        place = Path(folder)
        free = shutil.disk_usage(config.data).free - SPARE_BYTES
        archive.extract(file, place, _is_known, max(free, 0))
        _check_manifest(config, file, place)
        _refuse_while_running(config)
        files = sorted(_files(place / "data")) if (place / "data").is_dir() else []
        _check_places(config, files)
        if config.is_sqlite:
            _check_sqlite(file, place / "database")
            _bring_up_to_date(f"sqlite:///{place / 'database'}")
            _replace(place / "database", _sqlite_file(config))
        else:
            postgresql_tools.load(config.database_url, place / "database")
            _bring_up_to_date(config.database_url)
        for name in files:
            _replace(place / "data" / name, config.data / name)


def _is_known(name: PurePosixPath) -> bool:
    """Tell whether a name belongs in a backup; transient files don't."""
    if name.parts[0] != "data":
        return str(name) in {"manifest.json", "database"}
    return len(name.parts) > 1 and not _is_transient(name)


def _is_transient(name: PurePosixPath | Path) -> bool:
    return name.name.endswith(TRANSIENT) or any(part.startswith(UNFINISHED) for part in name.parts)


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder, as paths relative to it.

    Raises:
        ConfigError: There is a link: its target may be anything, and a restore would not make a link.
    """
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if path.is_symlink():
            raise ConfigError(f"{path} is a link; put there what it leads to, since a backup holds no links.")
        if path.is_file() and not _is_transient(name):
            yield name


def _check_manifest(config: Config, file: Path, place: Path) -> None:
    try:
        manifest = strict.read((place / "manifest.json").read_bytes())
        found = manifest["format"], manifest["engine"]
        is_whole = (place / "database").is_file()
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise ConfigError(f"{file} isn't a complete backup ({type(error).__name__}); nothing was changed.") from error
    if not is_whole:
        raise ConfigError(f"{file} isn't a complete backup (no database); nothing was changed.")
    if found != (FORMAT, _engine(config)):
        raise ConfigError(
            f"{file}: found format {found[0]!r:.40} of {found[1]!r:.40}, needed {FORMAT} of {_engine(config)}; "
            "nothing was changed."
        )


def _check_places(config: Config, files: list[Path]) -> None:
    """Refuse to write over folders, through links, or over the database.

    Raises:
        ConfigError: Says where.
    """
    database = _sqlite_file(config) if config.is_sqlite else None
    for name in files:
        target = config.data / name
        upwards = [config.data / parent for parent in name.parents if parent != Path()]
        if target.is_dir() or target == database or any(each.is_symlink() or each.is_file() for each in upwards):
            raise ConfigError(f"{target} can't be restored: something else is in its place; nothing was changed.")


def _check_sqlite(file: Path, database: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            known = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    except sqlite3.Error as error:
        raise ConfigError(f"{file} isn't a complete backup ({error}); nothing was changed.") from error
    if found != "ok" or not known[0]:
        raise ConfigError(f"{file} isn't a complete backup (its database is damaged); nothing was changed.")


def _bring_up_to_date(database_url: str) -> None:
    """Migrate, let unfinished jobs be enqueued again, and drop the engine's tables."""
    database = open_database(database_url)
    try:
        migrate.upgrade(database)
        with database.write() as connection:
            unfinished = engine_tables.unfinished(connection)
            job_rows.hand_over_again(connection, unfinished)
            deliveries.release(connection, unfinished, SystemClock().now())
            engine_tables.clear(connection)
    finally:
        database.close()


def _replace(source: Path, target: Path) -> None:
    """Move a file into its place, and delete what SQLite kept next to the old one."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for each in _beside(target):
        each.unlink(missing_ok=True)
    if target.parent.stat().st_dev != source.stat().st_dev:
        source = Path(shutil.copy(source, target.with_name(f"{target.name}.new")))
    source.replace(target)


def _beside(file: Path) -> list[Path]:
    """Return the existing files that SQLite keeps beside a database file."""
    names = (f"{file}{suffix}" for suffix in BESIDE_SQLITE)
    return [Path(name) for name in names if os.path.lexists(name)]  # False for a name that is too long


def _dump(config: Config, target: Path) -> None:
    if config.is_sqlite:
        _copy_sqlite(_sqlite_file(config), target)
    else:
        postgresql_tools.dump(config.database_url, target)


def _write(config: Config, tar: tarfile.TarFile, database: Path, leave_out: Path) -> None:
    manifest = writing.text({"format": FORMAT, "engine": _engine(config)}).encode()
    archive.add_bytes(tar, io.BytesIO(manifest), "manifest.json", len(manifest))
    archive.add(tar, database, "database")
    ours = [_sqlite_file(config), *_beside(_sqlite_file(config))] if config.is_sqlite else []
    for name in sorted(_files(config.data)):
        path = config.data / name
        if path not in {*ours, leave_out}:
            _add(tar, path, f"data/{name}")


def _add(tar: tarfile.TarFile, path: Path, name: str) -> None:
    """Add a file; of a SQLite file, such as the starter CRM's, a consistent copy."""
    if path.suffix not in SQLITE_SUFFIXES:
        archive.add(tar, path, name)
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        archive.add(tar, copy if _copy_if_sqlite(path, copy) else path, name)


def _copy_if_sqlite(path: Path, copy: Path) -> bool:
    """Copy a file if it is a SQLite file; return whether it is."""
    try:
        with path.open("rb") as file:
            if file.read(len(SQLITE)) != SQLITE:
                return False
        _copy_sqlite(path, copy)
    except (OSError, sqlite3.DatabaseError):
        return False
    return True


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source, timeout=30)) as original, closing(sqlite3.connect(target)) as copy:
        original.backup(copy)


def _refuse_while_running(config: Config) -> None:
    """Raise ConfigError if any process has a recent heartbeat; only `serve` locks its folder."""
    if config.is_sqlite and not _sqlite_file(config).exists():
        return
    database = Database(config.database_url) if config.is_sqlite else open_database(config.database_url)
    try:
        with database.read() as connection:
            if not inspect(connection).has_table(heartbeats.name):
                return
            alive_at = connection.execute(select(func.max(heartbeats.c.alive_at))).scalar_one_or_none()
    except DatabaseError as error:
        if config.is_sqlite and not isinstance(error, OperationalError):
            return  # the file is damaged, and the restore replaces it
        raise
    finally:
        database.close()
    if alive_at is not None and SystemClock().now() - alive_at < ALIVE:
        raise ConfigError(
            f"A web process or worker still uses the database, or did {ALIVE.total_seconds():g} s ago; stop all first."
        )


def _engine(config: Config) -> str:
    return "sqlite" if config.is_sqlite else "postgresql"


def _sqlite_file(config: Config) -> Path:
    return Path(make_url(config.database_url).database or "")
