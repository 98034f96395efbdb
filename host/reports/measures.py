"""Figures of the whole host, from the database: due work, deliveries, calls to the CRM."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from host.crm.intents.intents import OPEN, STATES
from host.crm.session_facts.crm_identity import CrmIdentity
from host.db.tables import heartbeats, intents, jobs, tabs, traces
from host.deliveries import report as file_report
from host.events.tabs import ALIVE_FOR
from host.webhooks import report as webhooks

RECENT = timedelta(minutes=5)
CALLS_AT_MOST = 5000
"""The newest calls that are counted; on a busier host they cover less than the five minutes."""


@dataclass
class Calls:
    """Calls of one endpoint with one outcome."""

    count: int = 0
    total_s: float = 0.0
    longest_s: float = 0.0


@dataclass(frozen=True)
class Measures:
    """The figures at one moment."""

    due: Mapping[str, int]
    """`{"crm": 3, "after_session": 0}`: steps and jobs that are due."""
    oldest_due_s: float
    """How long the oldest of these has been due; 0 when none is."""
    deliveries: Mapping[str, int]
    """State to number, of all steps in the CRM."""
    failed_jobs: int
    files: Mapping[str, int]
    """State to number, of all files for the external storage and all mails."""
    webhooks: Mapping[str, int]
    """State to number, of all messages to webhooks that have not arrived."""
    adapters: int
    """Open adapter sockets, over all processes."""
    calls: Mapping[tuple[str, str], Calls]
    """`{("create_account", "2xx"): ...}`, of the last five minutes; `none`: no answer."""
    worker_silent_s: float | None
    """Since the last heartbeat of a worker; None: there was none."""


def measure(connection: Connection, now: datetime, crm: CrmIdentity) -> Measures:
    """Count what the tables hold.

    Args:
        connection: A reading one will do.
        now: For what is due.
        crm: The CRM that the settings name; steps of another one aren't due.
    """
    is_step_due = intents.c.state.in_(OPEN) & (intents.c.due_at <= now) & crm.owns_work(intents.c.crm_key)
    is_job_due = jobs.c.enqueued_at.is_(None) & (jobs.c.due_at <= now)
    steps, oldest_step = connection.execute(select(func.count(), func.min(intents.c.due_at)).where(is_step_due)).one()
    planned, oldest_job = connection.execute(select(func.count(), func.min(jobs.c.due_at)).where(is_job_due)).one()
    oldest = min((each for each in (oldest_step, oldest_job) if each is not None), default=now)
    by_state = connection.execute(select(intents.c.state, func.count()).group_by(intents.c.state))
    failed = select(func.count()).where(jobs.c.failed_at.is_not(None))
    present = select(func.count()).select_from(tabs).where(tabs.c.alive_at > now - ALIVE_FOR)
    worker = select(func.max(heartbeats.c.alive_at)).where(heartbeats.c.kind == "worker")
    alive_at = connection.execute(worker).scalar_one_or_none()
    return Measures(
        due={"crm": steps, "after_session": planned},
        oldest_due_s=(now - oldest).total_seconds(),
        deliveries=dict.fromkeys(STATES, 0) | dict(by_state.all()),
        failed_jobs=connection.execute(failed).scalar_one(),
        files=file_report.count(connection),
        webhooks=webhooks.count(connection),
        adapters=connection.execute(present).scalar_one(),
        calls=_calls(connection, now),
        worker_silent_s=None if alive_at is None else (now - alive_at).total_seconds(),
    )


def _calls(connection: Connection, now: datetime) -> Mapping[tuple[str, str], Calls]:
    columns = (traces.c.at, traces.c.endpoint, traces.c.status, traces.c.took_ms)
    newest = select(*columns).where(traces.c.method.is_not(None)).order_by(traces.c.id.desc()).limit(CALLS_AT_MOST)
    found: defaultdict[tuple[str, str], Calls] = defaultdict(Calls)
    for row in connection.execute(newest):
        if row.at < now - RECENT:
            break
        calls = found[row.endpoint, f"{row.status // 100}xx" if row.status else "none"]
        took_s = (row.took_ms or 0) / 1000
        calls.count += 1
        calls.total_s += took_s
        calls.longest_s = max(calls.longest_s, took_s)
    return found
