"""Reads the messages of a conversation as the agent or the consumer sees them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, select

from adapter_pages.shared import links
from adapter_pages.shared.links import Part
from host.db.tables import users
from host.errors import FieldsError
from host.sessions import attachments, messages
from host.sessions.attachments import Attachment
from host.sessions.messages import Message

Reader = Literal["agent", "end_user"]
PAGE = 50
"""Number of messages that a page gets at once; earlier ones come on request."""


@dataclass(frozen=True)
class Earlier:
    """The messages before the first one of a page."""

    url: str
    """The address that returns them."""
    previous: int
    """Id of the message right before; a page that shows it has no gap here."""


@dataclass(frozen=True)
class FileView:
    """A file, as one of its readers sees it."""

    name: str
    url: str
    is_image: bool
    is_video: bool
    size: str
    """`1.2 MB`"""


@dataclass(frozen=True)
class MessageView:
    """One message, as one of its readers sees it."""

    id: int
    sender: str
    """`agent`, `end_user`, `system`."""
    author: str
    """The sender's name for the reader: `You`, `James Bond`; empty for the system."""
    is_own: bool
    text: str
    at: datetime
    client_id: str | None
    """In the reader's own messages: the id under which their page has shown it already."""
    file: FileView | None = None
    """The file that the message is."""
    earlier: Earlier | None = None
    """In the first message of a page, if there are earlier ones."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The text, with its links."""
        return links.parts(self.text)


def read_id(args: Mapping[str, Any], name: str) -> int:
    """Return the message id in a command's arguments; 0 stands for none.

    Raises:
        FieldsError: There is none.
    """
    value = args.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise FieldsError({name: f"must be the number of a message, found {value!r}"})
    return value


def of_session(
    connection: Connection, session_id: int, caller: str, reader: Reader, *, after: int = 0
) -> tuple[MessageView, ...]:
    """Return the last page of a session's messages, oldest first.

    Args:
        caller: The consumer's name for the agent.
        after: If given, return all messages with a higher id instead.
    """
    if after:
        return _lines(connection, messages.of_session(connection, session_id, after), caller, reader)
    return before(connection, session_id, caller, reader, message_id=None)


def before(
    connection: Connection, session_id: int, caller: str, reader: Reader, *, message_id: int | None
) -> tuple[MessageView, ...]:
    """Return the page of messages that ends before `message_id`; None means the last page."""
    found = messages.page(connection, session_id, PAGE + 1, message_id)
    shown = _lines(connection, found[-PAGE:], caller, reader)
    if len(found) <= PAGE:
        return shown
    first = shown[0]
    path = "/consumer/messages" if reader == "end_user" else f"/agent/sessions/{session_id}/messages"
    earlier = Earlier(f"{path}?before={first.id}", previous=found[0].id)
    return (replace(first, earlier=earlier), *shown[1:])


def _lines(connection: Connection, found: Sequence[Message], caller: str, reader: Reader) -> tuple[MessageView, ...]:
    agents = _names(connection, {message.user_id for message in found if message.user_id is not None})
    files = attachments.of_messages(connection, [message.id for message in found])
    lines = (_line(message, caller, agents, reader) for message in found)
    return tuple(
        replace(line, file=_file(file, reader)) if (file := files.get(line.id)) is not None else line for line in lines
    )


def _file(file: Attachment, reader: Reader) -> FileView:
    place = "consumer" if reader == "end_user" else "agent"
    is_small = file.size_bytes < 1024 * 1024
    size = f"{max(file.size_bytes // 1024, 1)} kB" if is_small else f"{file.size_bytes / 1024**2:.1f} MB"
    return FileView(file.name, f"/{place}/attachments/{file.id}", file.type.is_image, file.type.is_video, size)


def _line(message: Message, caller: str, agents: dict[int, str], reader: Reader) -> MessageView:
    is_own = message.sender == reader
    authors = {"agent": agents.get(message.user_id or 0, "Agent"), "end_user": caller}
    return MessageView(
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
