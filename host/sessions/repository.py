"""Sessions and end users in the database; each change of status writes a journal row."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, RowMapping, select, update

from host.db.engine import advisory_lock, locked
from host.db.tables import end_users, sessions
from host.errors import NotFoundError
from host.events import journal
from host.sessions.lifecycle import ENDED, next_status
from host.sessions.model import EndUser, Session


def insert(connection: Connection, *, now: datetime, **values: Any) -> Session:
    """Insert a new session and its first journal row."""
    row: dict[str, Any] = {
        "uuid": str(uuid4()),
        "created_at": now,
        "updated_at": now,
        "custom_data": {},
        "details": {},
    } | values
    session_id = connection.execute(sessions.insert().values(**row).returning(sessions.c.id)).scalar_one()
    journal.append(connection, row["status"], now=now, session_id=session_id)
    return get(connection, session_id)


def get(connection: Connection, session_id: int) -> Session:
    """Return a session; a writing transaction locks its row.

    Raises:
        NotFoundError: There is no such session.
    """
    rows = locked(connection, select(sessions).where(sessions.c.id == session_id))
    row = connection.execute(rows).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"There is no session {session_id}.")
    return _session(row)


def get_all(connection: Connection, session_ids: Collection[int]) -> dict[int, Session]:
    """Return several sessions by id, without those that don't exist; a writing transaction locks their rows."""
    rows = locked(connection, select(sessions).where(sessions.c.id.in_(session_ids)).order_by(sessions.c.id))
    return {row["id"]: _session(row) for row in connection.execute(rows).mappings()}


def where(connection: Connection, condition: ColumnElement[bool], *, limit: int | None = None) -> list[Session]:
    """Return the sessions that match, oldest first, at most `limit`."""
    found = connection.execute(select(sessions).where(condition).order_by(sessions.c.id).limit(limit))
    return [_session(row) for row in found.mappings()]


def page(
    connection: Connection,
    condition: ColumnElement[bool],
    order: Sequence[ColumnElement[Any]],
    *,
    offset: int,
    limit: int,
) -> list[Session]:
    """Return one page of the sessions that match, in `order`."""
    query = select(sessions).where(condition).order_by(*order).offset(offset).limit(limit)
    return [_session(row) for row in connection.execute(query).mappings()]


def of_consumer(connection: Connection, token_hash: str) -> Session | None:
    """Return the session of a consumer's token."""
    found = where(connection, sessions.c.consumer_token_hash == token_hash)
    return found[-1] if found else None


def by_idempotency_key(connection: Connection, key: str) -> Session | None:
    """Return the session that was started under this key."""
    found = where(connection, sessions.c.idempotency_key == key)
    return found[0] if found else None


def move(
    connection: Connection,
    session: Session,
    action: str,
    *,
    now: datetime,
    tell: int | None = None,
    data: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Session:
    """Apply an action: set the status and other columns, and write the journal row.

    Args:
        tell: The agent whose adapters are woken.
        data: Further keys of the journal row.
        changes: Further columns to set.

    Raises:
        TransitionError: The session's status doesn't allow it; nothing is changed.
    """
    step = next_status(session.channel, action, session.status)
    values = {"status": step.target, "updated_at": now} | dict(changes or {})
    if step.target in ENDED and session.ends_at is None:
        values["ends_at"] = now
    connection.execute(update(sessions).where(sessions.c.id == session.id).values(**values))
    facts = {"from": session.status, "to": step.target} | dict(data or {})
    journal.append(connection, step.fact, now=now, session_id=session.id, agent_id=tell, data=facts)
    return get(connection, session.id)


def set_agent(
    connection: Connection, session: Session, agent_id: int, now: datetime, *, queue_id: int | None = None
) -> Session:
    """Make a session that goes on another agent's; return it.

    Args:
        queue_id: The queue that it belongs to from now on; None: it stays in its own.
    """
    values = {"agent_id": agent_id, "queue_id": queue_id or session.queue_id, "updated_at": now}
    connection.execute(update(sessions).where(sessions.c.id == session.id).values(**values))
    return get(connection, session.id)


def keep_for(connection: Connection, session: Session, now: datetime, **values: int | None) -> Session:
    """Set for whom a waiting session is kept, and its queue; return it. The session has to be locked.

    Args:
        values: `kept_for`, `queue_id`.
    """
    connection.execute(update(sessions).where(sessions.c.id == session.id).values(updated_at=now, **values))
    return get(connection, session.id)


def set_details(connection: Connection, session: Session, details: Mapping[str, Any], now: datetime) -> Session:
    """Add to a session's details; return it. The session has to be locked."""
    values = {"details": {**session.details, **details}, "updated_at": now}
    connection.execute(update(sessions).where(sessions.c.id == session.id).values(**values))
    return get(connection, session.id)


def end_user(connection: Connection, end_user_id: int) -> EndUser:
    """Return an end user who is known to exist."""
    row = connection.execute(select(end_users).where(end_users.c.id == end_user_id)).mappings().one()
    return EndUser(**{name: row[name] for name in EndUser.__dataclass_fields__})


def find_or_add_end_user(connection: Connection, now: datetime, **known: str | None) -> EndUser:
    """Return the end user with this identifier, else with exactly this e-mail and phone; else add one.

    A match of the e-mail alone would let anybody who knows it take over its owner's account. An anonymous consumer
    is always a new end user.
    """
    given = {name: value or None for name, value in known.items()}
    keys = ["identifier"] if given.get("identifier") else ["email", "phone"]
    if any(given.get(key) for key in keys):
        advisory_lock(connection, f"end user {[given.get(key) for key in keys]}")
        same = [end_users.c[key] == given.get(key) if given.get(key) else end_users.c[key].is_(None) for key in keys]
        if row := connection.execute(select(end_users).where(*same).order_by(end_users.c.id.desc()).limit(1)).first():
            news = {name: value for name, value in given.items() if value}
            connection.execute(update(end_users).where(end_users.c.id == row.id).values(**news))
            return end_user(connection, row.id)
    added = connection.execute(end_users.insert().values(created_at=now, **given).returning(end_users.c.id))
    return end_user(connection, added.scalar_one())


def _session(row: RowMapping) -> Session:
    return Session(**{name: row[name] for name in Session.__dataclass_fields__})
