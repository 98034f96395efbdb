"""Opens the starter CRM's SQLite file for reading and for writing.

Writers start with BEGIN IMMEDIATE, so that they wait for each other instead of failing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from crm_shell.starter_crm.store.tables import metadata

FILE_NAME = "starter-crm.sqlite3"
READ_ONLY = {"starter_crm_read_only": True}


class Database:
    """Hands out transactions on the file in `folder`, which is made when it isn't there."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.engine = _engine(folder / FILE_NAME)
        with self.write() as connection:
            metadata.create_all(connection)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that writes; commits at the end, rolls back on an exception."""
        with self.engine.begin() as connection:
            yield connection

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


def _engine(path: Path) -> Engine:
    path.touch(mode=0o600)
    arguments = {"check_same_thread": False, "timeout": 30}
    engine = create_engine(f"sqlite:///{path}", connect_args=arguments, pool_size=20)

    @event.listens_for(engine, "connect")
    def prepare(dbapi: Any, _record: object) -> None:
        dbapi.isolation_level = None  # transactions begin explicitly
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("starter_crm_read_only", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine
