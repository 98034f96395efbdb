"""Dismisses quiet chats, ends those that stay dismissed, and hands on sessions whose agent is gone.

Source: docs/reference/sessions.md, Quiet chats.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from host.db.tables import journal as rows
from host.db.tables import messages, sessions, users
from host.events import journal
from host.sessions import chats, dismissal, presence, repository
from host.sessions import messages as texts
from host.sessions.model import Session
from host.sessions.outbox import Outbox
from host.users import directory, status

GONE_FOR = timedelta(seconds=60)
"""After so long Offline, or without any adapter, an agent's ongoing chats go to others."""
UNRESPONSIVE_FOR = GONE_FOR - presence.UNRESPONSIVE_AFTER
"""How long an agent who is gone has been Unresponsive."""
ONGOING = (sessions.c.channel == "chat") & (sessions.c.status == "ongoing")
DISMISSED = (sessions.c.channel == "chat") & (sessions.c.status == "dismissed")


class Patience(NamedTuple):
    """After how many seconds quiet chats are dismissed and ended; 0: never."""

    dismiss_after_s: float = 600
    end_after_s: float = 3600


class Inactivity:
    """Looks after quiet chats.

    Args:
        outbox: Is told about each chat that ends.
        patience: Returns the settings.
    """

    def __init__(self, outbox: Outbox, patience: Callable[[], Patience] = Patience) -> None:
        self._outbox = outbox
        self._patience = patience

    def run(self, connection: Connection, now: datetime) -> None:
        """Dismiss, end and hand on what is due.

        Args:
            connection: In a writing transaction that holds the lock `ROUTING`.
            now: The current time.
        """
        patience = self._patience()
        if patience.end_after_s:
            self._end(connection, now, now - timedelta(seconds=patience.end_after_s))
        if patience.dismiss_after_s:
            for session in _still(connection, _is_quiet(now - timedelta(seconds=patience.dismiss_after_s))):
                dismissal.dismiss(connection, session, now, by="system")
        for session in _still(connection, _is_left_alone(now)):
            _hand_on(connection, session, now)

    def _end(self, connection: Connection, now: datetime, dismissed_by: datetime) -> None:
        last = select(func.max(rows.c.at)).where(rows.c.session_id == sessions.c.id, rows.c.name == "dismissed")
        for session in _still(connection, DISMISSED & (last.scalar_subquery() <= dismissed_by)):
            ended = chats.finish(connection, session, "system", now, fail_reason="no_response")
            self._outbox.on_ended(connection, ended)


def _still(connection: Connection, condition: ColumnElement[bool]) -> list[Session]:
    """Return the sessions that match, locked, without those that have changed meanwhile."""
    found = repository.where(connection, condition)
    return [locked for each in found if (locked := repository.get(connection, each.id)).status == each.status]


def _is_quiet(until: datetime) -> ColumnElement[bool]:
    """Return the condition that a consumer has written nothing since `until`, although they were answered before.

    The agent's first message after the consumer's last one counts as the answer; further ones don't prolong the wait.
    """
    of_chat = messages.c.session_id == sessions.c.id
    written = of_chat & (messages.c.sender == "end_user")
    last = func.coalesce(select(func.max(messages.c.id)).where(written).correlate(sessions).scalar_subquery(), 0)
    answered_at = select(func.min(messages.c.at)).where(of_chat, messages.c.sender == "agent", messages.c.id > last)
    took_up = (rows.c.session_id == sessions.c.id) & rows.c.name.in_(("connected", "resumed")) & (rows.c.at > until)
    return and_(
        ONGOING,
        sessions.c.connected_at <= until,
        ~exists().where(written, messages.c.at > until),
        ~exists().where(took_up),
        func.coalesce(answered_at.correlate(sessions).scalar_subquery(), sessions.c.connected_at) <= until,
    )


def _is_left_alone(now: datetime) -> ColumnElement[bool]:
    is_gone = or_(
        (users.c.status == status.OFFLINE) & (users.c.status_since <= now - GONE_FOR),
        (users.c.status == status.UNRESPONSIVE) & (users.c.status_since <= now - UNRESPONSIVE_FOR),
    )
    is_taken = sessions.c.status.in_(("ongoing", "connecting", "connected"))
    return is_taken & exists().where(users.c.id == sessions.c.agent_id, is_gone)


def _hand_on(connection: Connection, session: Session, now: datetime) -> None:
    """Put the session of an agent who is gone back into its queue, and tell a chat's consumer."""
    agent = directory.by_id(connection, session.agent_id) if session.agent_id is not None else None
    dismissal.requeue(connection, session, now, dismissal.AGENT_GONE)
    if session.channel == "call":
        return
    text = f"{agent.name if agent else 'The agent'} isn't connected any more. We're looking for somebody else."
    message_id = texts.add(connection, session.id, sender="system", text=text, now=now)
    journal.append(connection, "message", now=now, session_id=session.id, data={"message_id": message_id})
