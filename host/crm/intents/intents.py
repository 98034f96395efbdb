"""What is to be done in the CRM: one row for each step, done once, by one runner at a time.

    due ──► sending ──► done
     ▲  ╲      │  ╲
     │   ╲     │   ──► failed    the CRM said no, or answered what can't be read
     │    ╲    ▼
     ╰──── unknown ──► waiting   for a person: nobody can tell whether it exists

A runner that was killed while `sending` leaves an unknown outcome behind. Every change is fenced: it counts
only while the runner still holds the lease.

Source: docs/reference/generic-api.md, Create-once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update
from ulid import ULID

from host.crm.intents import step_input, step_result
from host.crm.intents.step_input import LookUp, StepInput
from host.crm.intents.step_result import StepResult
from host.crm.session_facts.crm_identity import CrmIdentity
from host.db.tables import intents, sessions
from host.db.upsert import insert
from host.sessions.model import CrmId

STATES = ("due", "sending", "unknown", "waiting", "done", "failed")
OPEN = ("due", "sending", "unknown")
LEASE = timedelta(seconds=15)
"""Longer than any single request; renewed before each."""
RENEW_BEFORE = timedelta(seconds=11)


class LostLeaseError(Exception):
    """Another runner has taken the intent over: whatever we know about it is out of date."""


@dataclass(frozen=True)
class Intent:
    """One step of one session, as a runner holds it."""

    id: int
    session_id: int
    step: str
    """account, record, comment, update, upload."""
    occurrence: str
    """`end`, `survey:3`; "" where there is but one."""
    crm_key: str | None
    """Which CRM it is planned for, see `host.crm.session_facts.crm_identity`; None: not bound yet."""
    marker: str
    """A ULID: idempotency key and searchable value."""
    state: str
    due_at: datetime
    tries: int
    lease_owner: str | None
    lease_until: datetime | None
    begun: int
    """How often a job has begun it since it last got anywhere: each but the newest was killed in it."""
    sent_at: datetime | None
    """When its create last left; None when no request can have done it."""
    seen_ids: Sequence[CrmId] | None
    """What a search found before the create; None when nothing could be searched."""
    result: StepResult
    """Nothing is set in it until something is done."""
    error: Mapping[str, Any] | None
    """`{"code", "message", "endpoint", "at", "said"}` of the last problem."""
    input: StepInput
    created_at: datetime

    @property
    def error_code(self) -> str | None:
        """Which problem was the last."""
        return self.error.get("code") if self.error else None


def plan(
    connection: Connection,
    session_id: int,
    step: str,
    occurrence: str = "",
    *,
    now: datetime,
    input: StepInput = LookUp(),  # noqa: B008 - it is frozen
) -> None:
    """Make a step due, in the transaction that makes it necessary; planned twice it is one."""
    values = {
        "session_id": session_id,
        "step": step,
        "occurrence": occurrence,
        "crm_key": select(sessions.c.crm_key).where(sessions.c.id == session_id).scalar_subquery(),
        "marker": str(ULID()),
        "state": "due",
        "due_at": now,
        "input": input.as_json(),
        "created_at": now,
        "updated_at": now,
    }
    statement = insert(connection, intents).values(**values)
    connection.execute(statement.on_conflict_do_nothing(index_elements=["session_id", "step", "occurrence"]))


def plan_done(connection: Connection, session_id: int, step: str, crm_id: CrmId, *, now: datetime) -> None:
    """Note that a step needs nothing from us: whoever started the session knew its account or record."""
    plan(connection, session_id, step, now=now)
    mine = (intents.c.session_id == session_id) & (intents.c.step == step) & (intents.c.state == "due")
    result = StepResult(id=crm_id, created=False, given=True)
    connection.execute(update(intents).where(mine).values(state="done", result=result.as_json()))


def of_session(connection: Connection, session_id: int) -> list[Intent]:
    """List a session's steps, in the order in which they were planned."""
    rows = connection.execute(select(intents).where(intents.c.session_id == session_id).order_by(intents.c.id))
    return [read(row) for row in rows.mappings()]


