"""Throttle: limits on tries in a window of time, counted in the database for all processes.

Keys are hashed, so that the table reveals no e-mails and addresses.
"""

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, select, update

from host.db.engine import Database
from host.db.tables import throttles
from host.db.upsert import Upsert, insert
from host.errors import TooManyError

TRIES = "Too many tries."


def hit(database: Database, key: str, now: datetime, limit: int, window_s: int, *, reason: str = TRIES) -> None:
    """Count one try.

    Args:
        database: Holds the counts.
        key: `sign-in:agent@example.com`.
        now: Aware.
        limit: The most tries in a window.
        window_s: Seconds from the first try of a window to its end.
        reason: What there was too much of, as a sentence.

    Raises:
        TooManyError: The window is full; says how long to wait.
    """
    with database.write() as connection:
        count, started_at = add(connection, key, now, window_s)
    if count > limit:
        raise TooManyError.of(reason, (started_at + timedelta(seconds=window_s) - now).total_seconds())


def check(database: Database, key: str, now: datetime, limit: int, window_s: int) -> None:
    """Check whether a window is full, without counting.

    Raises:
        TooManyError: As many tries as `limit` have been counted; says how long to wait.
    """
    window = timedelta(seconds=window_s)
    full = (throttles.c.key == hash_key(key)) & (throttles.c.count >= limit)
    query = select(throttles.c.window_started_at).where(full, throttles.c.window_started_at > now - window)
    with database.read() as connection:
        started_at = connection.execute(query).scalar_one_or_none()
    if started_at is not None:
        raise TooManyError.of(TRIES, (started_at + window - now).total_seconds())


def give_back(database: Database, key: str) -> None:
    """Take back one try that did no harm."""
    with database.write() as connection:
        connection.execute(
            update(throttles)
            .where(throttles.c.key == hash_key(key), throttles.c.count > 0)
            .values(count=throttles.c.count - 1)
        )


def forget(database: Database, key: str) -> None:
    """Reset the count."""
    with database.write() as connection:
        connection.execute(delete(throttles).where(throttles.c.key == hash_key(key)))


def windows(
    connection: Connection, keys: Collection[str], now: datetime, window_s: int
) -> dict[str, tuple[int, datetime]]:
    """Return the count of each window that is open, and when it opened, by key."""
    names = {hash_key(key): key for key in keys}
    query = select(throttles).where(throttles.c.key.in_(names))
    query = query.where(throttles.c.window_started_at > now - timedelta(seconds=window_s))
    found = connection.execute(query).mappings()
    return {names[row["key"]]: (row["count"], row["window_started_at"]) for row in found}


def purge(connection: Connection, now: datetime, older_than: timedelta = timedelta(days=1)) -> None:
    """Delete windows that ended long ago."""
    connection.execute(delete(throttles).where(throttles.c.window_started_at <= now - older_than))


def hash_key(key: str) -> str:
    """Return `sign-in:9f86d0...` for `sign-in:agent@example.com`."""
    kind, _, value = key.partition(":")
    return f"{kind}:{hashlib.sha256(value.encode()).hexdigest()}"


def add(connection: Connection, key: str, now: datetime, window_s: int, amount: int = 1) -> tuple[int, datetime]:
    """Count `amount` in one statement, so that simultaneous tries can't exceed the limit.

    Returns:
        The count of the window, and when it opened.
    """
    counting = _counting(connection, now, window_s).returning(throttles.c.count, throttles.c.window_started_at)
    row = connection.execute(counting, _row(key, now, amount)).one()
    return row[0], row[1]


def add_all(connection: Connection, amounts: Mapping[str, int], now: datetime, window_s: int) -> None:
    """Count several amounts, by key."""
    rows = [_row(key, now, amounts[key]) for key in sorted(amounts)]
    connection.execute(_counting(connection, now, window_s), rows)


def _row(key: str, now: datetime, amount: int) -> dict[str, object]:
    return {"key": hash_key(key), "window_started_at": now, "count": amount}


def _counting(connection: Connection, now: datetime, window_s: int) -> Upsert:
    """Return the statement that counts a row's amount, in a window that is open, or in a new one."""
    columns, statement = throttles.c, insert(connection, throttles)
    is_over = columns.window_started_at <= now - timedelta(seconds=window_s)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[columns.key],
        set_={
            "count": case((is_over, new.count), else_=columns.count + new.count),
            "window_started_at": case((is_over, new.window_started_at), else_=columns.window_started_at),
        },
    )
