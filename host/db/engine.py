"""One database, SQLite or PostgreSQL, and the two ways to use it: read and write.

SQLite writers start with BEGIN IMMEDIATE: with the default, deferred BEGIN a unit that reads first
and writes later dies of "database is locked" beside another process.
Never make a network call inside `write()`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

READ_ONLY = {"patchbay_read_only": True}
QUIET: dict[str, Any] = {"hide_parameters": True}  # names and phone numbers, which errors would carry into the log


class Database:
    """Hands out transactions and tells who listens when one has been committed."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite(url) if self.is_sqlite else create_engine(url, pool_size=20, **QUIET)
        self._committed: list[Callable[[], None]] = []

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every committed write: the bus looks for news then."""
        self._committed.append(listener)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that writes; commits at the end, rolls back on an exception."""
        with self.engine.begin() as connection:
            yield connection
        for listener in self._committed:
            listener()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads, on one consistent snapshot."""
        with self.engine.connect() as connection:
            reading = connection.execution_options(**READ_ONLY)
            with reading.begin():
                yield reading

    def close(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


def _sqlite(url: str) -> Engine:
    connecting = {"check_same_thread": False, "timeout": 30}
    engine = create_engine(url, connect_args=connecting, pool_size=40, max_overflow=40, **QUIET)

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