def by_step(connection: Connection, session_id: int, step: str, occurrence: str = "") -> Intent | None:
    """Find a session's account or record step, or with its occurrence another one."""
    mine = (intents.c.session_id == session_id) & (intents.c.step == step) & (intents.c.occurrence == occurrence)
    row = connection.execute(select(intents).where(mine)).mappings().one_or_none()
    return read(row) if row else None


def any_due(connection: Connection, now: datetime, crm: CrmIdentity, *, session_id: int | None = None) -> bool:
    """Tell whether anything may be waiting for a runner; `lease` says for sure."""
    due = intents.c.state.in_(OPEN) & (intents.c.due_at <= now) & is_free(now) & crm.owns_work(intents.c.crm_key)
    if session_id is not None:
        due &= intents.c.session_id == session_id
    return connection.execute(select(intents.c.id).where(due).limit(1)).first() is not None


def renew(connection: Connection, intent: Intent, now: datetime) -> Intent:
    """Keep the lease for one more request.

    Raises:
        LostLeaseError: It is too late.
    """
    return _change(connection, intent, now, lease_until=now + LEASE)


def before_send(
    connection: Connection, intent: Intent, now: datetime, *, seen_ids: Sequence[CrmId] | None = None
) -> Intent:
    """Write down that the create is leaving; without an answer its outcome is unknown.

    Args:
        seen_ids: What a search found just before; None when nothing could be searched.

    Raises:
        LostLeaseError: It must not be sent: another runner may be sending it.
    """
    seen = None if seen_ids is None else list(seen_ids)
    return _change(connection, intent, now, state="sending", sent_at=now, seen_ids=seen, lease_until=now + LEASE)


def finish(connection: Connection, intent: Intent, now: datetime, result: StepResult) -> None:
    """Finish it."""
    _release(connection, intent, now, state="done", result=result.as_json(), error=None)


def record_progress(connection: Connection, intent: Intent, now: datetime, result: StepResult) -> Intent:
    """Write down that a part of it is done: whoever goes on doesn't do that part again.

    Args:
        result: What the parts that follow need.

    Raises:
        LostLeaseError: Another runner goes on.
    """
    values = {"state": "due", "sent_at": None, "seen_ids": None, "error": None, "tries": 0, "begun": 0}
    return _change(connection, intent, now, **values, result=result.as_json(), lease_until=now + LEASE)


def give_back(connection: Connection, intent: Intent, now: datetime) -> None:
    """End the lease and leave everything as it is."""
    _release(connection, intent, now)


def retry(connection: Connection, intent: Intent, now: datetime, due_at: datetime, error: Mapping[str, Any]) -> None:
    """Try again later: nothing can have happened in the CRM."""
    values = {"state": "due", "sent_at": None, "due_at": due_at, "tries": intent.tries + 1}
    _release(connection, intent, now, **values, error=dict(error))


def mark_unknown(
    connection: Connection, intent: Intent, now: datetime, due_at: datetime, error: Mapping[str, Any]
) -> None:
    """Look for it later: it may or may not have happened."""
    _release(connection, intent, now, state="unknown", due_at=due_at, tries=intent.tries + 1, error=dict(error))


def wait(
    connection: Connection,
    intent: Intent,
    now: datetime,
    error: Mapping[str, Any],
    *,
    may_exist: bool = True,
    result: StepResult | None = None,
) -> None:
    """Leave it to a person.

    Args:
        may_exist: As in `fail`.
        result: What the person has to choose from; None: as it is.
    """
    values: dict[str, Any] = {"state": "waiting", "tries": intent.tries + 1, "error": dict(error)}
    if result is not None:
        values["result"] = result.as_json()
    _release(connection, intent, now, **values if may_exist else {**values, "sent_at": None})


