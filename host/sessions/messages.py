"""Messages of chats in the database, in order; a message with a `client_id` is stored once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, select

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


def add(
    connection: Connection,
    session_id: int,
    *,
    sender: str,
    text: str,
    now: datetime,
    user_id: int | None = None,
    client_id: str | None = None,
) -> int:
    """Store a message; return its id.

    Args:
        client_id: The sender's id of the message; check first with `by_client_id`, with the session locked.
    """
    statement = messages.insert().values(
        session_id=session_id, sender=sender, user_id=user_id, text=text, client_id=client_id, at=now
    )
    return int(connection.execute(statement.returning(messages.c.id)).scalar_one())


def by_client_id(connection: Connection, session_id: int, client_id: str) -> Message | None:
    """Return the message with this id of its sender."""
    same = (messages.c.session_id == session_id) & (messages.c.client_id == client_id)
    row = connection.execute(select(messages).where(same)).mappings().one_or_none()
    return _message(row) if row else None


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


def count(connection: Connection, session_id: int) -> int:
    """Return the number of messages, of both sides."""
    return int(connection.execute(select(func.count()).where(messages.c.session_id == session_id)).scalar_one())


def by_id(connection: Connection, message_id: int) -> Message:
    """Return a message that is known to exist."""
    return _message(connection.execute(select(messages).where(messages.c.id == message_id)).mappings().one())


def _message(row: RowMapping) -> Message:
    return Message(**{name: row[name] for name in Message.__dataclass_fields__})
