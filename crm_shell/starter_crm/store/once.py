"""Idempotency keys: the same key on the same path gets the first answer again, and creates nothing.

The answer is written in the transaction that makes the row. Writers wait for each other (BEGIN IMMEDIATE), so a second
request with the key that comes at the same moment waits, too, and then finds the first one's answer.
"""

from collections.abc import Callable

from sqlalchemy import Connection, insert, select

from crm_shell.starter_crm.store.database import Database
from crm_shell.starter_crm.store.entries import now
from crm_shell.starter_crm.store.kinds import JsonObject
from crm_shell.starter_crm.store.tables import answers


def once(database: Database, path: str, key: str, make: Callable[[Connection], JsonObject]) -> tuple[JsonObject, bool]:
    """Return the answer, and whether it is a repeated one.

    Args:
        database: Where.
        path: What was asked for; keys of different paths have nothing to do with each other.
        key: The caller's key; empty: not protected.
        make: Does the work in the transaction that it is given, and returns the answer. An error leaves no trace.
    """
    with database.write() as connection:
        where = (answers.c.path == path) & (answers.c.key == key)
        first = connection.execute(select(answers.c.body).where(where)).scalar_one_or_none() if key else None
        if first is not None:
            return first, True
        answer = make(connection)
        if key:
            connection.execute(insert(answers).values(path=path, key=key, body=answer, created_at=now()))
        return answer, False