def fail(
    connection: Connection, intent: Intent, now: datetime, error: Mapping[str, Any], *, may_exist: bool = False
) -> None:
    """Give up; a person can resume it.

    Args:
        may_exist: The CRM may have done it all the same: who resumes it searches first.
    """
    values: dict[str, Any] = {"state": "failed", "tries": intent.tries + 1, "error": dict(error)}
    _release(connection, intent, now, **values if may_exist else {**values, "sent_at": None})


def resume(connection: Connection, intent: Intent, now: datetime, *, send_again: bool = False) -> bool:
    """Let a person restart a step that isn't being worked on.

    Args:
        connection: One that writes.
        intent: As it was seen; one that is done only when nothing was found.
        now: When it is due.
        send_again: The person has looked: it isn't in the CRM.

    Returns:
        Whether it was free.
    """
    known = intent.sent_at is None or send_again
    values: dict[str, Any] = {"state": "due" if known else "unknown", "due_at": now, "tries": 0, "updated_at": now}
    if known:
        values["sent_at"] = None
    if intent.state == "done" and intent.result.id is not None:
        return False
    free = (intents.c.id == intent.id) & (intents.c.state == intent.state) & is_free(now)
    return connection.execute(update(intents).where(free).values(**values)).rowcount == 1


def reopen(
    connection: Connection,
    intent: Intent,
    now: datetime,
    *,
    input: StepInput | None = None,
    result: StepResult | None = None,
) -> bool:
    """Make a step due that is done or waits for a person, as if it had never run.

    Args:
        connection: One that writes.
        intent: As it was seen.
        now: When it is due.
        input: What is different this time; None: nothing.
        result: What is kept of the last time; None: nothing.

    Returns:
        Whether it was still as it was seen.
    """
    values = {"state": "due", "due_at": now, "tries": 0, "sent_at": None, "seen_ids": None, "error": None}
    kept: dict[str, Any] = {"result": None if result is None else result.as_json(), "updated_at": now}
    if input is not None:
        kept["input"] = input.as_json()
    seen = (intents.c.id == intent.id) & (intents.c.state == intent.state) & is_free(now)
    return connection.execute(update(intents).where(seen).values(**values, **kept)).rowcount == 1


def settle(connection: Connection, intent: Intent, now: datetime, result: StepResult) -> bool:
    """Note what a person says that a step that isn't being worked on ends with.

    Returns:
        Whether it was still as it was seen.
    """
    values = {"state": "done", "result": result.as_json(), "error": None, "updated_at": now}
    seen = (intents.c.id == intent.id) & (intents.c.state == intent.state) & is_free(now)
    return connection.execute(update(intents).where(seen).values(**values)).rowcount == 1


def keep_result(connection: Connection, intent_id: int, result: StepResult) -> None:
    """Change what is kept of a step that is done or waits, and nothing else."""
    connection.execute(update(intents).where(intents.c.id == intent_id).values(result=result.as_json()))


def is_free(now: Any) -> Any:
    """Return the condition that nobody holds the intent."""
    return intents.c.lease_until.is_(None) | (intents.c.lease_until <= now)


def read(row: RowMapping) -> Intent:
    """Turn a row into an intent."""
    columns = {name: row[name] for name in Intent.__dataclass_fields__}
    return Intent(
        **{**columns, "input": step_input.read(row["input"]), "result": step_result.read(row["result"])},
    )


def _release(connection: Connection, intent: Intent, now: datetime, **values: Any) -> None:
    _change(connection, intent, now, lease_owner=None, lease_until=None, begun=0, **values)


def _change(connection: Connection, intent: Intent, now: datetime, **values: Any) -> Intent:
    mine = (intents.c.id == intent.id) & (intents.c.lease_owner == intent.lease_owner) & intents.c.state.in_(OPEN)
    statement = update(intents).where(mine).values(updated_at=now, **values).returning(intents)
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        raise LostLeaseError(f"intent {intent.id}")
    return read(row)


def by_id(connection: Connection, intent_id: int) -> Intent:
    """Return one that is known to exist."""
    return read(connection.execute(select(intents).where(intents.c.id == intent_id)).mappings().one())
