"""When what is due: rows by our clock, written in the transaction that makes the work necessary.

The engine never waits longer than seconds, so that a moved clock or a changed setting is a simple thing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select, update

from host.db.tables import jobs
from host.db.upsert import insert


@dataclass(frozen=True)
class Job:
    """One thing to do at its time."""

    kind: str
    """`after_session`."""
    session_id: int
    due_at: datetime
    """Aware, in UTC."""

    @property
    def key(self) -> str:
        """Its name: planned or enqueued twice it is one."""
        return f"{self.kind}-{self.session_id}"


def plan(connection: Connection, planned: Iterable[Job]) -> None:
    """Write down what is due; what is written down already stays as it is."""
    for job in planned:
        row = {"key": job.key, "kind": job.kind, "session_id": job.session_id, "due_at": job.due_at}
        connection.execute(insert(connection, jobs).values(**row).on_conflict_do_nothing(index_elements=["key"]))


def take(connection: Connection, now: datetime, limit: int) -> list[Job]:
    """Return what is due and mark it as handed over, in the transaction that hands it over."""
    is_due = jobs.c.enqueued_at.is_(None) & (jobs.c.due_at <= now)
    rows = connection.execute(select(jobs).where(is_due).order_by(jobs.c.due_at).limit(limit).with_for_update())
    taken = [_job(row) for row in rows.mappings()]
    keys = [job.key for job in taken]
    connection.execute(update(jobs).where(jobs.c.key.in_(keys)).values(enqueued_at=now))
    return taken


def is_any(connection: Connection, now: datetime) -> bool:
    """Tell whether anything is due."""
    is_due = jobs.c.enqueued_at.is_(None) & (jobs.c.due_at <= now)
    return connection.execute(select(jobs.c.id).where(is_due).limit(1)).first() is not None


def _job(row: RowMapping) -> Job:
    return Job(row["kind"], row["session_id"], row["due_at"])
