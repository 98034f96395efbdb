"""Intents and their states: one row for each step, done once, by one runner at a time.

    due ──► sending ──► done
     ▲  ╲      │  ╲
     │   ╲     │   ──► failed    the CRM refused, or its answer can't be read
     │    ╲    ▼
     ╰──── unknown ──► waiting   for a person: it is not known whether it exists

The outcome of a runner that was killed while `sending` is unknown. Every change is fenced: it applies only while the
runner holds the lease.

Source: docs/reference/generic-api.md, Create-once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select, update
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
    """Another runner has taken the intent over; this runner's data about it is outdated."""


@dataclass(frozen=True)
class Intent:
    """One step of one session."""

    id: int
    session_id: int
    step: str
    """account, record, comment, update, upload."""
    occurrence: str
    """`end`, `survey:3`; "" for a step that occurs once."""
    crm_key: str | None
    """The CRM that it is planned for, see `host.crm.session_facts.crm_identity`; None: not assigned yet."""
    marker: str
    """A ULID: idempotency key and searchable value."""
    state: str
    due_at: datetime
    tries: int
    lease_owner: str | None
    lease_until: datetime | None
    begun: int
    """How many jobs have begun it since its last progress; all but the newest crashed."""
    sent_at: datetime | None
    """When its create was last sent; None when no request can have created anything."""
    seen_ids: Sequence[CrmId] | None
    """The ids that a search found before the create; None when no search was possible."""
    result: StepResult
    """Empty until a part of the step is done."""
    error: Mapping[str, Any] | None
    """`{"code", "message", "endpoint", "at", "said"}` of the last problem."""
    input: StepInput
    created_at: datetime

    @property
    def error_code(self) -> str | None:
        """The code of the last error."""
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
    """Plan a step, in the transaction that makes it necessary; planning it twice makes one step."""
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
    """Store a finished step: the account or record was known when the session started."""
    plan(connection, session_id, step, now=now)
    mine = (intents.c.session_id == session_id) & (intents.c.step == step) & (intents.c.state == "due")
    result = StepResult(id=crm_id, created=False, given=True)
    connection.execute(update(intents).where(mine).values(state="done", result=result.as_json()))


def failures(connection: Connection, session_ids: Collection[int]) -> dict[int, int]:
    """Return how often the steps of sessions have failed, by session id; those without steps are missing."""
    counted = select(intents.c.session_id, func.sum(intents.c.tries)).where(intents.c.session_id.in_(session_ids))
    return {row[0]: int(row[1]) for row in connection.execute(counted.group_by(intents.c.session_id))}


def of_session(connection: Connection, session_id: int) -> list[Intent]:
    """List a session's steps, in the order in which they were planned."""
    rows = connection.execute(select(intents).where(intents.c.session_id == session_id).order_by(intents.c.id))
    return [read(row) for row in rows.mappings()]


def by_step(connection: Connection, session_id: int, step: str, occurrence: str = "") -> Intent | None:
    """Find a session's account or record step, or another step by its occurrence."""
    mine = (intents.c.session_id == session_id) & (intents.c.step == step) & (intents.c.occurrence == occurrence)
    row = connection.execute(select(intents).where(mine)).mappings().one_or_none()
    return read(row) if row else None


def any_due(connection: Connection, now: datetime, crm: CrmIdentity, *, session_id: int | None = None) -> bool:
    """Tell whether any intent may be due; only `lease` is certain."""
    due = intents.c.state.in_(OPEN) & (intents.c.due_at <= now) & is_free(now) & crm.owns_work(intents.c.crm_key)
    if session_id is not None:
        due &= intents.c.session_id == session_id
    return connection.execute(select(intents.c.id).where(due).limit(1)).first() is not None


def renew(connection: Connection, intent: Intent, now: datetime) -> Intent:
    """Renew the lease for one more request.

    Raises:
        LostLeaseError: The lease has expired and another runner has it.
    """
    return _change(connection, intent, now, lease_until=now + LEASE)


def before_send(
    connection: Connection, intent: Intent, now: datetime, *, seen_ids: Sequence[CrmId] | None = None
) -> Intent:
    """Record that the create is about to be sent; without an answer its outcome is unknown.

    Args:
        seen_ids: The ids that a search found just before; None when no search was possible.

    Raises:
        LostLeaseError: Do not send it: another runner may be sending it.
    """
    seen = None if seen_ids is None else list(seen_ids)
    return _change(connection, intent, now, state="sending", sent_at=now, seen_ids=seen, lease_until=now + LEASE)


