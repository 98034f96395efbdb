"""Wrong tries make the next one wait, ever longer; nobody is shut out, and guessing is slow.

Counts are in the database, so that they hold over all processes; keys are hashed as `throttle`'s are.
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
"""So long after the last wrong try they are forgotten."""
WAITS_HERE_S = 3
"""So long the try itself waits; longer ones come again."""


@dataclass(frozen=True)
class Backoff:
    """How tries of one kind are slowed down."""

    free: int
    """Wrong tries that make nobody wait."""
    longest_s: int
    """What the wait grows to: 2 s, 4 s, 8 s, ..."""

    def wait_s(self, wrong: int) -> int:
        """Return how long to wait after so many wrong tries."""
        over = wrong - self.free + 1
        return min(self.longest_s, 2**over) if 0 < over < 30 else self.longest_s if over > 0 else 0


def wait_s(connection: Connection, key: str, now: datetime, rule: Backoff) -> float:
    """Return for how long a try that comes now has to wait.

    Raises:
        TooManyError: For too long: it has to come again.
    """
    wrong, last_at = _wrong(connection, key, now)
    left = (last_at + timedelta(seconds=rule.wait_s(wrong)) - now).total_seconds()
    if left > WAITS_HERE_S:
        refusals.note("sign_ins")
        raise TooManyError.of(TRIES, left)
    return max(left, 0)


def count(connection: Connection, key: str, now: datetime) -> None:
    """Count one wrong try, or one that may turn out to be.

    Args:
        connection: Writing.
        key: `sign-in:agent@example.com`.
        now: When it is made, after its wait.
    """
    wrong, _ = _wrong(connection, key, now)
    upsert(connection, throttles, ["key"], {"key": hash_key(key), "window_started_at": now, "count": wrong + 1})


def forget(connection: Connection, key: str) -> None:
    """Start again at zero."""
    connection.execute(delete(throttles).where(throttles.c.key == hash_key(key)))


def _wrong(connection: Connection, key: str, now: datetime) -> tuple[int, datetime]:
    """Return how many wrong tries count, and when the last was."""
    advisory_lock(connection, hash_key(key))
    query = select(throttles.c.count, throttles.c.window_started_at).where(throttles.c.key == hash_key(key))
    row = connection.execute(query).one_or_none()
    if row is None or now - row[1] > FORGET_AFTER:
        return 0, now
    return row[0], row[1]
