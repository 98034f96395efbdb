"""Dismisses chats, resumes them, and takes chats away from agents who can't go on with them.

A dismissed chat stays with its agent without counting as their load. When its consumer comes back and the agent has no
room or is gone, the chat waits in its queue for another agent.

Source: docs/reference/sessions.md, Quiet chats.
"""

from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from host.db.tables import sessions, tabs
from host.errors import NotAllowedError, NotFoundError
from host.events.tabs import ALIVE_FOR
from host.sessions import announce, leaving, presence, repository
from host.sessions.model import Session
from host.users import directory, status
from host.users.directory import User

NO_ROOM = "no_room"
AGENT_GONE = "agent_gone"


def dismiss(connection: Connection, session: Session, now: datetime, *, by: str) -> Session:
    """Dismiss an ongoing chat: it leaves its agent's load.

    Args:
        connection: In a writing transaction.
        session: The chat.
        now: The current time.
        by: `agent`: another chat of theirs comes to the front; `system`: what they look at stays.
    """
    session = repository.move(connection, session, "dismiss", now=now, tell=session.agent_id, data={"by": by})
    announce.post_dismissed_chat(connection, session, now)
    if session.agent_id is not None:
        presence.update_status(connection, session.agent_id, now)
        if by == "agent":
            _bring_another_to_front(connection, session.agent_id, session.id, now)
    return session


def resume(connection: Connection, session: Session, now: datetime, *, by: str) -> Session:
    """Resume a dismissed chat.

    Args:
        connection: In a writing transaction.
        session: The chat.
        now: The current time.
        by: `agent`; `end_user`: the chat goes back to its queue if its agent can't take it.

    Raises:
        NotAllowedError: The agent has as many chats as they may have.
    """
    agent = _agent(connection, session)
    if by == "agent" and _load(connection, agent) >= agent.max_chats:
        raise NotAllowedError(f"You have {agent.max_chats} of {agent.max_chats} chats. End or dismiss one first.")
    if by != "agent" and not _is_at_work(connection, agent, now):
        return requeue(connection, session, now, AGENT_GONE)
    if by != "agent" and _load(connection, agent) >= agent.max_chats:
        return requeue(connection, session, now, NO_ROOM)
    session = repository.move(connection, session, "resume", now=now, tell=agent.id, data={"by": by})
    presence.update_status(connection, agent.id, now)
    return session


def requeue(connection: Connection, session: Session, now: datetime, reason: str) -> Session:
    """Take a chat away from its agent; it waits in its queue again.

    Args:
        connection: In a writing transaction.
        session: The chat, ongoing or dismissed.
        now: The current time.
        reason: `no_room`, `agent_gone`; for the journal.
    """
    return leaving.take_away(connection, session, _agent(connection, session).id, now, reason)


def _bring_another_to_front(connection: Connection, agent_id: int, session_id: int, now: datetime) -> None:
    user = directory.by_id(connection, agent_id)
    others = presence.ongoing_chats(connection, agent_id)
    if user is not None and user.active_chat_id == session_id and others:
        presence.bring_to_front(connection, agent_id, others[-1], now)
        announce.post_active_chat(connection, repository.get(connection, others[-1]), now)


def _agent(connection: Connection, session: Session) -> User:
    user = directory.by_id(connection, session.agent_id) if session.agent_id is not None else None
    if user is None:
        raise NotFoundError(f"Chat {session.id} has no agent.")
    return user


def _is_at_work(connection: Connection, agent: User, now: datetime) -> bool:
    adapter = (tabs.c.agent_id == agent.id) & (tabs.c.adapter == "chat") & (tabs.c.alive_at >= now - ALIVE_FOR)
    is_there = connection.execute(select(tabs.c.tab_id).where(adapter).limit(1)).first() is not None
    return agent.is_active and agent.status in status.AT_WORK and is_there


def _load(connection: Connection, agent: User) -> int:
    """Count the chats that the agent has or is offered."""
    has = (sessions.c.agent_id == agent.id) & (sessions.c.status == "ongoing") & (sessions.c.channel == "chat")
    asked = (sessions.c.offered_to == agent.id) & (sessions.c.status == "assigned") & (sessions.c.channel == "chat")
    query = select(func.count()).select_from(sessions).where(or_(has, asked))
    return int(connection.execute(query).scalar_one())
