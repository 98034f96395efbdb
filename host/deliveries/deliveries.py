"""The rows of deliveries: one for each file or mail and destination, tried until it has arrived or three days are over.

    waiting ──► sending ──► done
       ▲           │  ╲
       ╰───────────╯   ──► failed ──► given_up    refused, or not arrived in three days; then discarded by a person

What waits can be discarded too. A file that is rewritten makes its delivery wait again.

Source: docs/reference/files.md, Deliveries.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, or_, select, update

from host.db.engine import locked
from host.db.tables import deliveries as rows
from host.db.upsert import insert
from host.deliveries import destinations
from host.deliveries.destinations import Destination
from host.errors import NotFoundError
from host.files.session_files import SessionFile

WAITING, SENDING, DONE, FAILED, GIVEN_UP = STATES = ("waiting", "sending", "done", "failed", "given_up")
WAITS_S = (5, 30, 120, 300, 600, 900)
"""From each try that failed to the next one; the last repeats."""
GIVE_UP_AFTER = timedelta(days=3)
LOST_AFTER = timedelta(hours=1)
"""The engine has lost a try that has not ended by then; it begins anew."""
MAIL = "outcome"
NOT_IN_TIME = "it did not arrive within three days"
LONGEST_ERROR = 300
_KEY = re.compile(r"deliver-([0-9]{1,18})-([0-9]{1,9})")


@dataclass(frozen=True)
class Delivery:
    """One file or mail for one destination."""

    id: int
    session_id: int
    destination: Destination
    subject: str
    """`file-7`, `outcome`."""
    file_id: int | None
    """None: a mail."""
    state: Literal["waiting", "sending", "done", "failed", "given_up"]
    version: int
    """Of the file, that has arrived; 0: none."""
    planned_at: datetime
    due_at: datetime
    """While it is being sent: when the try counts as lost."""
    run: int
    """Counts the engine's jobs, each of which is one try."""
    begun: int
    tries: int
    """That have failed."""
    error: str | None
    """Of the last try; safe to show."""
    receipt: Mapping[str, Any] | None
    """What the destination said of the last version that arrived."""
    done_at: datetime | None

    @property
    def run_key(self) -> str:
        """The engine's key of the current try."""
        return f"deliver-{self.id}-{self.run}"


def plan_file(connection: Connection, file: SessionFile, now: datetime) -> None:
    """Make a file due at the external storage, in the transaction that adds or rewrites it."""
    _plan(connection, file.session_id, "storage", f"file-{file.id}", now, file_id=file.id)
    rewritten = (
        (rows.c.file_id == file.id) & (rows.c.version < file.version) & rows.c.state.in_((DONE, FAILED, GIVEN_UP))
    )
    connection.execute(update(rows).where(rewritten).values(**_fresh(now)))


def plan_mail(connection: Connection, session_id: int, due_at: datetime) -> None:
    """Plan the mail with a session's outcome; planning it twice makes one mail."""
    _plan(connection, session_id, "email", MAIL, due_at)


def is_any_due(connection: Connection, now: datetime, open_to: Collection[Destination]) -> bool:
    """Tell whether anything is due at a destination that takes something."""
    return any(
        destinations.room(connection, name, _count_sending(connection, name, now), now)
        and connection.execute(select(rows.c.id).where(_due(name, now)).limit(1)).first() is not None
        for name in open_to
    )


