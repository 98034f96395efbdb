"""Counts unread messages: those that came while another chat was in front.

The journal has when the agent selected which chat, so every tab and a reload show the same counts.
"""

from datetime import datetime

from sqlalchemy import Connection, func, select

from host.db.tables import journal, messages
from host.sessions.model import Session

FRONT_EVENTS = ("New_Chat", "front")
"""Journal entries that put a chat in front: it is answered, or its tab is selected."""


def count(connection: Connection, agent_id: int, session: Session, *, is_in_front: bool) -> int:
    """Count the consumer's messages since the agent left this chat for another or wrote in it."""
    if is_in_front:
        return 0
    of_chat = messages.c.session_id == session.id
    answered = select(func.max(messages.c.id)).where(of_chat, messages.c.sender == "agent").scalar_subquery()
    unseen = of_chat & (messages.c.sender == "end_user") & (messages.c.id > func.coalesce(answered, 0))
    seen_until = _left_at(connection, agent_id, session)
    if seen_until is not None:
        unseen &= messages.c.at > seen_until
    return connection.execute(select(func.count()).select_from(messages).where(unseen)).scalar_one()


def _left_at(connection: Connection, agent_id: int, session: Session) -> datetime | None:
    turns = (journal.c.agent_id == agent_id) & journal.c.name.in_(FRONT_EVENTS)
    last = select(func.max(journal.c.id)).where(turns, journal.c.session_id == session.id).scalar_subquery()
    later = (journal.c.id > last) & (journal.c.session_id != session.id)
    turned = select(journal.c.at).where(turns, later).order_by(journal.c.id).limit(1)
    return connection.execute(turned).scalar_one_or_none()
