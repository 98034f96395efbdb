"""Rows of planned jobs and their due times, written in the transaction that makes a job necessary.

Jobs wait here and not in the engine, so a changed clock or setting takes effect at once.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, select, update

from host.db.tables import jobs
from host.db.upsert import insert

TRANSCRIPT, AFTER_SESSION = KINDS = ("transcript", "after_session")

FIRST_WAIT_S, LONGEST_WAIT_S = 10.0, 900.0
MOST_TRIES = 300
"""Of a job that meets an error again and again: in three days."""


@dataclass(frozen=True)
class Job:
    """A planned job."""

    kind: str
    """One of `KINDS`."""
    session_id: int
    due_at: datetime
    """Aware, in UTC."""
    tries: int = 0
    """How often it was repeated: after an error, by a person, or because of what was added to its session."""

    @property
    def key(self) -> str:
        """Its unique name: a job that is planned twice is one job."""
        return f"{self.kind}-{self.session_id}"

    @property
    def run_key(self) -> str:
        """The engine's key of this run: `after_session-12`, or `after_session-12-again-1` after a retry."""
        return f"{self.key}-again-{self.tries}" if self.tries else self.key


@dataclass(frozen=True)
class FailedJob:
    """A job that has failed for good."""

    id: int
    job: Job
    error: str
    """Safe to show."""
    failed_at: datetime


def plan(connection: Connection, planned: Iterable[Job]) -> None:
    """Insert jobs; one that exists stays unchanged."""
    for job in planned:
        row = {"key": job.key, "kind": job.kind, "session_id": job.session_id, "due_at": job.due_at}
        connection.execute(insert(connection, jobs).values(**row).on_conflict_do_nothing(index_elements=["key"]))


def take(connection: Connection, now: datetime, limit: int) -> list[Job]:
    """Return the due jobs and mark them as enqueued; the caller enqueues them in the same transaction."""
    is_due = jobs.c.enqueued_at.is_(None) & (jobs.c.due_at <= now)
    rows = connection.execute(select(jobs).where(is_due).order_by(jobs.c.due_at).limit(limit).with_for_update())
    taken = [_job(row) for row in rows.mappings()]
    keys = [job.key for job in taken]
    connection.execute(update(jobs).where(jobs.c.key.in_(keys)).values(enqueued_at=now))
    return taken


def count_start(connection: Connection, run_key: str) -> int:
    """Count a start of a run; return the number of starts: all but the last one ended in a crash."""
    begun = update(jobs).where(_run(run_key)).values(begun=jobs.c.begun + 1).returning(jobs.c.begun)
    return connection.execute(begun).scalar_one_or_none() or 0


def is_any_due(connection: Connection, now: datetime) -> bool:
    """Tell whether any job is due."""
    is_due = jobs.c.enqueued_at.is_(None) & (jobs.c.due_at <= now)
    return connection.execute(select(jobs.c.id).where(is_due).limit(1)).first() is not None


def fail(connection: Connection, run_key: str, error: str, now: datetime) -> bool:
    """Note that a run has failed for good; return whether that is new."""
    handed_over = _run(run_key) & jobs.c.failed_at.is_(None) & jobs.c.enqueued_at.is_not(None)
    return connection.execute(update(jobs).where(handed_over).values(failed_at=now, error=error[:200])).rowcount == 1


def postpone(connection: Connection, run_key: str, now: datetime) -> bool:
    """Let a run that met an error run again later: in 10 s, 40 s, ..., at most a quarter of an hour.

    Returns:
        Whether it was the current run, and may be repeated: for about three days.
    """
    mine = _run(run_key) & jobs.c.failed_at.is_(None) & jobs.c.enqueued_at.is_not(None) & (jobs.c.tries < MOST_TRIES)
    row = connection.execute(select(jobs.c.tries).where(mine)).one_or_none()
    if row is None:
        return False
    wait = timedelta(seconds=min(LONGEST_WAIT_S, FIRST_WAIT_S * 4.0 ** min(row.tries, 10)))
    return connection.execute(update(jobs).where(mine).values(**_again(now + wait))).rowcount == 1


def hand_over_again(connection: Connection, run_keys: Iterable[str]) -> None:
    """Let runs that the engine has lost be enqueued again, except those that failed for good."""
    for run_key in run_keys:
        lost = _run(run_key) & jobs.c.failed_at.is_(None)
        connection.execute(update(jobs).where(lost).values(enqueued_at=None))


def failed(connection: Connection, limit: int = 200) -> list[FailedJob]:
    """List the jobs that failed for good, oldest first."""
    rows = connection.execute(select(jobs).where(jobs.c.failed_at.is_not(None)).order_by(jobs.c.failed_at).limit(limit))
    return [FailedJob(row["id"], _job(row), row["error"] or "", row["failed_at"]) for row in rows.mappings()]


def retry(connection: Connection, job_id: int, now: datetime) -> bool:
    """Let a failed job run again; return False if it has not failed."""
    mine = (jobs.c.id == job_id) & jobs.c.failed_at.is_not(None)
    return connection.execute(update(jobs).where(mine).values(**_again(now))).rowcount == 1


def repeat(connection: Connection, kind: str, session_id: int, now: datetime) -> bool:
    """Let a job that was enqueued before run again; one that is still to come sees what is new anyway."""
    mine = (jobs.c.key == Job(kind, session_id, now).key) & jobs.c.enqueued_at.is_not(None)
    return connection.execute(update(jobs).where(mine).values(**_again(now))).rowcount == 1


def _again(now: datetime) -> dict[str, Any]:
    fresh: dict[str, Any] = {"enqueued_at": None, "failed_at": None, "error": None, "begun": 0}
    return {**fresh, "due_at": now, "tries": jobs.c.tries + 1}


def _run(run_key: str) -> ColumnElement[bool]:
    """Return the condition for the row of a run; a key of the engine may have any form."""
    key, _, tries = run_key.partition("-again-")
    number = int(tries) if re.fullmatch(r"[0-9]{1,6}", tries) else -1 if tries else 0
    return (jobs.c.key == key) & (jobs.c.tries == number)


def _job(row: RowMapping) -> Job:
    return Job(row["kind"], row["session_id"], row["due_at"], row["tries"])
