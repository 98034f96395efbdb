"""Reads which session an agent has missed, so that they get no new ones until they say that they are back.

Source: docs/reference/sessions.md, Queues and routing.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from host.db.tables import journal, sessions
from host.sessions import repository
from host.users import status
from host.users.directory import User

STATUSES = {"chat": status.MISSED_CHAT, "call": status.MISSED_CALL}
"""By adapter."""


@dataclass(frozen=True)
class Missed:
    """The session that the agent missed last."""

    channel: str
    caller: str
    """The consumer's name; empty if it isn't known which session it was."""
    at: datetime


def read(connection: Connection, user: User, channel: str) -> Missed | None:
    """Return the missed session; None unless the agent's status is Missed for this channel."""
    if user.status != STATUSES[channel] or user.status_since is None:
        return None
    # Offer and status end at the same moment, in one transaction.
    mine = (journal.c.agent_id == user.id) & (journal.c.at == user.status_since) & journal.c.session_id.is_not(None)
    of_channel = (sessions.c.id == journal.c.session_id) & (sessions.c.channel == channel)
    query = select(journal.c.session_id).where(mine, of_channel).order_by(journal.c.id.desc()).limit(1)
    session_id = connection.execute(query).scalar_one_or_none()
    if session_id is None:
        return Missed(channel, "", user.status_since)
    session = repository.get(connection, session_id)
    return Missed(channel, repository.end_user(connection, session.end_user_id).label, user.status_since)
