"""The statuses of agents, and how a status changes.

Source: docs/reference/sessions.md, People and roles.
"""

from datetime import datetime

from sqlalchemy import Connection, select, update

from host.db.tables import users
from host.errors import FieldsError, NotFoundError

AVAILABLE = "Available"
BREAK = "Break"
MEAL = "Meal"
UNAVAILABLE = "Unavailable"
OFFLINE = "Offline"
IN_CALL = "In-call"
IN_CHAT = "In-chat"
WRAP_UP = "Wrap-up"
MISSED_CALL = "Missed Call"
MISSED_CHAT = "Missed Chat"
UNRESPONSIVE = "Unresponsive"

SETTABLE = (AVAILABLE, BREAK, MEAL, UNAVAILABLE, OFFLINE)
"""Statuses that agents choose, in the order of the combobox."""

SYSTEM = (IN_CALL, IN_CHAT, WRAP_UP, MISSED_CALL, MISSED_CHAT, UNRESPONSIVE)
"""Statuses that only the system sets."""

AT_WORK = frozenset({AVAILABLE, IN_CHAT, IN_CALL, WRAP_UP})
"""Statuses in which an agent takes sessions, as far as they have room."""


def set_status(connection: Connection, user_id: int, status: str, now: datetime, *, by_system: bool = False) -> bool:
    """Change a user's status; return whether it changed.

    An agent who changes to a status at work comes after those who were waiting (`idle_since`).

    Raises:
        FieldsError: There is no such status, or only the system sets it.
        NotFoundError: There is no such user.
    """
    allowed = SETTABLE + SYSTEM if by_system else SETTABLE
    if status not in allowed:
        raise FieldsError({"status": f"found {status!r}; allowed: {', '.join(allowed)}"})
    query = select(users.c.status).where(users.c.id == user_id).with_for_update()
    before = connection.execute(query).scalar_one_or_none()
    if before is None:
        raise NotFoundError(f"there is no user {user_id}")
    if before == status:
        return False
    values = {
        "status": status,
        "status_since": now,
        "status_before": before if status == UNRESPONSIVE else None,
        "idle_since": now if status in AT_WORK else None,
    }
    connection.execute(update(users).where(users.c.id == user_id).values(values))
    return True
