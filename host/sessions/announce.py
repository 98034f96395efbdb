"""Chat events for the adapters: who is told what, written into the journal.

Source: docs/reference/events.md, Types.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from host.events import journal
from host.sessions import messages, payloads
from host.sessions.model import Session
from host.users import directory

INBOUND = "Chat_Inbound_Message"
OUTBOUND = "Chat_Outbound_Message"


def picked_up(connection: Connection, session: Session, now: datetime, *, switched: bool) -> None:
    """Tell the agent's adapters that he has taken the chat, and what the consumer wrote while waiting.

    Args:
        switched: Whether another chat was in front, whose place this one has taken.
    """
    _post(connection, "New_Chat", session, now)
    _post(connection, "Agent_Connects_to_Session", session, now)
    if switched:
        brought_to_front(connection, session, now)
    for message in messages.of_session(connection, session.id):
        said(connection, session, message.id, "end_user", now)


def said(connection: Connection, session: Session, message_id: int, sender: str, now: datetime) -> None:
    """Tell the adapters of a message; its text is put in when the event is sent."""
    event_type = INBOUND if sender == "end_user" else OUTBOUND
    _post(connection, event_type, session, now, message_id=message_id)


def brought_to_front(connection: Connection, session: Session, now: datetime) -> None:
    """Tell the adapters which chat's tab is in front."""
    _post(connection, "Active_Chat", session, now)


def ended(connection: Connection, session: Session, now: datetime) -> None:
    """Tell the adapters of the agent who had it that the chat has ended."""
    _post(connection, "End_Chat", session, now)


def _post(connection: Connection, event_type: str, session: Session, now: datetime, **more: Any) -> None:
    user = directory.by_id(connection, session.agent_id) if session.agent_id is not None else None
    if user is None:
        return
    data = payloads.session(connection, session, user) | more
    journal.post(
        connection, event_type, now=now, agent_id=user.id, adapter=session.channel, session_id=session.id, data=data
    )
