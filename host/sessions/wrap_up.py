"""Wrap-up: after their part of a session, an agent has some time to choose a disposition and write notes.

The queue's `max_wrap_up_s` bounds it: when the time is over, what the agent has entered so far is kept. With 0 there is
no wrap-up.

Source: docs/reference/sessions.md, Wrap-up.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, select, update

from host.clock import Clock
from host.db.engine import Database, advisory_lock, locked, retry_on_deadlock
from host.db.tables import sessions, wrap_ups
from host.errors import FieldsError, NotAllowedError
from host.events import journal
from host.queues import tree
from host.queues.settings import QueueSettings
from host.sessions import announce, presence, repository
from host.sessions.model import Session
from host.sessions.outbox import ROUTING, Outbox, Route
from host.users import status

LONGEST_NOTES = 5000


@dataclass(frozen=True)
class WrapUp:
    """The wrap-up of one agent after one session."""

    id: int
    session_id: int
    agent_id: int
    started_at: datetime
    ends_at: datetime
    """When it ends by itself."""
    finished_at: datetime | None
    disposition: str | None
    notes: str | None


@dataclass(frozen=True)
class Entered:
    """What an agent has entered; checked by `check`."""

    disposition: str | None
    notes: str | None


class WrapUps:
    """The actions of agents on their wrap-ups."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox, route: Route) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox
        self._route = route

    @retry_on_deadlock
    def save(self, session_id: int, agent_id: int, disposition: object, notes: object) -> None:
        """Keep what the agent has entered so far.

        Raises:
            FieldsError: The disposition is none of the queue's, or the notes are too long.
            NotAllowedError: The agent has no wrap-up of this session.
        """
        with self._database.write() as connection:
            session = repository.get(connection, session_id)
            entered = check(connection, session, disposition, notes)
            wrap_up = newest(connection, session_id, agent_id)
            if wrap_up is None:
                raise NotAllowedError(f"You have no wrap-up of session {session_id}.")
            if wrap_up.finished_at is None:
                _set(connection, wrap_up, disposition=entered.disposition, notes=entered.notes)

    @retry_on_deadlock
    def finish(
        self, session_id: int, agent_id: int, disposition: object, notes: object, *, next_status: object = None
    ) -> None:
        """Finish the wrap-up; one that is finished is not changed.

        Args:
            session_id: The session.
            agent_id: Whose wrap-up it is.
            disposition: One of the queue's, or nothing.
            notes: A text, or nothing.
            next_status: The agent's status from now on, as they choose it; None: what they do then.

        Raises:
            FieldsError: As `save`, or agents can't choose this status.
            NotAllowedError: As `save`.
        """
        if next_status is not None and next_status not in status.SETTABLE:
            raise FieldsError({"status": f"found {next_status!r}; allowed: {', '.join(status.SETTABLE)}"})
        with self._database.write() as connection:
            advisory_lock(connection, ROUTING)
            session = repository.get(connection, session_id)
            entered = check(connection, session, disposition, notes)
            wrap_up = newest(connection, session_id, agent_id)
            if wrap_up is None:
                raise NotAllowedError(f"You have no wrap-up of session {session_id}.")
            if wrap_up.finished_at is not None:
                return
            now = self._clock.now()
            _set(connection, wrap_up, disposition=entered.disposition, notes=entered.notes)
            self._close(connection, session, newest(connection, session_id, agent_id) or wrap_up, now)
            if next_status is not None:
                _change_status(connection, agent_id, str(next_status), now)
            self._route(connection, now)
        self._outbox.start_now(session_id)

    def end_overdue(self, connection: Connection, now: datetime) -> int:
        """Finish the wrap-ups whose time is over, with what was entered; return their number."""
        overdue = _where(connection, wrap_ups.c.finished_at.is_(None) & (wrap_ups.c.ends_at <= now))
        for each in overdue:
            session = repository.get(connection, each.session_id)  # locks it
            latest = newest(connection, each.session_id, each.agent_id)
            if latest is not None and latest.id == each.id and latest.finished_at is None:
                self._close(connection, session, latest, now)
        return len(overdue)

    def _close(self, connection: Connection, session: Session, wrap_up: WrapUp, now: datetime) -> None:
        _set(connection, wrap_up, finished_at=now)
        facts = {"wrap_up_id": wrap_up.id, "disposition": wrap_up.disposition}
        journal.append(connection, "wrapped_up", now=now, session_id=session.id, agent_id=wrap_up.agent_id, data=facts)
        front = presence.leave_chat(connection, wrap_up.agent_id, session.id, now)
        if front is not None:
            announce.post_active_chat(connection, repository.get(connection, front), now)
        details = {"code": wrap_up.disposition or "", "notes": wrap_up.notes or ""}
        self._outbox.on_event(
            connection, session, "disposition", occurrence=f"disposition:{wrap_up.id}", details=details
        )
        self._outbox.on_event(connection, session, "wrap_up", occurrence=f"wrap_up:{wrap_up.id}", details=details)


