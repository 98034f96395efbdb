"""Builds messages when they are sent: rows of the journal hold ids, and no texts.

Source: docs/webhooks.md, What arrives.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from host.db.tables import sessions
from host.events import journal
from host.events.journal import Entry
from host.gate import writing
from host.queues import tree
from host.queues.tree import Queue
from host.sessions import messages, repository
from host.sessions.model import Session
from host.users import directory
from host.users.directory import User
from host.webhooks.deliveries import Delivery, Failure
from host.webhooks.event_types import STATUSES, TYPES, EventName, type_of

Shapes = Callable[[Connection, Sequence[Session]], Mapping[int, Mapping[str, Any]]]
"""Returns sessions as the platform API shows them, by id; one that can't be shown is missing."""


@dataclass(frozen=True)
class Message:
    """One message, ready to be signed."""

    delivery: Delivery
    id: str
    """The value of `webhook-id`: the same in each try."""
    about: tuple[int | None, int | None]
    """The session, else the agent; what is about the same is sent in order."""
    body: bytes


@dataclass(frozen=True)
class _Facts:
    """What several messages need, by id."""

    entries: Mapping[int, Entry]
    sessions: Mapping[int, Session]
    shapes: Mapping[int, Mapping[str, Any]]
    agents: Mapping[int, User]
    queues: Mapping[int, Queue]


def build(connection: Connection, batch: Sequence[Delivery], shapes: Shapes) -> list[Message | Failure]:
    """Return the message of each delivery; a Failure for one that can't be built, so that the others are sent.

    Args:
        connection: A reading one will do.
        batch: Deliveries of one webhook.
        shapes: Builds the part about the session.
    """
    facts = _load(connection, batch, shapes)
    return [_attempt(connection, delivery, facts) for delivery in batch]


def _load(connection: Connection, batch: Sequence[Delivery], shapes: Shapes) -> _Facts:
    entries = journal.by_ids(connection, [delivery.journal_id for delivery in batch])
    ids = {entry.session_id for entry in entries.values() if entry.session_id is not None}
    found = repository.where(connection, sessions.c.id.in_(ids)) if ids else []
    return _Facts(
        entries=entries,
        sessions={session.id: session for session in found},
        shapes=shapes(connection, found),
        agents=directory.by_ids(connection, [each.agent_id for each in entries.values() if each.agent_id is not None]),
        queues={queue.id: queue for queue in tree.all(connection)},
    )


def _attempt(connection: Connection, delivery: Delivery, facts: _Facts) -> Message | Failure:
    try:
        entry = facts.entries[delivery.journal_id]
        body = writing.text(_body(connection, entry, facts), is_short=True).encode()
    except DBAPIError:
        raise
    except Exception as error:  # noqa: BLE001 - the outermost edge of one message: the others are sent
        return Failure(delivery, f"an error of ours ({type(error).__name__})", is_final=True)
    about = (entry.session_id, None if entry.session_id else entry.agent_id)
    return Message(delivery, f"msg_{entry.ulid}", about, body)


def _body(connection: Connection, entry: Entry, facts: _Facts) -> dict[str, Any]:
    event = type_of(entry.name, entry.data)
    if event is None:
        raise LookupError(entry.name)
    at = entry.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    data = {"sequence": entry.id, **_agent(entry, facts), **_session(entry, facts), **_further(event, entry)}
    if event == "message.created":
        data["message"] = _written(connection, entry.data["message_id"])
    return {"type": event, "timestamp": at, "data": data}


def _agent(entry: Entry, facts: _Facts) -> dict[str, Any]:
    """Return the agent whom the event concerns."""
    agent = facts.agents.get(entry.agent_id) if entry.agent_id is not None else None
    return {"agent": {"id": agent.id, "email": agent.email} if agent else None}


def _session(entry: Entry, facts: _Facts) -> dict[str, Any]:
    if entry.session_id is None:
        return {}
    session = facts.sessions[entry.session_id]
    queue = facts.queues.get(session.queue_id) if session.queue_id is not None else None
    return {
        "session_id": session.id,
        "channel": session.channel,
        "queue": {"id": queue.id, "path": tree.path_text(queue)} if queue else None,
        "session": facts.shapes.get(session.id),
    }


def _further(event: EventName, entry: Entry) -> dict[str, Any]:
    """Return the status since the event, of the session or the agent, and the keys of the event's type."""
    status = entry.data.get("to") or entry.data.get("status") or (entry.name if not entry.data else None)
    told = {"status": status} if status in STATUSES or event == "agent.status_changed" else {}
    return {**told, **{key: entry.data[key] for key in TYPES[event].keys if key in entry.data}}


def _written(connection: Connection, message_id: int) -> dict[str, Any]:
    """Return a message as the platform API does."""
    found = messages.by_id(connection, message_id)
    at = found.at.isoformat(timespec="milliseconds")
    return {"id": found.id, "from": found.sender, "text": found.text, "at": at}
