"""Reads the last calls that an agent took part in, for the idle call adapter."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from adapter_pages.agent import minutes
from host.db.tables import participants as rows
from host.db.tables import sessions
from host.sessions import repository
from host.sessions.model import Session
from host.wire.session_types import BY_KEY

SHOWN = 5


@dataclass(frozen=True)
class RecentCall:
    """One call that is over for the agent."""

    session_id: int
    name: str
    phone: str | None
    at: datetime
    is_outbound: bool
    length: timedelta | None
    """How long the agent was connected; None if they never were."""

    @property
    def outcome(self) -> str:
        """`4:12`, or `not connected`."""
        return "not connected" if self.length is None else minutes.words(self.length)


def read(connection: Connection, agent_id: int) -> list[RecentCall]:
    """Return the agent's last calls, the latest first."""
    columns = (rows.c.session_id, func.max(rows.c.id).label("last"))
    is_over = (rows.c.user_id == agent_id) & rows.c.ended_at.is_not(None)
    parts = (
        select(*columns)
        .join(sessions, sessions.c.id == rows.c.session_id)
        .where(is_over, sessions.c.channel == "call")
        .group_by(rows.c.session_id)
        .order_by(func.max(rows.c.id).desc())
        .limit(SHOWN)
        .subquery()
    )
    query = select(rows.c.session_id, rows.c.created_at, rows.c.connected_at, rows.c.ended_at)
    found = connection.execute(query.join(parts, parts.c.last == rows.c.id).order_by(rows.c.id.desc())).all()
    calls = repository.where(connection, sessions.c.id.in_([row.session_id for row in found]))
    by_id = {session.id: session for session in calls}
    return [_recent(connection, by_id[row.session_id], row.created_at, row.connected_at, row.ended_at) for row in found]


def _recent(
    connection: Connection, session: Session, at: datetime, connected_at: datetime | None, ended_at: datetime
) -> RecentCall:
    consumer = repository.end_user(connection, session.end_user_id)
    return RecentCall(
        session_id=session.id,
        name=consumer.label,
        phone=consumer.phone,
        at=at,
        is_outbound=BY_KEY[session.type].is_outbound,
        length=None if connected_at is None else ended_at - connected_at,
    )
