"""Messages of chats in the database, in order; a message with a `client_id` is stored once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, RowMapping, func, select, tuple_

from host.db.insert_all import insert_all
from host.db.tables import messages
from host.errors import FieldsError

MAX_LENGTH = 10_000
"""Characters of one message: the longest event stays below the 64 KiB that listeners accept."""


@dataclass(frozen=True)
class Message:
    """One message of a chat."""

    id: int
    session_id: int
    sender: str
    """`end_user`, `agent`, `system`."""
    user_id: int | None
    text: str
    client_id: str | None
    at: datetime


class NewMessage(NamedTuple):
    """A message to store; its fields are those of `Message`."""

    session_id: int
    sender: str
    user_id: int | None
    text: str
    client_id: str | None
    at: datetime


def check_text(text: object) -> str:
    """Return the text as it is stored, without blanks around it.

    Raises:
        FieldsError: It is no string, empty, or too long.
    """
    if not isinstance(text, str):
        raise FieldsError({"text": f"must be a text, found {type(text).__name__}"})
    kept = text.strip()
    if not kept:
        raise FieldsError({"text": "is empty; write something"})
    if len(kept) > MAX_LENGTH:
        raise FieldsError({"text": f"has {len(kept)} characters; at most {MAX_LENGTH} can be sent"})
    return kept


def add(connection: Connection, session_id: int, *, sender: str, text: str, now: datetime) -> int:
    """Store a message of nobody's page; return its id."""
    [message] = add_all(connection, [NewMessage(session_id, sender, None, text, None, now)])
    return message.id


def add_all(connection: Connection, new: Sequence[NewMessage]) -> list[Message]:
    """Store messages; return them, in the same order.

    Args:
        new: Check their client ids first with `by_client_ids`, with the sessions locked.
    """
    ids = insert_all(connection, messages, [each._asdict() for each in new])
    return [Message(id=number, **each._asdict()) for number, each in zip(ids, new, strict=True)]


def by_client_ids(connection: Connection, keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Message]:
    """Return the messages with these ids of their senders.

    Args:
        keys: Session and client id; so are those of the result.
    """
    if not keys:
        return {}
    same = tuple_(messages.c.session_id, messages.c.client_id).in_(keys)
    found = map(_message, connection.execute(select(messages).where(same)).mappings())
    return {(each.session_id, each.client_id): each for each in found if each.client_id is not None}


def of_session(connection: Connection, session_id: int, after: int = 0) -> list[Message]:
    """Return the messages with an id above `after`, in order."""
    mine = (messages.c.session_id == session_id) & (messages.c.id > after)
    found = connection.execute(select(messages).where(mine).order_by(messages.c.id))
    return [_message(row) for row in found.mappings()]


def page(connection: Connection, session_id: int, size: int, before: int | None = None) -> list[Message]:
    """Return the last `size` messages, in order; of those with an id below `before`, if given."""
    mine = messages.c.session_id == session_id
    if before is not None:
        mine &= messages.c.id < before
    found = connection.execute(select(messages).where(mine).order_by(messages.c.id.desc()).limit(size))
    return [_message(row) for row in found.mappings()][::-1]


def counts(connection: Connection, session_ids: Collection[int]) -> dict[int, int]:
    """Return the number of messages of each chat, of both sides; a chat without any has no entry."""
    query = select(messages.c.session_id, func.count()).where(messages.c.session_id.in_(session_ids))
    return {row[0]: row[1] for row in connection.execute(query.group_by(messages.c.session_id))}


def last_at(connection: Connection, session_id: int, sender: str) -> datetime | None:
    """Return when a side wrote last; None: never."""
    mine = (messages.c.session_id == session_id) & (messages.c.sender == sender)
    last = select(messages.c.at).where(mine).order_by(messages.c.id.desc()).limit(1)
    return connection.execute(last).scalar_one_or_none()


def by_id(connection: Connection, message_id: int) -> Message:
    """Return a message that is known to exist."""
    return _message(connection.execute(select(messages).where(messages.c.id == message_id)).mappings().one())


def _message(row: RowMapping) -> Message:
    return Message(**{name: row[name] for name in Message.__dataclass_fields__})
