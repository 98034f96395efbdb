"""The transfers of sessions in the database.

Source: docs/reference/sessions.md, Transfers.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, select, update

from host.db.tables import transfers
from host.sessions.model import Session


@dataclass(frozen=True)
class Transfer:
    """One transfer of a session to an agent or a queue."""

    id: int
    session_id: int
    status: str
    """`pending`, `finished`, `failed`, `canceled`."""
    fail_reason: str
    is_warm: bool
    from_agent_id: int | None
    to_agent_id: int | None
    """The chosen agent; once it is answered, the agent who answered."""
    from_queue_id: int | None
    to_queue_id: int | None
    created_at: datetime
    assigned_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None


def add(connection: Connection, session: Session, now: datetime, **values: Any) -> Transfer:
    """Add a pending transfer."""
    row = {"session_id": session.id, "status": "pending", "from_queue_id": session.queue_id, "created_at": now}
    statement = transfers.insert().values(row | values).returning(transfers)
    return _transfer(connection.execute(statement).mappings().one())


def pending(connection: Connection, session_id: int) -> Transfer | None:
    """Return the session's transfer that nobody has answered yet; None if there is none."""
    found = _where(connection, (transfers.c.session_id == session_id) & (transfers.c.status == "pending"))
    return found[-1] if found else None


def set_values(connection: Connection, transfer_id: int, **values: Any) -> Transfer:
    """Set columns of a transfer; return it."""
    statement = update(transfers).where(transfers.c.id == transfer_id).values(**values).returning(transfers)
    return _transfer(connection.execute(statement).mappings().one())


def finish(connection: Connection, transfer: Transfer, agent_id: int, now: datetime) -> Transfer:
    """Note that an agent has answered the transfer."""
    values = {"status": "finished", "to_agent_id": agent_id, "connected_at": now, "ended_at": now}
    return set_values(connection, transfer.id, **values, assigned_at=transfer.assigned_at or now)


def fail(connection: Connection, session_id: int, reason: str, now: datetime, status: str = "failed") -> None:
    """Note that the session's pending transfer, if it has one, has come to nothing.

    Args:
        reason: `ag_ignored`, `ag_canceled`, `eu_abandoned`, `transfer_expired`, `nothing`.
        status: `failed` or `canceled`.
    """
    if transfer := pending(connection, session_id):
        set_values(connection, transfer.id, status=status, fail_reason=reason, ended_at=now)


def of_sessions(connection: Connection, session_ids: Collection[int]) -> dict[int, list[Transfer]]:
    """Return the transfers of several sessions, by session id."""
    found: dict[int, list[Transfer]] = {session_id: [] for session_id in session_ids}
    for each in _where(connection, transfers.c.session_id.in_(session_ids)) if session_ids else ():
        found[each.session_id].append(each)
    return found


def _where(connection: Connection, condition: ColumnElement[bool]) -> list[Transfer]:
    rows = connection.execute(select(transfers).where(condition).order_by(transfers.c.id))
    return [_transfer(row) for row in rows.mappings()]


def _transfer(row: RowMapping) -> Transfer:
    return Transfer(**{name: row[name] for name in Transfer.__dataclass_fields__})
