"""Offers waiting chats to agents: the longest idle one who is there, works in the queue and has room.

`route` may be called by anybody, any time, in the transaction that changed something: it offers what
can be offered and is otherwise without effect. One at a time: its callers take the turn `ROUTING` first.

Source: 10-sessions, Queues and routing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from host.db.tables import journal, queue_agents, sessions, users
from host.events import tabs
from host.queues import tree
from host.queues.settings import QueueSettings
from host.sessions import chats, presence, repository
from host.sessions.model import Session
from host.users import status

Offered = Callable[[Connection, Session], None]


def route(connection: Connection, now: datetime, offered: Offered) -> None:
    """Offer every waiting chat that an agent is free for, the oldest first.

    Args:
        offered: Called for each offer, in the transaction.
    """
    waiting = repository.where(connection, (sessions.c.status == "queued") & (sessions.c.channel == "chat"))
    for session in waiting:
        agent_id = _free_agent(connection, session, now)
        if agent_id is None or not _still(connection, session):
            continue
        ends_at = now + timedelta(seconds=_settings(connection, session).offer_time_s)
        offer = {"offered_to": agent_id, "offer_ends_at": ends_at, "assigned_at": now}
        offered(connection, repository.move(connection, session, "offer", now=now, tell=agent_id, changes=offer))


def expire(connection: Connection, now: datetime) -> int:
    """Take back the offers that nobody accepted in time; who missed one gets no more until he says so.

    Returns:
        How many there were.
    """
    is_overdue = (sessions.c.status == "assigned") & (sessions.c.offer_ends_at <= now)
    overdue = repository.where(connection, is_overdue & (sessions.c.channel == "chat"))
    for session in overdue:
        if not _still(connection, session):
            continue
        chats.withdraw(connection, session, "missed", now)
        if session.offered_to is not None:
            presence.change_status(connection, session.offered_to, status.MISSED_CHAT, now, by_system=True)
    return len(overdue)


def _still(connection: Connection, session: Session) -> bool:
    """Say whether the session is as it was read, now that nobody else can change it."""
    return repository.get(connection, session.id).status == session.status


def _free_agent(connection: Connection, session: Session, now: datetime) -> int | None:
    """Return who is to be asked; the longest idle first, and nobody twice within one offer's time."""
    asked = _asked_lately(connection, session, now)
    candidates = select(users.c.id, users.c.max_chats).where(
        users.c.is_active, users.c.status.in_(status.WAITING), users.c.id.not_in(asked)
    )
    if session.queue_id is not None:
        members = select(queue_agents.c.user_id).where(queue_agents.c.queue_id == session.queue_id)
        candidates = candidates.where(users.c.id.in_(members))
    for row in connection.execute(candidates.order_by(users.c.idle_since, users.c.id)):
        if tabs.is_present(connection, row.id, session.channel, now) and _load(connection, row.id) < row.max_chats:
            return int(row.id)
    return None


def _load(connection: Connection, agent_id: int) -> int:
    """Count the chats that an agent has or is offered; one that was dismissed takes no place."""
    has = (sessions.c.agent_id == agent_id) & (sessions.c.status == "ongoing")
    asked = (sessions.c.offered_to == agent_id) & (sessions.c.status == "assigned")
    return int(connection.execute(select(func.count()).select_from(sessions).where(has | asked)).scalar_one())


def _asked_lately(connection: Connection, session: Session, now: datetime) -> list[int]:
    """Return who declined or missed this chat so recently that others should have it first."""
    pause = timedelta(seconds=_settings(connection, session).offer_time_s)
    ended = (journal.c.session_id == session.id) & (journal.c.name == "offer_ended") & (journal.c.at > now - pause)
    return [row.data["agent_id"] for row in connection.execute(select(journal.c.data).where(ended))]


def _settings(connection: Connection, session: Session) -> QueueSettings:
    queue = tree.by_id(connection, session.queue_id) if session.queue_id is not None else None
    return queue.settings if queue else QueueSettings()
