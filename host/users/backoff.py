"""Backoff: each wrong try makes the next one wait longer. Nobody is locked out, but guessing is slow.

The counts are in the database, for all processes; keys are hashed as in `throttle`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from host.db.engine import advisory_lock
from host.db.tables import throttles
from host.db.upsert import upsert
from host.errors import TooManyError
from host.refusals import refusals
from host.users.throttle import TRIES, hash_key

FORGET_AFTER = timedelta(minutes=15)
"""Wrong tries are forgotten this long after the last one."""
WAITS_HERE_S = 3
"""A try waits here at most this long; for a longer wait it is refused."""


@dataclass(frozen=True)
class Backoff:
    """The rule for one kind of tries."""

    free: int
    """Wrong tries without a wait."""
    longest_s: int
    """The longest wait; waits grow 2 s, 4 s, 8 s, ..."""

    def wait_s(self, wrong: int) -> int:
        """Return how long to wait after this many wrong tries."""
        over = wrong - self.free + 1
        return min(self.longest_s, 2**over) if 0 < over < 30 else self.longest_s if over > 0 else 0


def wait_s(connection: Connection, key: str, now: datetime, rule: Backoff) -> float:
    """Return how long a try has to wait now, in seconds.

    Raises:
        TooManyError: Longer than `WAITS_HERE_S`; says how long.
    """
    wrong, last_at = _wrong(connection, key, now)
    left = (last_at + timedelta(seconds=rule.wait_s(wrong)) - now).total_seconds()
    if left > WAITS_HERE_S:
        refusals.note("sign_ins")
        raise TooManyError.of(TRIES, left)
    return max(left, 0)


def count(connection: Connection, key: str, now: datetime) -> None:
    """Count a try that is wrong, or may be wrong.

    Args:
        connection: In a writing transaction.
        key: `sign-in:agent@example.com`.
        now: The time of the try, after its wait.
    """
    wrong, _ = _wrong(connection, key, now)
    upsert(connection, throttles, ["key"], {"key": hash_key(key), "window_started_at": now, "count": wrong + 1})


def forget(connection: Connection, key: str) -> None:
    """Reset the count."""
    connection.execute(delete(throttles).where(throttles.c.key == hash_key(key)))


def _wrong(connection: Connection, key: str, now: datetime) -> tuple[int, datetime]:
    """Return the number of wrong tries, and the time of the last one."""
    advisory_lock(connection, hash_key(key))
    query = select(throttles.c.count, throttles.c.window_started_at).where(throttles.c.key == hash_key(key))
    row = connection.execute(query).one_or_none()
    if row is None or now - row[1] > FORGET_AFTER:
        return 0, now
    return row[0], row[1]
