"""The files that consumer and agent send each other in a chat, as rows beside their messages.

A file is a message whose text is the file's name. Their content is in `attachment_files.py`.

Source: docs/reference/sessions.md, Attachments.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, func, select

from host.db.engine import Database
from host.db.tables import attachments
from host.errors import FieldsError, NotFoundError
from host.sessions.attachment_files import Medium, StoredFile
from host.sessions.attachment_types import TYPES, FileType

MOST_IN_A_CHAT = 100
MOST_BYTES_IN_A_CHAT = 500 * 1024 * 1024
KEYS_AT_ONCE = 500
ON_MEDIUM = "patchbay_on_medium"
"""The execution option of a database's connections that holds the listener."""


@dataclass(frozen=True)
class Attachment:
    """The file of a message."""

    id: int
    session_id: int
    message_id: int
    key: str
    """Its name in the folder."""
    name: str
    """`photo.png`"""
    ending: str
    """A key of `TYPES`."""
    size_bytes: int

    @property
    def type(self) -> FileType:
        """Its type."""
        return TYPES[self.ending]


Listener = Callable[[Connection, Attachment, Medium], None]


def listen(database: Database, listener: Listener) -> None:
    """Call `listener` for each photo and video of a consumer, in the transaction that stores its message."""
    database.engine.update_execution_options(**{ON_MEDIUM: listener})


def add(connection: Connection, session_id: int, message_id: int, stored: StoredFile) -> None:
    """Store that a message has a file.

    Raises:
        FieldsError: The chat has too many files; the error rolls the transaction back.
    """
    mine = attachments.c.session_id == session_id
    total = func.coalesce(func.sum(attachments.c.size_bytes), 0)
    count, size_bytes = connection.execute(select(func.count(), total).where(mine)).one()
    if count >= MOST_IN_A_CHAT:
        raise FieldsError({"file": f"There are {count} files in this chat already; more can't be sent."})
    if size_bytes + stored.size_bytes > MOST_BYTES_IN_A_CHAT:
        most = MOST_BYTES_IN_A_CHAT // 1024**2
        raise FieldsError({"file": f"The files of this chat would have more than {most} MB; this one can't be sent."})
    values = {name: getattr(stored, name) for name in ("key", "name", "ending", "size_bytes")}
    row = attachments.insert().values(session_id=session_id, message_id=message_id, **values).returning(attachments)
    added = _attachment(connection.execute(row).mappings().one())
    if stored.medium is not None and (listener := connection.get_execution_options().get(ON_MEDIUM)):
        listener(connection, added, stored.medium)


def by_id(connection: Connection, attachment_id: int) -> Attachment:
    """Return a file.

    Raises:
        NotFoundError: There is none.
    """
    row = connection.execute(select(attachments).where(attachments.c.id == attachment_id)).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"There is no file {attachment_id}.")
    return _attachment(row)


def known_keys(connection: Connection, keys: Collection[str]) -> set[str]:
    """Return those of some keys that messages name."""
    every, found = list(keys), set[str]()
    for start in range(0, len(every), KEYS_AT_ONCE):
        some = every[start : start + KEYS_AT_ONCE]
        found |= set(connection.execute(select(attachments.c.key).where(attachments.c.key.in_(some))).scalars())
    return found


def of_messages(connection: Connection, message_ids: Collection[int]) -> dict[int, Attachment]:
    """Return the files of messages, by message id."""
    rows = connection.execute(select(attachments).where(attachments.c.message_id.in_(message_ids))).mappings()
    return {row["message_id"]: _attachment(row) for row in rows}


def _attachment(row: RowMapping) -> Attachment:
    return Attachment(**{name: row[name] for name in Attachment.__dataclass_fields__})
