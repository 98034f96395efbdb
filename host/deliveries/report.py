"""Lists what has not arrived at the external storage or by mail, for admins and supervisors. Nothing personal.

Source: docs/operations.md, Deliveries and jobs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from host.db.tables import deliveries as rows
from host.db.tables import reconciliations, session_files
from host.deliveries import deliveries, destinations
from host.deliveries.deliveries import FAILED, SENDING, STATES, WAITING, Delivery
from host.deliveries.destinations import DESTINATIONS, Destination

AT_MOST = 100
"""Deliveries shown."""
NAMES: Mapping[Destination, str] = {"storage": "external storage", "email": "e-mail"}


@dataclass(frozen=True)
class Undelivered:
    """A delivery that failed, or is tried again."""

    delivery: Delivery
    name: str
    """`chat-12.json`, or `outcome` of a mail."""

    @property
    def where(self) -> str:
        """The destination, in words."""
        return NAMES[self.delivery.destination]


@dataclass(frozen=True)
class DownDestination:
    """A destination that has failed again and again."""

    name: str
    since: datetime
    next_try_at: datetime
    waiting: int


@dataclass(frozen=True)
class Reconciliation:
    """What the last nightly look for missing files found."""

    at: datetime
    missing: list[str]
    """`session 12: chat-12.json`; all of it was repaired."""


@dataclass(frozen=True)
class FileReport:
    """What needs attention."""

    waiting: int
    """Including what has not been tried yet."""
    failed: int
    items: list[Undelivered]
    """Failed ones first; not all may be listed."""
    down: list[DownDestination]
    reconciliation: Reconciliation | None


def report(connection: Connection) -> FileReport:
    """Return what needs attention."""
    in_trouble = or_(rows.c.state == FAILED, rows.c.state.in_((WAITING, SENDING)) & (rows.c.tries > 0))
    query = select(rows, session_files.c.name).outerjoin(session_files, session_files.c.id == rows.c.file_id)
    first = query.where(in_trouble).order_by(rows.c.state, rows.c.id).limit(AT_MOST)
    items = [
        Undelivered(deliveries.read(row), row["name"] or row["subject"]) for row in connection.execute(first).mappings()
    ]
    counts = count(connection)
    return FileReport(
        counts[WAITING] + counts[SENDING], counts[FAILED], items, _down(connection), _reconciliation(connection)
    )


def count(connection: Connection) -> dict[str, int]:
    """Return the number of deliveries by state: `{"waiting": 3, "sending": 0, "done": 7, "failed": 0}`."""
    counted = select(rows.c.state, func.count()).group_by(rows.c.state)
    return dict.fromkeys(STATES, 0) | dict(connection.execute(counted).all())


def _down(connection: Connection) -> list[DownDestination]:
    down = destinations.down(connection)
    return [
        DownDestination(NAMES[name], *down[name], _count_waiting(connection, name))
        for name in DESTINATIONS
        if name in down
    ]


def _count_waiting(connection: Connection, name: Destination) -> int:
    waiting = (rows.c.destination == name) & rows.c.state.in_((WAITING, SENDING))
    return connection.execute(select(func.count()).select_from(rows).where(waiting)).scalar_one()


def _reconciliation(connection: Connection) -> Reconciliation | None:
    newest = select(reconciliations).order_by(reconciliations.c.on_date.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    return Reconciliation(row.at, list(row.missing)) if row else None
