"""Keeps the files that consumer and agent send each other in a chat, in the data folder.

A file is a message whose text is the file's name. It is stored under a random name before its message is; a file
without a message, after a kill in between, is shown to nobody.

Source: docs/reference/sessions.md, Attachments.
"""

import os
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

from sqlalchemy import Connection, RowMapping, func, select

from host.db.tables import attachments
from host.errors import FieldsError, NotFoundError

FOLDER = "attachments"
MAX_BYTES = 10 * 1024 * 1024
MOST_IN_A_CHAT = 100
LONGEST_NAME = 120
_UNFIT = re.compile(r"[\\/:*?\"<>|\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")
"""Characters that file systems refuse, or that are not seen and hide what a name ends with."""


class FileType(NamedTuple):
    """An allowed type of file."""

    media_type: str
    begins: tuple[bytes, ...] = ()
    """What its content begins with, one of these; empty: anything."""
    is_image: bool = False
    """Whether pages show it; all other files are downloads."""


_ZIP = (b"PK\x03\x04",)
_OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES: Mapping[str, FileType] = {
    "png": FileType("image/png", (b"\x89PNG\r\n\x1a\n",), is_image=True),
    "jpg": FileType("image/jpeg", (b"\xff\xd8\xff",), is_image=True),
    "jpeg": FileType("image/jpeg", (b"\xff\xd8\xff",), is_image=True),
    "gif": FileType("image/gif", (b"GIF87a", b"GIF89a"), is_image=True),
    "webp": FileType("image/webp", (b"RIFF",), is_image=True),
    "pdf": FileType("application/pdf", (b"%PDF-",)),
    "txt": FileType("text/plain"),
    "csv": FileType("text/csv"),
    "docx": FileType(f"{_OFFICE}.wordprocessingml.document", _ZIP),
    "xlsx": FileType(f"{_OFFICE}.spreadsheetml.sheet", _ZIP),
    "odt": FileType("application/vnd.oasis.opendocument.text", _ZIP),
    "zip": FileType("application/zip", _ZIP),
}
"""By the ending of the name, in lower case. No type that a browser runs: no HTML, SVG, XML."""


@dataclass(frozen=True)
class StoredFile:
    """A file that is stored, whose message isn't yet."""

    key: str
    name: str
    ending: str
    size_bytes: int


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


class AttachmentFiles:
    """The folder of the files.

    Args:
        data: The data folder.
    """

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER

    def store(self, name: str, content: IO[bytes]) -> StoredFile:
        """Store a file.

        Raises:
            FieldsError: Its type isn't allowed, or it is empty or too large.
        """
        plain, ending = _checked(name)
        key = secrets.token_hex(16)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = self._folder / f"{key}.partial"
        try:
            with os.fdopen(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                size_bytes = _copy(content, file, TYPES[ending], plain)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self._folder / key)
        finally:
            partial.unlink(missing_ok=True)
        return StoredFile(key, plain, ending, size_bytes)

    def drop(self, key: str) -> None:
        """Delete a file that has no message."""
        (self._folder / key).unlink(missing_ok=True)

    def path(self, attachment: Attachment) -> Path:
        """Return where a file is.

        Raises:
            NotFoundError: It isn't there any more.
        """
        path = self._folder / attachment.key
        if not path.is_file():
            raise NotFoundError(f"The file {attachment.id} is not there any more.")
        return path


def add(connection: Connection, session_id: int, message_id: int, stored: StoredFile) -> None:
    """Store that a message has a file.

    Raises:
        FieldsError: The chat has too many files; the error rolls the transaction back.
    """
    mine = attachments.c.session_id == session_id
    count = connection.execute(select(func.count()).select_from(attachments).where(mine)).scalar_one()
    if count >= MOST_IN_A_CHAT:
        raise FieldsError({"file": f"There are {count} files in this chat already; more can't be sent."})
    connection.execute(attachments.insert().values(session_id=session_id, message_id=message_id, **stored.__dict__))


def by_id(connection: Connection, attachment_id: int) -> Attachment:
    """Return a file.

    Raises:
        NotFoundError: There is none.
    """
    row = connection.execute(select(attachments).where(attachments.c.id == attachment_id)).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"There is no file {attachment_id}.")
    return _attachment(row)


def of_messages(connection: Connection, message_ids: Collection[int]) -> dict[int, Attachment]:
    """Return the files of messages, by message id."""
    rows = connection.execute(select(attachments).where(attachments.c.message_id.in_(message_ids))).mappings()
    return {row["message_id"]: _attachment(row) for row in rows}


def _attachment(row: RowMapping) -> Attachment:
    return Attachment(**{name: row[name] for name in Attachment.__dataclass_fields__})


def _checked(name: str) -> tuple[str, str]:
    """Return the name as it is shown, and its ending."""
    plain = _UNFIT.sub("_", name.strip()).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    if not dot or ending.lower() not in TYPES:
        allowed = ", ".join(TYPES)
        raise FieldsError({"file": f"“{plain[:LONGEST_NAME]}” can't be sent; files may end with: {allowed}."})
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}", ending.lower()


def _copy(content: IO[bytes], file: IO[bytes], kind: FileType, name: str) -> int:
    size_bytes, first = 0, True
    read: Callable[[], bytes] = lambda: content.read(64 * 1024)  # noqa: E731 - for `iter`
    for piece in iter(read, b""):
        if first and kind.begins and not piece.startswith(kind.begins):
            raise FieldsError({"file": f"“{name}” is no such file: its content is something else."})
        first = False
        size_bytes += len(piece)
        if size_bytes > MAX_BYTES:
            raise FieldsError({"file": f"“{name}” is too large; at most {MAX_BYTES // 1024**2} MB can be sent."})
        file.write(piece)
    if first:
        raise FieldsError({"file": f"“{name}” is empty."})
    return size_bytes