def begin(connection: Connection, session: Session, agent_id: int, now: datetime) -> None:
    """Begin the wrap-up of an agent who has left the session, or whose session has ended."""
    longest_s = settings_of(connection, session).max_wrap_up_s
    if longest_s < 1:
        return
    ends_at = now + timedelta(seconds=longest_s)
    row = {"session_id": session.id, "agent_id": agent_id, "started_at": now, "ends_at": ends_at}
    connection.execute(wrap_ups.insert().values(row))
    journal.append(connection, "wrap_up_started", now=now, session_id=session.id, agent_id=agent_id)


def _change_status(connection: Connection, agent_id: int, chosen: str, now: datetime) -> None:
    new = presence.working_status(connection, agent_id) if chosen == status.AVAILABLE else chosen
    presence.change_status(connection, agent_id, new, now, by_system=True)


def check(connection: Connection, session: Session, disposition: object, notes: object) -> Entered:
    """Return what an agent has entered.

    Raises:
        FieldsError: The disposition is none of the queue's, or the notes are no text or too long.
    """
    problems = {}
    allowed = settings_of(connection, session).dispositions
    if disposition is not None and disposition != "" and disposition not in allowed:
        problems["disposition"] = f"found {disposition!r}; allowed: {', '.join(allowed) or 'none, the queue has none'}"
    if notes is not None and not isinstance(notes, str):
        problems["notes"] = f"must be a text, found {type(notes).__name__}"
    elif notes is not None and len(notes) > LONGEST_NOTES:
        problems["notes"] = f"has {len(notes)} characters; at most {LONGEST_NOTES} can be kept"
    if problems:
        raise FieldsError(problems)
    return Entered(str(disposition) if disposition else None, str(notes).strip() or None if notes else None)


def settings_of(connection: Connection, session: Session) -> QueueSettings:
    """Return the settings of the session's queue; the defaults without a queue."""
    queue = tree.by_id(connection, session.queue_id) if session.queue_id is not None else None
    return queue.settings if queue else QueueSettings()


def newest(connection: Connection, session_id: int, agent_id: int) -> WrapUp | None:
    """Return the agent's last wrap-up of a session; in a writing transaction its row is locked."""
    mine = (wrap_ups.c.session_id == session_id) & (wrap_ups.c.agent_id == agent_id)
    found = connection.execute(locked(connection, select(wrap_ups).where(mine).order_by(wrap_ups.c.id.desc()).limit(1)))
    row = found.mappings().one_or_none()
    return _wrap_up(row) if row else None


def of_sessions(connection: Connection, session_ids: Collection[int]) -> Mapping[int, list[WrapUp]]:
    """Return the wrap-ups of several sessions, by session id."""
    found: dict[int, list[WrapUp]] = {session_id: [] for session_id in session_ids}
    for each in _where(connection, wrap_ups.c.session_id.in_(session_ids)) if session_ids else ():
        found[each.session_id].append(each)
    return found


def open_of_agent(connection: Connection, agent_id: int, channel: str | None = None) -> list[WrapUp]:
    """Return the agent's unfinished wrap-ups, oldest first.

    Args:
        channel: `call` or `chat`; None: both.
    """
    mine = (wrap_ups.c.agent_id == agent_id) & wrap_ups.c.finished_at.is_(None)
    if channel is not None:
        of_channel = select(sessions.c.id).where(sessions.c.channel == channel)
        mine &= wrap_ups.c.session_id.in_(of_channel)
    return _where(connection, mine)


def _set(connection: Connection, wrap_up: WrapUp, **values: object) -> None:
    connection.execute(update(wrap_ups).where(wrap_ups.c.id == wrap_up.id).values(**values))


def _where(connection: Connection, condition: ColumnElement[bool]) -> list[WrapUp]:
    rows = connection.execute(select(wrap_ups).where(condition).order_by(wrap_ups.c.id))
    return [_wrap_up(row) for row in rows.mappings()]


def _wrap_up(row: RowMapping) -> WrapUp:
    return WrapUp(**{name: row[name] for name in WrapUp.__dataclass_fields__})
