"""Offers waiting chats to agents: the longest idle one who is there, works in the queue and has room.

`route` may be called by anybody, any time, in the transaction that changed something: it offers what
can be offered and is otherwise without effect. One at a time: its callers take the turn `ROUTING` first.

Source: 10-sessions, Queues and routing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from host.db.tables import journal as rows
from host.db.tables import queue_agents, sessions, users
from host.events import journal, pops, tabs
from host.queues import tree
from host.queues.settings import QueueSettings
from host.sessions import chats, presence, repository
from host.sessions.model import Session
from host.users import status

UNSEEN_AFTER = timedelta(seconds=3)
"""How long an adapter has to show an offer; so long, too, its agent isn't asked again."""
UNSEEN = "unseen"
OFFER = "assigned"
"""The journal's word for an offer."""

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
        moved = repository.move(connection, session, "offer", now=now, tell=agent_id, changes=offer)
        if event := journal.newest(connection, session.id, OFFER):
            pops.add(connection, event.id, agent_id, session.id)
        offered(connection, moved)


def expire(connection: Connection, now: datetime) -> int:
    """Take back the offers that nobody accepted in time; who missed one gets no more until he says so.

    One that no adapter has shown goes on much sooner, and nobody has missed it.

    Returns:
        How many were overdue.
    """
    is_offered = (sessions.c.status == "assigned") & (sessions.c.channel == "chat")
    for session in repository.where(connection, is_offered & (sessions.c.assigned_at <= now - UNSEEN_AFTER)):
        if _still(connection, session) and _is_unseen(connection, session):
            chats.withdraw(connection, session, UNSEEN, now)
    overdue = repository.where(connection, is_offered & (sessions.c.offer_ends_at <= now))
    for session in overdue:
        if not _still(connection, session):
            continue
        chats.withdraw(connection, session, "missed", now)
        if session.offered_to is not None:
            presence.change_status(connection, session.offered_to, status.MISSED_CHAT, now, by_system=True)
    return len(overdue)


def _is_unseen(connection: Connection, session: Session) -> bool:
    """Say whether no adapter has acknowledged the offer."""
    event = journal.newest(connection, session.id, OFFER)
    return event is not None and pops.is_unseen(connection, event.id)


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
    """Return who declined, missed or didn't see this chat so recently that others should have it first."""
    pause = timedelta(seconds=_settings(connection, session).offer_time_s)
    ended = (rows.c.session_id == session.id) & (rows.c.name == "offer_ended") & (rows.c.at > now - pause)
    return [
        row.data["agent_id"]
        for row in connection.execute(select(rows.c.at, rows.c.data).where(ended))
        if row.data["reason"] != UNSEEN or row.at > now - UNSEEN_AFTER
    ]


def _settings(connection: Connection, session: Session) -> QueueSettings:
    queue = tree.by_id(connection, session.queue_id) if session.queue_id is not None else None
    return queue.settings if queue else QueueSettings()
