"""How each destination does: one that fails again and again rests, and is then tried with one delivery at a time.

So a destination that is down takes no time from others, and what waits for it isn't tried in vain.

Source: docs/reference/files.md, Deliveries.
"""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, select, update

from host.db.engine import locked
from host.db.tables import destinations as rows
from host.db.upsert import insert

Destination = Literal["storage", "email"]
DESTINATIONS: tuple[Destination, ...] = ("storage", "email")
AT_ONCE = 4
"""Tries at the same time."""
FAILURES = 3
"""After so many failures in a row it rests."""
FIRST_REST_S = 10.0
LONGEST_REST_S = 300.0


def room(connection: Connection, name: Destination, sending: int, now: datetime) -> int:
    """Return how many more tries may begin.

    Args:
        connection: A reading one will do.
        name: The destination.
        sending: Tries that are under way.
        now: The current time.
    """
    row = connection.execute(select(rows).where(rows.c.name == name)).one_or_none()
    if row is None or row.rests_until is None:
        return max(0, AT_ONCE - sending)
    return 0 if sending or row.rests_until > now else 1


def succeeded(connection: Connection, name: Destination) -> bool:
    """Note a success; tell whether the destination was down before."""
    row = connection.execute(select(rows).where(rows.c.name == name)).one_or_none()
    if row is None or not row.failures:
        return False
    values = {"failures": 0, "rests_until": None, "down_since": None}
    connection.execute(update(rows).where(rows.c.name == name).values(**values))
    return row.down_since is not None


def failed(connection: Connection, name: Destination, now: datetime) -> datetime | None:
    """Note a failure that another try may mend; return since when the destination is down, None if it isn't."""
    first = insert(connection, rows).values(name=name).on_conflict_do_nothing(index_elements=["name"])
    connection.execute(first)
    row = connection.execute(locked(connection, select(rows).where(rows.c.name == name))).one()
    failures = row.failures + 1
    values: dict[str, object] = {"failures": failures}
    down_since: datetime | None = None
    if failures >= FAILURES:
        rest_s = min(LONGEST_REST_S, FIRST_REST_S * 2.0 ** min(failures - FAILURES, 10))
        down_since = row.down_since or now
        values |= {"rests_until": now + timedelta(seconds=rest_s), "down_since": down_since}
    connection.execute(update(rows).where(rows.c.name == name).values(**values))
    return down_since


def wake(connection: Connection, name: Destination) -> None:
    """Let a destination that rests be tried now: a person says so, or its settings have changed."""
    resting = (rows.c.name == name) & rows.c.rests_until.is_not(None)
    connection.execute(update(rows).where(resting).values(rests_until=rows.c.down_since))


def down(connection: Connection) -> dict[Destination, tuple[datetime, datetime]]:
    """Return the destinations that are down: since when, and when the next try is."""
    found = connection.execute(select(rows).where(rows.c.down_since.is_not(None)))
    return {row.name: (row.down_since, row.rests_until) for row in found}
