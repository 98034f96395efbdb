"""An agent's status, and which of their chats is in front."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from host.db.tables import sessions, users
from host.events import journal
from host.users import status
from host.users.directory import User, by_id

OPEN_CHAT = ("ongoing", "dismissed")


def change_status(connection: Connection, agent_id: int, new: str, now: datetime, *, by_system: bool = False) -> bool:
    """Change an agent's status, and wake their adapters.

    Raises:
        FieldsError: There is no such status, or only the system sets it.
    """
    changed = status.set_status(connection, agent_id, new, now, by_system=by_system)
    if changed:
        journal.append(connection, "status", now=now, agent_id=agent_id, data={"status": new})
    return changed


def update_status(connection: Connection, agent_id: int, now: datetime) -> None:
    """Set an agent who is Available or In-chat to what their ongoing chats make them; dismissed chats don't count."""
    if _agent(connection, agent_id).status in {status.AVAILABLE, status.IN_CHAT}:
        new = status.IN_CHAT if ongoing_chats(connection, agent_id) else status.AVAILABLE
        change_status(connection, agent_id, new, now, by_system=True)


def enter_chat(connection: Connection, agent_id: int, session_id: int, now: datetime) -> bool:
    """Bring a chat that the agent has taken to the front; return whether another one was there."""
    user = _agent(connection, agent_id)
    update_status(connection, agent_id, now)
    _set_front(connection, agent_id, session_id)
    return user.active_chat_id is not None


def leave_chat(connection: Connection, agent_id: int, session_id: int, now: datetime) -> int | None:
    """Remove a chat that the agent no longer has from the front; return the chat that replaces it, if any."""
    user = _agent(connection, agent_id)
    update_status(connection, agent_id, now)
    if user.active_chat_id != session_id:
        return None
    remaining = ongoing_chats(connection, agent_id) or open_chats(connection, agent_id)
    front = remaining[-1] if remaining else None
    _set_front(connection, agent_id, front)
    return front


def bring_to_front(connection: Connection, agent_id: int, session_id: int, now: datetime) -> bool:
    """Bring the chat that the agent chose to the front; return whether that changed anything."""
    if _agent(connection, agent_id).active_chat_id == session_id:
        return False
    _set_front(connection, agent_id, session_id)
    journal.append(connection, "front", now=now, agent_id=agent_id, session_id=session_id)
    return True


def open_chats(connection: Connection, agent_id: int) -> list[int]:
    """Return the ids of the agent's chats that have not ended, in the order in which they took them."""
    return _chats(connection, agent_id, OPEN_CHAT)


def ongoing_chats(connection: Connection, agent_id: int) -> list[int]:
    """Return the ids of the agent's chats that are their load: those that are open and not dismissed."""
    return _chats(connection, agent_id, ("ongoing",))


def _chats(connection: Connection, agent_id: int, statuses: Sequence[str]) -> list[int]:
    mine = (sessions.c.agent_id == agent_id) & (sessions.c.channel == "chat") & sessions.c.status.in_(statuses)
    rows = connection.execute(select(sessions.c.id).where(mine).order_by(sessions.c.connected_at, sessions.c.id))
    return [row.id for row in rows]


def _agent(connection: Connection, agent_id: int) -> User:
    user = by_id(connection, agent_id)
    if user is None:
        raise LookupError(f"no user {agent_id}")
    return user


def _set_front(connection: Connection, agent_id: int, session_id: int | None) -> None:
    connection.execute(update(users).where(users.c.id == agent_id).values(active_chat_id=session_id))
