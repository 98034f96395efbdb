"""The lines of a conversation, as one of its two readers sees them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, select

from host.db.tables import users
from host.sessions import messages
from host.sessions.messages import Message

Reader = Literal["agent", "end_user"]
PAGE = 50
"""Lines that a page gets at once; earlier ones come when somebody asks for them."""


@dataclass(frozen=True)
class Earlier:
    """What came before the first line of a page."""

    url: str
    """Where it is to be had."""
    previous: int
    """The message right before: a page that shows it lacks nothing here."""


@dataclass(frozen=True)
class Line:
    """One message."""

    id: int
    sender: str
    """`agent`, `end_user`, `system`."""
    author: str
    """What the reader calls the sender: `You`, `James Bond`; empty for the system."""
    is_own: bool
    text: str
    at: datetime
    client_id: str | None
    """In the reader's own lines: what his page, which showed the line at once, calls it."""
    earlier: Earlier | None = None
    """In the first line of a page that doesn't begin with the conversation."""


def of_session(
    connection: Connection, session_id: int, caller: str, reader: Reader, *, after: int = 0
) -> tuple[Line, ...]:
    """Return a session's lines, oldest first: the last page of them.

    Args:
        caller: What the agent calls the consumer.
        after: All messages with a higher id instead.
    """
    if after:
        return _lines(connection, messages.of_session(connection, session_id, after), caller, reader)
    return before(connection, session_id, caller, reader, message_id=None)


def before(
    connection: Connection, session_id: int, caller: str, reader: Reader, *, message_id: int | None
) -> tuple[Line, ...]:
    """Return the page of lines that ends before a message; None: that ends with the last one."""
    found = messages.page(connection, session_id, PAGE + 1, message_id)
    shown = _lines(connection, found[-PAGE:], caller, reader)
    if len(found) <= PAGE:
        return shown
    first = shown[0]
    path = "/consumer/messages" if reader == "end_user" else f"/agent/sessions/{session_id}/messages"
    earlier = Earlier(f"{path}?before={first.id}", previous=found[0].id)
    return (replace(first, earlier=earlier), *shown[1:])


def _lines(connection: Connection, found: Sequence[Message], caller: str, reader: Reader) -> tuple[Line, ...]:
    agents = _names(connection, {message.user_id for message in found if message.user_id is not None})
    return tuple(_line(message, caller, agents, reader) for message in found)


def _line(message: Message, caller: str, agents: dict[int, str], reader: Reader) -> Line:
    is_own = message.sender == reader
    authors = {"agent": agents.get(message.user_id or 0, "Agent"), "end_user": caller}
    return Line(
        id=message.id,
        sender=message.sender,
        author="You" if is_own else authors.get(message.sender, ""),
        is_own=is_own,
        text=message.text,
        at=message.at,
        client_id=message.client_id if is_own else None,
    )


def _names(connection: Connection, user_ids: set[int]) -> dict[int, str]:
    rows = connection.execute(select(users.c.id, users.c.name).where(users.c.id.in_(user_ids)))
    return {row.id: row.name for row in rows}