def finish(connection: Connection, intent: Intent, now: datetime, result: StepResult) -> None:
    """Finish an intent."""
    _release(connection, intent, now, state="done", result=result.as_json(), error=None)


def record_progress(connection: Connection, intent: Intent, now: datetime, result: StepResult) -> Intent:
    """Record that a part is done, so that it is not done again.

    Args:
        result: The data that the remaining parts need.

    Raises:
        LostLeaseError: Another runner has the intent.
    """
    values = {"state": "due", "sent_at": None, "seen_ids": None, "error": None, "tries": 0, "begun": 0}
    return _change(connection, intent, now, **values, result=result.as_json(), lease_until=now + LEASE)


def release(connection: Connection, intent: Intent, now: datetime) -> None:
    """Release the lease without a change of state."""
    _release(connection, intent, now)


def retry(connection: Connection, intent: Intent, now: datetime, due_at: datetime, error: Mapping[str, Any]) -> None:
    """Schedule a retry; the CRM has certainly done nothing."""
    values = {"state": "due", "sent_at": None, "due_at": due_at, "tries": intent.tries + 1}
    _release(connection, intent, now, **values, error=dict(error))


def mark_unknown(
    connection: Connection, intent: Intent, now: datetime, due_at: datetime, error: Mapping[str, Any]
) -> None:
    """Schedule a search, because the CRM may have done it."""
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
    """Let the intent wait for a person's decision.

    Args:
        may_exist: As in `fail`.
        result: With the choices for the person; None: unchanged.
    """
    values: dict[str, Any] = {"state": "waiting", "tries": intent.tries + 1, "error": dict(error)}
    if result is not None:
        values["result"] = result.as_json()
    _release(connection, intent, now, **values if may_exist else {**values, "sent_at": None})


def fail(
    connection: Connection, intent: Intent, now: datetime, error: Mapping[str, Any], *, may_exist: bool = False
) -> None:
    """Give up; a person can resume the intent.

    Args:
        may_exist: Whether the CRM may have done it anyway; a resumed step then searches first.
    """
    values: dict[str, Any] = {"state": "failed", "tries": intent.tries + 1, "error": dict(error)}
    _release(connection, intent, now, **values if may_exist else {**values, "sent_at": None})


def resume(connection: Connection, intent: Intent, now: datetime, *, send_again: bool = False) -> bool:
    """Restart a step for a person, unless a runner is working on it.

    Args:
        connection: In a write transaction.
        intent: As the person saw it; a finished one only if it found nothing.
        now: When it is due.
        send_again: Whether the person confirms that it does not exist in the CRM.

    Returns:
        Whether the intent was free.
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
    """Reset a step that is done or waits for a person to due, as if it had never run.

    Args:
        connection: In a write transaction.
        intent: As it was read.
        now: When it is due.
        input: The new input; None: unchanged.
        result: The part of the old result to keep; None: nothing.

    Returns:
        Whether the intent was unchanged since it was read.
    """
    values = {"state": "due", "due_at": now, "tries": 0, "sent_at": None, "seen_ids": None, "error": None}
    kept: dict[str, Any] = {"result": None if result is None else result.as_json(), "updated_at": now}
    if input is not None:
        kept["input"] = input.as_json()
    seen = (intents.c.id == intent.id) & (intents.c.state == intent.state) & is_free(now)
    return connection.execute(update(intents).where(seen).values(**values, **kept)).rowcount == 1


def settle(connection: Connection, intent: Intent, now: datetime, result: StepResult) -> bool:
    """Finish a step with the result that a person states, unless a runner is working on it.

    Returns:
        Whether the intent was unchanged since it was read.
    """
    values = {"state": "done", "result": result.as_json(), "error": None, "updated_at": now}
    seen = (intents.c.id == intent.id) & (intents.c.state == intent.state) & is_free(now)
    return connection.execute(update(intents).where(seen).values(**values)).rowcount == 1


def keep_result(connection: Connection, intent_id: int, result: StepResult) -> None:
    """Change only the result of a step that is done or waits."""
    connection.execute(update(intents).where(intents.c.id == intent_id).values(result=result.as_json()))


def is_free(now: Any) -> Any:
    """Return the SQL condition that no runner holds the intent."""
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
    """Return an intent that exists."""
    return read(connection.execute(select(intents).where(intents.c.id == intent_id)).mappings().one())
