"""Payloads of adapter events: ids and names of a session, its agent and its queue.

The journal stores them as they are when the event occurs. They hold no message texts and no record URLs.

Source: docs/reference/events.md, Types.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from host.queues import tree
from host.queues.tree import Queue
from host.sessions.model import Session
from host.users import directory
from host.users.directory import User
from host.wire.events import EVENTS
from host.wire.session_types import BY_KEY


def agent(user: User) -> dict[str, Any]:
    """Return `{"agent_id": 1, "agent_custom_id": "007", "agent_email": "james.bond@agents.co"}`."""
    return {"agent_id": user.id, "agent_custom_id": user.agent_number, "agent_email": user.email}


def session(connection: Connection, about: Session, user: User) -> dict[str, Any]:
    """Return the payload of New_Chat, End_Call and the like; an absent value is `None`."""
    queue = tree.by_id(connection, about.queue_id) if about.queue_id is not None else None
    return of(about, user, queue)


def of(about: Session, user: User, queue: Queue | None) -> dict[str, Any]:
    """Return the payload as `session` does, with the session's queue."""
    return {
        about.crm_id_key: about.id,
        "session_type": BY_KEY[about.type].name,
        **agent(user),
        "queue_id": queue.id if queue else None,
        "queue_path": tree.path_text(queue) if queue else None,
        **passed_along(about, f"New_{about.channel.capitalize()}"),
    }


def fitting(payload: Mapping[str, Any], event_type: str) -> dict[str, Any]:
    """Return those keys of a payload that another type of event carries."""
    return {name: value for name, value in payload.items() if name in EVENTS[event_type].keys}


def side(connection: Connection, name: str, agent_id: int | None, queue_id: int | None) -> dict[str, Any]:
    """Return one side of a transfer: `{"from_agent_id": 1, "from_agent_email": ..., "from_queue_path": ...}`.

    Args:
        name: `from` or `to`.
    """
    user = directory.by_id(connection, agent_id) if agent_id is not None else None
    queue = tree.by_id(connection, queue_id) if queue_id is not None else None
    found = agent(user) if user else {}
    found |= {"queue_id": queue.id, "queue_path": tree.path_text(queue)} if queue else {}
    return {f"{name}_{key}": value for key, value in found.items()}


PASSED_ALONG = (
    "campaign_id",
    "campaign_name",
    "custom_sip_headers",
    "va_data_parameters",
    "session_variable",
    "virtual_agent_id",
)
"""Details that a gateway gives and events carry."""


def passed_along(about: Session, event_type: str) -> dict[str, Any]:
    """Return the session's details that an event of this type carries; chats of earlier releases may have more."""
    keys, given = EVENTS[event_type].keys, about.details
    return {name: given[name] for name in PASSED_ALONG if name in keys and given.get(name) is not None}
