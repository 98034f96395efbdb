"""Post chat events to the adapters of the chat's agent, by way of the journal.

Source: docs/reference/events.md, Types.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from host.events import journal
from host.events.journal import Post
from host.sessions import messages, payloads
from host.sessions.model import Session
from host.users import directory

INBOUND = "Chat_Inbound_Message"
OUTBOUND = "Chat_Outbound_Message"


def post_new_chat(connection: Connection, session: Session, now: datetime, *, switched: bool) -> None:
    """Post that the agent has taken the chat, and what the consumer wrote while waiting.

    Args:
        switched: Whether the chat replaces another one in front.
    """
    payload = _payload(connection, session)
    if payload is None:
        return
    _post(connection, "New_Chat", session, [payload], now)
    _post(connection, "Agent_Connects_to_Session", session, [payload], now)
    if switched:
        _post(connection, "Active_Chat", session, [payload], now)
    waiting = [each for each in messages.of_session(connection, session.id) if each.sender == "end_user"]
    _post(connection, INBOUND, session, [{**payload, "message_id": message.id} for message in waiting], now)


def post_message(connection: Connection, session: Session, message_id: int, sender: str, now: datetime) -> None:
    """Post a message; its text is put in when the event is sent."""
    event_type = INBOUND if sender == "end_user" else OUTBOUND
    if payload := _payload(connection, session):
        _post(connection, event_type, session, [{**payload, "message_id": message_id}], now)


def post_active_chat(connection: Connection, session: Session, now: datetime) -> None:
    """Post which chat's tab is in front."""
    if payload := _payload(connection, session):
        _post(connection, "Active_Chat", session, [payload], now)


def post_dismissed_chat(connection: Connection, session: Session, now: datetime) -> None:
    """Post that the chat was dismissed."""
    if payload := _payload(connection, session):
        _post(connection, "Dismissed_Chat", session, [payload], now)


def post_end_chat(connection: Connection, session: Session, now: datetime) -> None:
    """Post that the chat has ended, to the adapters of the agent who had it."""
    if payload := _payload(connection, session):
        _post(connection, "End_Chat", session, [payload], now)


def _payload(connection: Connection, session: Session) -> Mapping[str, Any] | None:
    """Return what all events of the chat carry; `None` when it has no agent."""
    user = directory.by_id(connection, session.agent_id) if session.agent_id is not None else None
    return payloads.session(connection, session, user) if user else None


def _post(
    connection: Connection, event_type: str, session: Session, payloads: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    """Write one event for each payload, in their order."""
    assert session.agent_id is not None  # noqa: S101 - there is a payload, so there is an agent
    stream = (session.agent_id, session.channel)
    journal.post_all(
        connection, event_type, [Post(stream, payload, session_id=session.id) for payload in payloads], now=now
    )