def take(connection: Connection, destination: Destination, now: datetime, limit: int) -> list[Delivery]:
    """Mark some of what is due as being sent, and return it; the caller enqueues it in the same transaction.

    Half of them are those that have been due longest and half the newest, so that after a long outage neither waits for
    all others. What was tried in vain is due later, so nothing is tried again and again before the others.
    """
    room = min(limit, destinations.room(connection, destination, _count_sending(connection, destination, now), now))
    if room < 1:
        return []
    due = _due(destination, now)
    longest = select(rows.c.id).where(due).order_by(rows.c.due_at, rows.c.id).limit((room + 1) // 2)
    newest = select(rows.c.id).where(due).order_by(rows.c.planned_at.desc(), rows.c.id.desc()).limit(room)
    found = [*connection.execute(longest.with_for_update()).scalars()]
    more = [each for each in connection.execute(newest.with_for_update()).scalars() if each not in found]
    chosen = (found + more)[:room]
    values = {"state": SENDING, "run": rows.c.run + 1, "begun": 0, "due_at": now + LOST_AFTER}
    changed = update(rows).where(rows.c.id.in_(chosen)).values(**values).returning(rows)
    return [read(row) for row in connection.execute(changed).mappings()]


def begin(connection: Connection, delivery_id: int, run: int) -> Delivery | None:
    """Count a start of a try; None when that try isn't the current one any more."""
    statement = update(rows).where(_is_run(delivery_id, run)).values(begun=rows.c.begun + 1).returning(rows)
    row = connection.execute(statement).mappings().one_or_none()
    return read(row) if row else None


def finish(
    connection: Connection, delivery: Delivery, now: datetime, receipt: Mapping[str, Any], *, version: int, newest: int
) -> bool:
    """Store that a try has succeeded.

    Args:
        connection: In a writing transaction.
        delivery: As `begin` returned it.
        now: The current time.
        receipt: What the destination said.
        version: Of the file, that has arrived; 1 for a mail.
        newest: The file's version now; a newer one is due at once.

    Returns:
        Whether the try was the current one.
    """
    arrived = {"version": version, "receipt": dict(receipt), "done_at": now, "error": None}
    state = {"state": DONE, "tries": 0} if version >= newest else _fresh(now)
    changed = update(rows).where(_is_run(delivery.id, delivery.run)).values(**{**state, **arrived})
    if connection.execute(changed).rowcount != 1:
        return False
    if destinations.succeeded(connection, delivery.destination):
        later = (rows.c.destination == delivery.destination) & (rows.c.state == WAITING) & (rows.c.tries > 0)
        connection.execute(update(rows).where(later).values(due_at=now))
    return True


def fail(
    connection: Connection, delivery: Delivery, now: datetime, error: str, *, is_final: bool, is_down: bool
) -> bool:
    """Store that a try has failed: it is tried again later, or not at all.

    Args:
        connection: In a writing transaction.
        delivery: As `begin` returned it.
        now: The current time.
        error: Safe to show.
        is_final: Whether another try is useless.
        is_down: Whether the destination failed; it may also have refused this delivery alone.

    Returns:
        Whether the try was the current one.
    """
    has_waited = now - delivery.planned_at >= GIVE_UP_AFTER and delivery.tries >= len(WAITS_S)  # we may have been off
    gives_up = is_final or has_waited
    wait = timedelta(seconds=WAITS_S[min(delivery.tries, len(WAITS_S) - 1)])
    values = {
        "state": FAILED if gives_up else WAITING,
        "due_at": now + wait,
        "tries": delivery.tries + 1,
        "error": error[:LONGEST_ERROR],
    }
    if connection.execute(update(rows).where(_is_run(delivery.id, delivery.run)).values(**values)).rowcount != 1:
        return False
    if is_down:
        down_since = destinations.failed(connection, delivery.destination, now)
        if down_since is not None and now - down_since >= GIVE_UP_AFTER:
            _give_up(connection, delivery.destination, now)
    return True


def release(connection: Connection, run_keys: Iterable[str], now: datetime) -> int:
    """Let the tries that the engine has lost begin anew; keys of other jobs are left out. Return their number."""
    count = 0
    for key in run_keys:
        if match := _KEY.fullmatch(key):
            mine = _is_run(int(match[1]), int(match[2]))
            count += connection.execute(update(rows).where(mine).values(state=WAITING, due_at=now)).rowcount
    return count


def retry(connection: Connection, now: datetime, delivery_id: int | None = None) -> int:
    """Let one delivery be tried again now, or all failed ones, for another three days; return their number."""
    one = (rows.c.id == delivery_id) & rows.c.state.in_((WAITING, FAILED))
    chosen = rows.c.state == FAILED if delivery_id is None else one
    changed = update(rows).where(chosen).values(**_fresh(now)).returning(rows.c.destination)
    names = connection.execute(changed).scalars().all()
    for name in sorted(set(names)):
        destinations.wake(connection, name)
    return len(names)


def discard(connection: Connection, delivery_id: int) -> int:
    """Give up a delivery that waits or has failed; return the number of rows.

    The row stays, so that the file doesn't count as one that was never sent.
    """
    mine = (rows.c.id == delivery_id) & rows.c.state.in_((WAITING, FAILED))
    return connection.execute(update(rows).where(mine).values(state=GIVEN_UP)).rowcount


def get(connection: Connection, delivery_id: int) -> Delivery:
    """Return a delivery; a writing transaction locks its row.

    Raises:
        NotFoundError: There is none.
    """
    row = connection.execute(locked(connection, select(rows).where(rows.c.id == delivery_id))).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"There is no delivery {delivery_id}.")
    return read(row)


