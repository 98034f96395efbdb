"""The rows of session files; a listener plans their deliveries in the transaction that adds or rewrites one.

Source: docs/reference/files.md, Rewrites; docs/reference/files.md, Addresses.
"""

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, RowMapping, select, update

from host.db.engine import Database, locked
from host.db.tables import session_files as rows
from host.errors import NotFoundError
from host.file_kinds import FileKind
from host.sessions import repository

ON_FILE = "patchbay_on_file"
"""The execution option of a database's connections that holds the listener."""
KEY_BYTES = 24


@dataclass(frozen=True)
class NewSessionFile:
    """A file to add, whose content is stored already."""

    kind: FileKind
    name: str
    """`chat-12-photo-7.jpg`, as `catalogue.file_name` makes it."""
    media_type: str
    """`image/jpeg`."""
    size_bytes: int
    sha256: str
    content_path: str
    """Below the data folder, as `ContentFolder.store` returned it."""
    file_id: str = ""
    """Of a photo or video: `7`."""


@dataclass(frozen=True)
class SessionFile:
    """A file of a session."""

    id: int
    session_id: int
    kind: FileKind
    file_id: str
    name: str
    key: str
    """Can't be guessed: names the file in its address."""
    version: int
    """Rises with each rewrite."""
    media_type: str
    size_bytes: int
    sha256: str
    content_path: str | None
    """Below the data folder; None when only the destinations have the content."""
    created_at: datetime
    updated_at: datetime


Listener = Callable[[Connection, SessionFile], None]


def listen(database: Database, listener: Listener) -> None:
    """Call `listener` for each file that `add` adds or rewrites, in its transaction; a database has one listener."""
    database.engine.update_execution_options(**{ON_FILE: listener})


def add(connection: Connection, session_id: int, new: NewSessionFile, *, now: datetime) -> SessionFile:
    """Add a file to its session, and plan its deliveries.

    The same kind and name again is a rewrite: the row stays, with a new version. The same content again changes
    nothing.

    Args:
        connection: In a writing transaction.
        session_id: 103646.
        new: The file; its content is stored already.
        now: The current time.

    Raises:
        NotFoundError: There is no such session.
    """
    repository.get(connection, session_id)  # locks it: of two rewrites at once, one comes after the other
    mine = (rows.c.session_id == session_id) & (rows.c.kind == new.kind) & (rows.c.name == new.name)
    row = connection.execute(locked(connection, select(rows).where(mine))).mappings().one_or_none()
    if row is not None and row["sha256"] == new.sha256:
        return read(row)
    values = {**new.__dict__, "updated_at": now}
    if row is None:
        first = {"session_id": session_id, "key": secrets.token_urlsafe(KEY_BYTES), "version": 1, "created_at": now}
        statement = rows.insert().values(**first, **values).returning(rows)
        file = read(connection.execute(statement).mappings().one())
    else:
        change = update(rows).where(rows.c.id == row["id"]).values(**values, version=row["version"] + 1)
        file = read(connection.execute(change.returning(rows)).mappings().one())
    if listener := connection.get_execution_options().get(ON_FILE):
        listener(connection, file)
    return file


def of_session(connection: Connection, session_id: int) -> list[SessionFile]:
    """List a session's files, oldest first."""
    return of_sessions(connection, [session_id])


def of_sessions(connection: Connection, session_ids: Collection[int]) -> list[SessionFile]:
    """List the files of several sessions, oldest first."""
    found = connection.execute(select(rows).where(rows.c.session_id.in_(session_ids)).order_by(rows.c.id))
    return [read(row) for row in found.mappings()]


def get(connection: Connection, file_id: int) -> SessionFile:
    """Return a file that is known to exist."""
    return read(connection.execute(select(rows).where(rows.c.id == file_id)).mappings().one())


def lock(connection: Connection, file_id: int) -> SessionFile:
    """Return a file that is known to exist; no other transaction rewrites it until this one ends."""
    return read(connection.execute(locked(connection, select(rows).where(rows.c.id == file_id))).mappings().one())


def by_key(connection: Connection, key: str) -> SessionFile:
    """Return the file with this key.

    Raises:
        NotFoundError: There is none.
    """
    row = connection.execute(select(rows).where(rows.c.key == key)).mappings().one_or_none()
    if row is None:
        raise NotFoundError("There is no such file.")
    return read(row)


def find(connection: Connection, session_id: int, kind: FileKind, name: str) -> SessionFile | None:
    """Find a session's file by its kind and name."""
    mine = (rows.c.session_id == session_id) & (rows.c.kind == kind) & (rows.c.name == name)
    row = connection.execute(select(rows).where(mine)).mappings().one_or_none()
    return read(row) if row else None


def permanent_url(public_url: str, file: SessionFile) -> str:
    """Return the address that stays: `https://patchbay.example/files/<key>`; it asks for a sign-in."""
    return f"{public_url.rstrip('/')}/files/{file.key}"


def content_paths(connection: Connection) -> set[str]:
    """Return the paths of all content that is still in the data folder."""
    found = connection.execute(select(rows.c.content_path).where(rows.c.content_path.is_not(None)))
    return set(cast("list[str]", found.scalars().all()))


def drop_content(connection: Connection, file: SessionFile) -> bool:
    """Note that a file's content isn't needed any more; tell whether it was this version's.

    Delete the content after the transaction.
    """
    same = (rows.c.id == file.id) & (rows.c.version == file.version)
    return connection.execute(update(rows).where(same).values(content_path=None)).rowcount == 1


def read(row: RowMapping) -> SessionFile:
    """Return the file of a row."""
    return SessionFile(**{name: row[name] for name in SessionFile.__dataclass_fields__})
