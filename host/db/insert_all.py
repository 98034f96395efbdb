"""Inserts many rows with few statements, and returns their ids in the order of the rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table


def insert_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows with ids of the database; return the ids.

    SQLAlchemy knows no way to ask SQLite for them in order, and inserts each row by itself when it should. But SQLite
    inserts the rows of a statement one after another, each with a higher id (AUTOINCREMENT).

    Args:
        connection: In a writing transaction.
        table: Its key is `id`.
        rows: All with the same columns.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    statement = table.insert().returning(table.c.id, sort_by_parameter_order=not is_sqlite)
    ids = connection.execute(statement, [dict(row) for row in rows]).scalars().all()
    return sorted(ids) if is_sqlite else list(ids)
