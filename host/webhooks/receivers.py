"""The rows of webhooks: who sends to each now, and how its receiver does.

Source: docs/webhooks.md, Retries.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select, update

from host.db.tables import webhooks as rows
from host.db.upsert import insert

LEASE = timedelta(seconds=60)
"""Longer than one batch takes."""
REST = timedelta(seconds=35)
"""From a failure to the next try: longer than the circuit breaker stays open."""


@dataclass(frozen=True)
class Receiver:
    """How the receiver of a webhook does."""

    rests_until: datetime | None = None
    """After a failure; None: it answered the last request."""
    received_at: datetime | None = None
    """When it last confirmed a message."""
    lease_until: datetime | None = None
    """Until then another process may be sending to it."""

    @property
    def is_failing(self) -> bool:
        """Whether it has not answered the last request, or only with an error of its own."""
        return self.rests_until is not None

    def is_resting(self, now: datetime) -> bool:
        """Tell whether nothing is sent to it now."""
        return self.rests_until is not None and self.rests_until > now

    def is_free(self, now: datetime) -> bool:
        """Tell whether a sender may take it."""
        return not self.is_resting(now) and (self.lease_until is None or self.lease_until <= now)


def get(connection: Connection, key: str) -> Receiver:
    """Return how a receiver does; a fresh one does well."""
    columns = (rows.c.rests_until, rows.c.received_at, rows.c.lease_until)
    row = connection.execute(select(*columns).where(rows.c.key == key)).one_or_none()
    return Receiver(*row) if row else Receiver()


def lease(connection: Connection, key: str, owner: str, now: datetime) -> bool:
    """Take or renew the right to send to a webhook; return False while another sender has it."""
    connection.execute(insert(connection, rows).values(key=key).on_conflict_do_nothing(index_elements=["key"]))
    is_mine = or_(rows.c.lease_until.is_(None), rows.c.lease_until <= now, rows.c.lease_owner == owner)
    taken = update(rows).where(rows.c.key == key, is_mine).values(lease_owner=owner, lease_until=now + LEASE)
    return connection.execute(taken).rowcount == 1


def release(connection: Connection, key: str, owner: str) -> None:
    """Give the right back."""
    mine = (rows.c.key == key) & (rows.c.lease_owner == owner)
    connection.execute(update(rows).where(mine).values(lease_owner=None, lease_until=None))


def note_back(connection: Connection, key: str, received_at: datetime | None) -> None:
    """Note that the receiver answers.

    Args:
        received_at: When it confirmed a message; None: it refused all of them.
    """
    noted = {"rests_until": None} | ({"received_at": received_at} if received_at else {})
    connection.execute(update(rows).where(rows.c.key == key).values(**noted))


def let_rest(connection: Connection, key: str, until: datetime) -> None:
    """Send nothing before then."""
    connection.execute(update(rows).where(rows.c.key == key).values(rests_until=until))


def wake(connection: Connection, key: str, now: datetime) -> None:
    """End the rest of a receiver."""
    resting = (rows.c.key == key) & (rows.c.rests_until > now)
    connection.execute(update(rows).where(resting).values(rests_until=now))
