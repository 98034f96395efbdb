"""Transactions on the database, SQLite or PostgreSQL, to read or to write.

On SQLite a writing transaction starts with BEGIN IMMEDIATE: after the default BEGIN, a transaction that reads first and
writes later fails with "database is locked" beside another process. On PostgreSQL a writing transaction locks the rows
that it is going to change (`locked`), and decisions that only one transaction may make at a time take an
`advisory_lock`. Never make a network call inside `write()`.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, Select, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError

from host.db.fair_lock import FairLock
from host.gate import stored_json

READ_ONLY = {"patchbay_read_only": True}
SNAPSHOT = {"isolation_level": "REPEATABLE READ"}
NOTIFIES = "patchbay_notifies"  # in Connection.info: the commit calls the listeners
DEADLOCK = "40P01"  # PostgreSQL's code of a deadlock
TRIES = 4
SQLITE_PATIENCE_S = 30  # for other writers, of this process or another
CONNECT_TIMEOUT_S = 10  # without it the driver waits for minutes for a machine that is away
QUIET: dict[str, Any] = {"hide_parameters": True}  # else errors would carry names and phone numbers into the log
JSON_COLUMNS: dict[str, Any] = {"json_serializer": stored_json.write, "json_deserializer": stored_json.read}

P = ParamSpec("P")
T = TypeVar("T")


class Database:
    """Opens transactions, and calls listeners after commits."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite(url) if self.is_sqlite else _postgresql(url)
        self._committed: list[Callable[[], None]] = []
        # SQLite has no queue: a waiting writer polls, and may wait for seconds while later ones go first.
        self._turn: AbstractContextManager[None] = FairLock(SQLITE_PATIENCE_S) if self.is_sqlite else nullcontext()

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every commit of a transaction that called `notify_on_commit`."""
        self._committed.append(listener)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that writes; commit at the end, roll back on an exception.

        On SQLite the writing transactions of this process run in the order in which they were opened.
        """
        with self._turn, self.engine.connect() as connection:
            connection.info.pop(NOTIFIES, None)
            with connection.begin():
                yield connection
            notifies = connection.info.pop(NOTIFIES, False)
        if notifies:
            for listener in self._committed:
                listener()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads, from one snapshot."""
        with self.engine.connect() as connection:
            reading = connection.execution_options(**READ_ONLY, **({} if self.is_sqlite else SNAPSHOT))
            with reading.begin():
                yield reading

    def close(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


def notify_on_commit(connection: Connection) -> None:
    """Call the listeners of `Database.on_commit` once this transaction is committed."""
    connection.info[NOTIFIES] = True


def locked(connection: Connection, rows: Select[Any]) -> Select[Any]:
    """Return the query with a lock on its rows until this transaction ends; unchanged in a reading transaction."""
    is_reading = connection.get_execution_options().get("patchbay_read_only", False)
    return rows if is_reading else rows.with_for_update()


def advisory_lock(connection: Connection, about: str) -> None:
    """Lock the name `about` until this transaction ends; SQLite has one writing transaction at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:about, 0))"), {"about": about})


def retry_on_deadlock(work: Callable[P, T]) -> Callable[P, T]:
    """Repeat a function that is one transaction when PostgreSQL ended it because of a deadlock."""

    @wraps(work)
    def run(*args: P.args, **named: P.kwargs) -> T:
        for _ in range(TRIES - 1):
            try:
                return work(*args, **named)
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) != DEADLOCK:
                    raise
        return work(*args, **named)

    return run


def _postgresql(url: str) -> Engine:
    timeout = {} if "connect_timeout" in make_url(url).query else {"connect_timeout": CONNECT_TIMEOUT_S}
    pool: dict[str, Any] = {"pool_size": 10, "max_overflow": 10, "pool_pre_ping": True}
    engine = create_engine(url, connect_args=timeout, **pool, **QUIET, **JSON_COLUMNS)

    @event.listens_for(engine, "connect")
    def prepare(dbapi: Any, _record: object) -> None:
        # A machine that vanishes must not hold its locks for hours.
        for setting in ("tcp_keepalives_idle = 10", "tcp_keepalives_interval = 5", "tcp_keepalives_count = 3"):
            dbapi.execute(f"SET {setting}")
        dbapi.commit()

    return engine


def _keep_private(file: Path) -> None:
    """Let only the owner read a SQLite file and those that SQLite puts beside it.

    An existing file is never opened: closing it would drop the locks of this process on it.
    """
    with suppress(OSError):  # the file exists, or its folder doesn't
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    for each in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        if each.is_file():
            with suppress(PermissionError):  # it belongs to another user
                each.chmod(0o600)


def _sqlite(url: str) -> Engine:
    if file := make_url(url).database:
        _keep_private(Path(file))
    connecting = {"check_same_thread": False, "timeout": SQLITE_PATIENCE_S}
    engine = create_engine(url, connect_args=connecting, pool_size=40, max_overflow=40, **QUIET, **JSON_COLUMNS)

    @event.listens_for(engine, "connect")
    def prepare(dbapi: Any, _record: object) -> None:
        dbapi.isolation_level = None  # the listener below sends BEGIN
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            f"busy_timeout={SQLITE_PATIENCE_S * 1000}",
            "foreign_keys=ON",
        ):
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("patchbay_read_only", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine
