"""An agent's status, and which of their chats is in front.

While an agent is at work, what they have decides their status: a call, chats, a wrap-up, or nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, or_, select, update

from host.db.tables import participants, sessions, users, wrap_ups
from host.events import journal
from host.users import status
from host.users.directory import User, by_id

UNRESPONSIVE_AFTER = timedelta(seconds=8)
"""How long an agent may be without an adapter before they become Unresponsive."""
OPEN_CHAT = ("ongoing", "dismissed")
OPEN_CALL = ("connecting", "connected")


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
    """Set the status of an agent who is at work to what they do now; a break or a missed session stays."""
    if _agent(connection, agent_id).status in status.AT_WORK:
        change_status(connection, agent_id, working_status(connection, agent_id), now, by_system=True)


def working_status(connection: Connection, agent_id: int) -> str:
    """Return the status of an agent at work: In-call, In-chat, Wrap-up or Available."""
    if has_call(connection, agent_id):
        return status.IN_CALL
    if ongoing_chats(connection, agent_id):
        return status.IN_CHAT
    mine = exists().where(wrap_ups.c.agent_id == agent_id, wrap_ups.c.finished_at.is_(None))
    return status.WRAP_UP if connection.execute(select(mine)).scalar_one() else status.AVAILABLE


def enter_chat(connection: Connection, agent_id: int, session_id: int, now: datetime) -> bool:
    """Bring a chat that the agent has taken to the front; return whether another open one was there."""
    before = _agent(connection, agent_id).active_chat_id
    update_status(connection, agent_id, now)
    _set_front(connection, agent_id, session_id)
    return before is not None and before != session_id and before in open_chats(connection, agent_id)


def leave_chat(connection: Connection, agent_id: int, session_id: int, now: datetime) -> int | None:
    """Remove a chat that the agent no longer has from the front; return the chat that replaces it, if any.

    It stays in front until its wrap-up is finished.
    """
    user = _agent(connection, agent_id)
    update_status(connection, agent_id, now)
    if user.active_chat_id != session_id or is_wrapping_up(connection, agent_id, session_id):
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


def has_call(connection: Connection, agent_id: int) -> bool:
    """Tell whether the agent is in a call."""
    here = participants.c.status.in_(OPEN_CALL) & (participants.c.session_id == sessions.c.id)
    mine = exists().where(participants.c.user_id == agent_id, here, sessions.c.channel == "call")
    return bool(connection.execute(select(mine)).scalar_one())


def has_call_ringing(connection: Connection, agent_id: int) -> bool:
    """Tell whether the agent is offered a call, or invited to one."""
    offered = exists().where(sessions.c.offered_to == agent_id, sessions.c.channel == "call")
    of_call = (participants.c.session_id == sessions.c.id) & (sessions.c.channel == "call")
    invited = exists().where(participants.c.user_id == agent_id, participants.c.status == "invited", of_call)
    return bool(connection.execute(select(or_(offered, invited))).scalar_one())


def is_wrapping_up(connection: Connection, agent_id: int, session_id: int) -> bool:
    """Tell whether the agent has left the session, and wraps it up."""
    mine = (wrap_ups.c.agent_id == agent_id) & (wrap_ups.c.session_id == session_id)
    return bool(connection.execute(select(exists().where(mine, wrap_ups.c.finished_at.is_(None)))).scalar_one())


def _agent(connection: Connection, agent_id: int) -> User:
    user = by_id(connection, agent_id)
    if user is None:
        raise LookupError(f"no user {agent_id}")
    return user


def _set_front(connection: Connection, agent_id: int, session_id: int | None) -> None:
    connection.execute(update(users).where(users.c.id == agent_id).values(active_chat_id=session_id))
