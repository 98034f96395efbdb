"""Limits on tries, kept in the database so that they hold over all processes.

Keys are hashed: the table tells nobody whose e-mail or address was tried.
"""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, select, update

from host.db.engine import Database
from host.db.tables import throttles
from host.db.upsert import insert
from host.errors import TooManyError


def hit(database: Database, key: str, now: datetime, limit: int, window_s: int) -> None:
    """Count one try.

    Args:
        database: Where to count.
        key: `sign-in:agent@example.com`.
        now: Aware.
        limit: How many tries a window takes.
        window_s: The window opens with its first try and lasts so many seconds.

    Raises:
        TooManyError: The window is full; says how long to wait.
    """
    with database.write() as connection:
        count, started_at = _count(connection, hash_key(key), now, timedelta(seconds=window_s))
    if count > limit:
        raise _too_many(started_at + timedelta(seconds=window_s) - now)


def check(database: Database, key: str, now: datetime, limit: int, window_s: int) -> None:
    """Look whether a window is full, without counting.

    Raises:
        TooManyError: As many tries as `limit` have been counted; says how long to wait.
    """
    window = timedelta(seconds=window_s)
    full = (throttles.c.key == hash_key(key)) & (throttles.c.count >= limit)
    query = select(throttles.c.window_started_at).where(full, throttles.c.window_started_at > now - window)
    with database.read() as connection:
        started_at = connection.execute(query).scalar_one_or_none()
    if started_at is not None:
        raise _too_many(started_at + window - now)


def give_back(database: Database, key: str) -> None:
    """Take one try back that did no harm."""
    with database.write() as connection:
        connection.execute(
            update(throttles)
            .where(throttles.c.key == hash_key(key), throttles.c.count > 0)
            .values(count=throttles.c.count - 1)
        )


def forget(database: Database, key: str) -> None:
    """Start again at zero."""
    with database.write() as connection:
        connection.execute(delete(throttles).where(throttles.c.key == hash_key(key)))


def purge(connection: Connection, now: datetime, older_than: timedelta = timedelta(days=1)) -> None:
    """Delete windows that closed long ago."""
    connection.execute(delete(throttles).where(throttles.c.window_started_at <= now - older_than))


def hash_key(key: str) -> str:
    """`sign-in:9f86d0...` of `sign-in:agent@example.com`."""
    kind, _, value = key.partition(":")
    return f"{kind}:{hashlib.sha256(value.encode()).hexdigest()}"


def _count(connection: Connection, key: str, now: datetime, window: timedelta) -> tuple[int, datetime]:
    """Count in one statement: two at once can't both be the last."""
    columns = throttles.c
    is_over = columns.window_started_at <= now - window
    counting = (
        insert(connection, throttles)
        .values(key=key, window_started_at=now, count=1)
        .on_conflict_do_update(
            index_elements=[columns.key],
            set_={
                "count": case((is_over, 1), else_=columns.count + 1),
                "window_started_at": case((is_over, now), else_=columns.window_started_at),
            },
        )
        .returning(columns.count, columns.window_started_at)
    )
    row = connection.execute(counting).one()
    return row[0], row[1]


def _too_many(wait: timedelta) -> TooManyError:
    seconds = max(1, -(-wait // timedelta(seconds=1)))
    minutes, rest = divmod(seconds, 60)
    parts = [f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in ((minutes, "minute"), (rest, "second")) if n]
    return TooManyError(f"Too many tries. Wait {' and '.join(parts)}, then try again.", retry_after_s=seconds)
