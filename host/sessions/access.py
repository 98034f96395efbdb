"""Finds the session that an agent acts on, and refuses sessions of other agents."""

from sqlalchemy import Connection

from host.errors import NotAllowedError, NotFoundError
from host.sessions import participants, presence, repository
from host.sessions.model import Session

TITLES = {"call": "Call", "chat": "Chat"}


def own(connection: Connection, session_id: int, agent_id: int, channel: str | None = None) -> Session:
    """Return a session that the agent has, had last, or takes part in; its row is locked.

    Args:
        channel: `call` or `chat`; None: either.

    Raises:
        NotAllowedError: It is another agent's session.
        NotFoundError: There is no such session.
    """
    session = of_channel(connection, session_id, channel)
    if has(connection, session, agent_id):
        return session
    raise NotAllowedError(f"{TITLES[session.channel]} {session_id} is not yours.")


def has(connection: Connection, session: Session, agent_id: int) -> bool:
    """Tell whether the agent has the session, had it last, or takes part in it."""
    return session.agent_id == agent_id or agent_id in participants.present_agents(connection, session.id)


def has_had(connection: Connection, session_id: int, agent_id: int) -> bool:
    """Tell whether the agent has or had the session, or takes or took part in it."""
    if repository.get(connection, session_id).agent_id == agent_id:
        return True
    people = participants.of_session(connection, session_id)
    return any(each.user_id == agent_id and each.connected_at is not None for each in people)


def own_or_wrapped_up(connection: Connection, session_id: int, agent_id: int, channel: str) -> Session:
    """Return a session as `own` does, or one that the agent has left and wraps up.

    Raises:
        NotAllowedError: It is another agent's session.
        NotFoundError: There is no such session.
    """
    if presence.is_wrapping_up(connection, agent_id, session_id):
        return of_channel(connection, session_id, channel)
    return own(connection, session_id, agent_id, channel)


def of_channel(connection: Connection, session_id: int, channel: str | None) -> Session:
    """Return a session of a channel; its row is locked.

    Raises:
        NotFoundError: There is no such session.
    """
    session = repository.get(connection, session_id)
    if channel is not None and session.channel != channel:
        raise NotFoundError(f"There is no {channel} {session_id}.")
    return session
