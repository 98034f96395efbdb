"""One database, SQLite or PostgreSQL, and the two ways to use it: read and write.

SQLite writers start with BEGIN IMMEDIATE: with the default, deferred BEGIN a unit that reads first
and writes later dies of "database is locked" beside another process. On PostgreSQL writers lock the rows
that they are about to change (`locked`), and what must be decided by one at a time takes turns (`advisory_lock`).
Never make a network call inside `write()`.
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
TELLS = "patchbay_tells"  # in Connection.info: what is committed is news for others
DEADLOCK = "40P01"  # PostgreSQL's name for two transactions that wait for each other
TRIES = 4
CONNECT_TIMEOUT_S = 10  # a machine that is away is noticed; without it the driver waits for minutes
QUIET: dict[str, Any] = {"hide_parameters": True}  # names and phone numbers, which errors would carry into the log
JSON_COLUMNS: dict[str, Any] = {"json_serializer": stored_json.write, "json_deserializer": stored_json.read}

P = ParamSpec("P")
T = TypeVar("T")


class Database:
    """Hands out transactions and tells who listens when one has been committed."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite(url) if self.is_sqlite else _postgresql(url)
        self._committed: list[Callable[[], None]] = []
        # SQLite wakes nobody: who waits tries again and again, and some wait for seconds while others go first.
        self._turn: AbstractContextManager[None] = FairLock() if self.is_sqlite else nullcontext()

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every committed write that is news (`tell`): the bus looks for it then."""
        self._committed.append(listener)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that writes; commits at the end, rolls back on an exception.

        On SQLite the writers of this process go in the order in which they came.
        """
        with self._turn, self.engine.connect() as connection:
            connection.info.pop(TELLS, None)
            with connection.begin():
                yield connection
            is_news = connection.info.pop(TELLS, False)
        if is_news:
            for listener in self._committed:
                listener()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads, on one consistent snapshot."""
        with self.engine.connect() as connection:
            reading = connection.execution_options(**READ_ONLY, **({} if self.is_sqlite else SNAPSHOT))
            with reading.begin():
                yield reading

    def close(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


def notify_on_commit(connection: Connection) -> None:
    """Let others know once this transaction is committed."""
    connection.info[TELLS] = True


def locked(connection: Connection, rows: Select[Any]) -> Select[Any]:
    """Return the query so that nobody else changes its rows before this transaction ends; a reader changes nothing."""
    is_reading = connection.get_execution_options().get("patchbay_read_only", False)
    return rows if is_reading else rows.with_for_update()


def advisory_lock(connection: Connection, about: str) -> None:
    """Wait until no other writing transaction takes its turn `about` the same; SQLite has one writer anyhow."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:about, 0))"), {"about": about})


def retry_on_deadlock(work: Callable[P, T]) -> Callable[P, T]:
    """Let a function that is one transaction run again when PostgreSQL broke it off: nothing of it has happened."""

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
    patience = {} if "connect_timeout" in make_url(url).query else {"connect_timeout": CONNECT_TIMEOUT_S}
    pool: dict[str, Any] = {"pool_size": 10, "max_overflow": 10, "pool_pre_ping": True}
    engine = create_engine(url, connect_args=patience, **pool, **QUIET, **JSON_COLUMNS)

    @event.listens_for(engine, "connect")
    def prepare(dbapi: Any, _record: object) -> None:
        # A machine that vanishes must not hold its locks for hours.
        for setting in ("tcp_keepalives_idle = 10", "tcp_keepalives_interval = 5", "tcp_keepalives_count = 3"):
            dbapi.execute(f"SET {setting}")
        dbapi.commit()

    return engine


def _keep_private(file: Path) -> None:
    """Let only the owner read a SQLite file; what SQLite puts beside it gets the same mode.

    One that is there is never opened: closing it would drop the locks that this process has on it.
    """
    with suppress(OSError):  # there already, or in a folder that isn't
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    for each in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        if each.is_file():
            with suppress(PermissionError):  # another user's; what they allow is theirs to say
                each.chmod(0o600)


def _sqlite(url: str) -> Engine:
    if file := make_url(url).database:
        _keep_private(Path(file))
    connecting = {"check_same_thread": False, "timeout": 30}
    engine = create_engine(url, connect_args=connecting, pool_size=40, max_overflow=40, **QUIET, **JSON_COLUMNS)

    @event.listens_for(engine, "connect")
    def prepare(dbapi: Any, _record: object) -> None:
        dbapi.isolation_level = None  # we say BEGIN ourselves
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("patchbay_read_only", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine
