"""Payloads of adapter events: ids and names of a session, its agent and its queue.

The journal stores them as they are when the event occurs. They hold no message texts and no record URLs.

Source: docs/reference/events.md, Types.
"""

from typing import Any

from sqlalchemy import Connection

from host.queues import tree
from host.sessions.model import Session
from host.users.directory import User
from host.wire.session_types import BY_KEY


def agent(user: User) -> dict[str, Any]:
    """Return `{"agent_id": 1, "agent_custom_id": "007", "agent_email": "james.bond@agents.co"}`."""
    return {"agent_id": user.id, "agent_custom_id": user.agent_number, "agent_email": user.email}


def session(connection: Connection, about: Session, user: User) -> dict[str, Any]:
    """Return the payload of New_Chat, End_Chat and the like; an absent value is `None`."""
    queue = tree.by_id(connection, about.queue_id) if about.queue_id is not None else None
    return {
        about.crm_id_key: about.id,
        "session_type": BY_KEY[about.type].name,
        **agent(user),
        "queue_id": queue.id if queue else None,
        "queue_path": tree.path_text(queue) if queue else None,
        **_passed_along(about),
    }


PASSED_ALONG = {
    "call": ("campaign_id", "campaign_name", "custom_sip_headers", "va_data_parameters", "session_variable"),
    "chat": ("va_data_parameters", "session_variable"),
}
"""Details that a gateway gives and events carry; chats of earlier releases may have more."""


def _passed_along(about: Session) -> dict[str, Any]:
    given = about.details
    return {name: given[name] for name in PASSED_ALONG[about.channel] if given.get(name) is not None}
