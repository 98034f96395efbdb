"""Makes databases fast in tests: engines share what they have compiled, and tables are copied from a template."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, make_url
from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache

import host.db.engine
from host.db import migrate
from host.db.engine import Database
from host.db.tables import metadata

MAKERS = ("_sqlite", "_postgresql")
"""The product's functions that make an engine."""
STATEMENTS = 4000
"""How many compiled statements of one kind of database are kept."""


@contextmanager
def shared_statements() -> Iterator[None]:
    """Let all engines of a kind use one dialect and one cache of compiled statements.

    Each test has an engine of its own, and would compile each statement again. SQLite doesn't wait for the disk
    either: no file outlives its test.
    """
    real = {name: getattr(host.db.engine, name) for name in MAKERS}
    for name, make in real.items():
        setattr(host.db.engine, name, _sharing(make))
    yield
    for name, make in real.items():
        setattr(host.db.engine, name, make)


def lay_tables(database: Database) -> None:
    """Make all tables, empty; a new SQLite file gets them by a copy."""
    if not _is_copied(database, _with_tables):
        metadata.create_all(database.engine)


def lay_migrated_tables(database: Database) -> None:
    """Make all tables, empty, as `lay_tables` does, with the revision that a started product finds."""
    if not _is_copied(database, _migrated):
        migrate.upgrade(database)


def _sharing(make: Callable[[str], Engine]) -> Callable[[str], Engine]:
    dialects: list[Dialect] = []
    statements: Any = LRUCache(STATEMENTS)

    def made(url: str) -> Engine:
        engine = make(url)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _hurry)
        ready = [each for each in dialects if each.server_version_info]  # the first connection asks for it
        if ready:
            engine.dialect = engine.pool._dialect = ready[0]
            engine._compiled_cache = statements
        else:
            dialects.append(engine.dialect)
        return engine

    return made


def _hurry(dbapi: Any, _record: object) -> None:
    dbapi.execute("PRAGMA synchronous=OFF")


def _is_copied(database: Database, template: Callable[[], bytes]) -> bool:
    """Fill a SQLite file that nobody has written to; tell whether it was one."""
    path = Path(make_url(database.url).database or "")
    if not database.is_sqlite or path.stat().st_size:
        return False
    path.write_bytes(template())
    return True


@cache
def _with_tables() -> bytes:
    return _file(lambda database: metadata.create_all(database.engine))


@cache
def _migrated() -> bytes:
    return _file(migrate.upgrade)


def _file(fill: Callable[[Database], object]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        database = Database(f"sqlite:///{path}")
        fill(database)
        database.close()
        return path.read_bytes()
