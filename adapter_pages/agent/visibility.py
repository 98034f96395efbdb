"""Decides which sessions an agent may look into: those that they have, join, are offered, or wrap up."""

from datetime import datetime

from sqlalchemy import Connection

from host.errors import NotFoundError
from host.sessions import participants, presence, repository, wrap_up
from host.sessions.model import Session


def get(connection: Connection, session_id: int, agent_id: int) -> Session:
    """Return a session that the agent may look into.

    Raises:
        NotFoundError: There is none.
    """
    session = repository.get(connection, session_id)
    is_here = agent_id in {session.agent_id, session.offered_to} or participants.agent(connection, session_id, agent_id)
    if is_here or presence.is_wrapping_up(connection, agent_id, session_id):
        return session
    raise NotFoundError(f"There is no session {session_id}.")


def read_until(connection: Connection, session: Session, agent_id: int) -> datetime | None:
    """Return up to when the agent may read the session's messages; None: to the end.

    Raises:
        NotFoundError: They may read none: the session is only offered to them.
    """
    if session.agent_id == agent_id or agent_id in participants.present_agents(connection, session.id):
        return None
    found = wrap_up.newest(connection, session.id, agent_id)
    if found is None or found.finished_at is not None:
        raise NotFoundError(f"There is no session {session.id}.")
    return found.started_at