def of_sessions(connection: Connection, session_ids: Collection[int]) -> list[Delivery]:
    """List the deliveries of sessions, oldest first."""
    found = connection.execute(select(rows).where(rows.c.session_id.in_(session_ids)).order_by(rows.c.id))
    return [read(row) for row in found.mappings()]


def of_file(connection: Connection, file_id: int) -> Delivery | None:
    """Find the delivery of a file to the external storage."""
    row = connection.execute(select(rows).where(rows.c.file_id == file_id)).mappings().one_or_none()
    return read(row) if row else None


def read(row: RowMapping) -> Delivery:
    """Return the delivery of a row."""
    return Delivery(**{name: row[name] for name in Delivery.__dataclass_fields__})


def _plan(  # noqa: PLR0917 - the columns of a row
    connection: Connection,
    session_id: int,
    destination: Destination,
    subject: str,
    due_at: datetime,
    file_id: int | None = None,
) -> None:
    times = {"planned_at": due_at, "due_at": due_at}
    values = {"session_id": session_id, "destination": destination, "subject": subject, "file_id": file_id}
    statement = insert(connection, rows).values(state=WAITING, **values, **times)
    connection.execute(statement.on_conflict_do_nothing(index_elements=["session_id", "destination", "subject"]))


def _fresh(now: datetime) -> dict[str, Any]:
    return {"state": WAITING, "planned_at": now, "due_at": now, "tries": 0, "error": None}


def _is_run(delivery_id: int, run: int) -> ColumnElement[bool]:
    return (rows.c.id == delivery_id) & (rows.c.run == run) & (rows.c.state == SENDING)


def _due(destination: Destination, now: datetime) -> ColumnElement[bool]:
    is_due = rows.c.due_at <= now  # what is being sent is due again when it counts as lost
    return (rows.c.destination == destination) & rows.c.state.in_((WAITING, SENDING)) & is_due


def _count_sending(connection: Connection, destination: Destination, now: datetime) -> int:
    under_way = and_(rows.c.destination == destination, rows.c.state == SENDING, rows.c.due_at > now)
    return len(connection.execute(select(rows.c.id).where(under_way)).all())


def _give_up(connection: Connection, destination: Destination, now: datetime) -> None:
    """Give up what has waited for three days for a destination that was down all the time."""
    late = (rows.c.destination == destination) & (rows.c.state == WAITING) & (rows.c.planned_at <= now - GIVE_UP_AFTER)
    error = or_(rows.c.error.is_(None), rows.c.error == "")
    connection.execute(update(rows).where(late, error).values(error=NOT_IN_TIME))
    connection.execute(update(rows).where(late).values(state=FAILED))
