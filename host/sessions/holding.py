"""Puts the consumer of a call on hold and takes them back; the journal's rows give the durations."""

from datetime import datetime

from sqlalchemy import Connection

from host.events import journal
from host.sessions import participants
from host.sessions.model import Session
from host.sessions.participants import ON_HOLD


def hold(connection: Connection, session: Session, now: datetime, *, agent_id: int | None) -> bool:
    """Put the consumer on hold; return whether that changed anything."""
    return _set(connection, session, now, agent_id=agent_id, sub_status=ON_HOLD, fact="held")


def resume(connection: Connection, session: Session, now: datetime, *, agent_id: int | None) -> bool:
    """Take the consumer back from hold; return whether that changed anything."""
    return _set(connection, session, now, agent_id=agent_id, sub_status=None, fact="unheld")


def _set(
    connection: Connection, session: Session, now: datetime, *, agent_id: int | None, sub_status: str | None, fact: str
) -> bool:
    consumer = participants.end_user(connection, session.id)
    if consumer is None or consumer.status != "connected" or consumer.sub_status == sub_status:
        return False
    participants.set_values(connection, consumer.id, sub_status=sub_status)
    facts = {"participant_id": consumer.id}
    journal.append(connection, fact, now=now, session_id=session.id, agent_id=agent_id, data=facts)
    return True
