"""The rows of deliveries: planned with their facts, deleted once they are confirmed, kept when they have failed.

Source: docs/webhooks.md, Retries.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, delete, select, update

from host.db.tables import webhook_deliveries as rows

WAITING, FAILED = "waiting", "failed"
WAITS_S = (5, 30, 120, 600, 1800, 3600, 7200, 14400)
"""From each try that failed to the next one; the last repeats."""
GIVE_UP_AFTER = timedelta(days=3)
NOT_IN_TIME = "it was not received within three days"
UNKNOWN = "the settings have no such webhook any more"
AT_A_TIME = 1000


@dataclass(frozen=True)
class Delivery:
    """One message to one webhook that has not arrived yet."""

    id: int
    webhook: str
    """The key of the webhook."""
    journal_id: int
    state: str
    planned_at: datetime
    due_at: datetime
    tries: int
    error: str | None
    """Of the last try; safe to show."""


@dataclass(frozen=True)
class Failure:
    """A try that failed."""

    delivery: Delivery
    error: str
    is_final: bool = False
    """Whether another try is useless."""


def plan(connection: Connection, webhooks: Collection[str], journal_id: int, now: datetime) -> None:
    """Make a fact's message due, for each webhook."""
    same = {"journal_id": journal_id, "state": WAITING, "planned_at": now, "due_at": now}
    connection.execute(rows.insert(), [{"webhook": webhook, **same} for webhook in webhooks])


def due(connection: Connection, webhook: str, now: datetime, limit: int) -> list[Delivery]:
    """Return the webhook's messages that are due, the oldest first."""
    query = select(rows).where(_waiting(webhook) & (rows.c.due_at <= now)).order_by(rows.c.due_at, rows.c.id)
    return [read(row) for row in connection.execute(query.limit(limit)).mappings()]


def is_any_due(connection: Connection, webhook: str, now: datetime) -> bool:
    """Tell whether a message is due."""
    query = select(rows.c.id).where(_waiting(webhook) & (rows.c.due_at <= now)).limit(1)
    return connection.execute(query).first() is not None


def confirm(connection: Connection, arrived: Iterable[Delivery]) -> None:
    """Delete what has arrived."""
    connection.execute(delete(rows).where(rows.c.id.in_([each.id for each in arrived])))


def postpone(connection: Connection, failures: Iterable[Failure], now: datetime) -> None:
    """Count tries that failed: each is due again later, or has failed for good."""
    changed = rows.c.id == bindparam("of")
    names = ("state", "due_at", "tries", "error")
    statement = update(rows).where(changed).values({name: bindparam(f"new_{name}") for name in names})
    if values := [_after(each, now) for each in failures]:
        connection.execute(statement, values)


def hasten(connection: Connection, webhook: str) -> None:
    """Make all waiting messages of a webhook due in their old order, since its receiver is back."""
    connection.execute(update(rows).where(_waiting(webhook), rows.c.tries > 0).values(due_at=rows.c.planned_at))


def give_up(connection: Connection, webhook: str, now: datetime) -> None:
    """Give up what has waited for three days."""
    late = _waiting(webhook) & (rows.c.planned_at <= now - GIVE_UP_AFTER)
    connection.execute(update(rows).where(late).values(state=FAILED, error=NOT_IN_TIME))


def give_up_unknown(connection: Connection, known: Collection[str], before: datetime) -> int:
    """Give up the messages that were planned before then for webhooks that the settings have no more."""
    gone = (rows.c.state == WAITING) & rows.c.webhook.not_in(known) & (rows.c.planned_at < before)
    return connection.execute(update(rows).where(gone).values(state=FAILED, error=UNKNOWN)).rowcount


def retry(connection: Connection, webhook: str, now: datetime, delivery_id: int | None = None) -> int:
    """Let failed messages of a webhook be sent again, for another three days.

    Args:
        delivery_id: Only this one, which may also be waiting.

    Returns:
        The number of messages.
    """
    chosen = _failed(webhook) if delivery_id is None else (rows.c.webhook == webhook) & (rows.c.id == delivery_id)
    fresh = {"state": WAITING, "planned_at": now, "due_at": now}
    return connection.execute(update(rows).where(chosen).values(**fresh)).rowcount


def discard(connection: Connection, webhook: str) -> int:
    """Delete the failed messages of a webhook; return their number."""
    return connection.execute(delete(rows).where(_failed(webhook))).rowcount


def purge(connection: Connection, before: datetime) -> int:
    """Delete some of the messages that failed and were planned before then; return their number."""
    old = select(rows.c.id).where((rows.c.state == FAILED) & (rows.c.planned_at < before)).limit(AT_A_TIME)
    return connection.execute(delete(rows).where(rows.c.id.in_(old))).rowcount


def read(row: RowMapping) -> Delivery:
    """Return the delivery of a row."""
    return Delivery(**{name: row[name] for name in Delivery.__dataclass_fields__})


def _waiting(webhook: str) -> ColumnElement[bool]:
    return (rows.c.webhook == webhook) & (rows.c.state == WAITING)


def _failed(webhook: str) -> ColumnElement[bool]:
    return (rows.c.webhook == webhook) & (rows.c.state == FAILED)


def _after(failure: Failure, now: datetime) -> dict[str, object]:
    delivery = failure.delivery
    gives_up = failure.is_final or now - delivery.planned_at >= GIVE_UP_AFTER
    wait_s = WAITS_S[min(delivery.tries, len(WAITS_S) - 1)]
    return {
        "of": delivery.id,
        "new_state": FAILED if gives_up else WAITING,
        "new_due_at": now + timedelta(seconds=wait_s),
        "new_tries": delivery.tries + 1,
        "new_error": failure.error[:200],
    }
