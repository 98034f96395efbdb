"""Takes the files of chats; a consumer's photos and videos become files of their session as well.

Source: docs/reference/sessions.md, Attachments; docs/reference/files.md, Photos and videos.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from sqlalchemy import Connection

from host.clock import Clock
from host.db.engine import Database
from host.files import catalogue, session_files
from host.files.content import ContentFolder
from host.files.session_files import NewSessionFile
from host.sessions import attachments, repository
from host.sessions.attachment_files import AttachmentFiles, Medium, StoredFile, room_needed
from host.sessions.attachment_types import TYPES
from host.sessions.attachments import Attachment

SWEPT_EVERY = timedelta(hours=6)
USUAL_ENDINGS = {"image/jpeg": None, "video/mp4": None, "video/quicktime": "mov"}
"""By media type: the ending of the session file; None: as the catalogue has it."""


class ChatFiles:
    """Stores what people send in chats, before its message is stored."""

    def __init__(self, database: Database, clock: Clock, data: Path) -> None:
        self._database = database
        self._clock = clock
        self._swept_at: datetime | None = None
        self._files = AttachmentFiles(data)
        self._content = ContentFolder(data)
        attachments.listen(database, self._on_medium)

    def ensure_room(self, size_bytes: int) -> None:
        """Check that a file still fits on the disk.

        Raises:
            NoRoomError: It doesn't.
        """
        self._files.ensure_room(size_bytes)

    def store(self, name: str, content: IO[bytes], *, of_consumer: bool) -> StoredFile:
        """Store a file, and a consumer's photo or video as content of a session file.

        Raises:
            FieldsError: It can't be sent; says why.
            NoRoomError: The disk is full.
        """
        stored = self._files.store(name, content, with_photo=of_consumer)
        if not of_consumer:
            return stored
        try:
            return StoredFile(stored.key, stored.name, stored.ending, stored.size_bytes, self._medium(stored))
        except BaseException:
            self.drop(stored)
            raise

    def drop(self, stored: StoredFile) -> None:
        """Delete a file that has no message."""
        self._files.drop(stored.key)
        if stored.medium is not None:
            self._content.delete(stored.medium.content_path)

    def sweep(self) -> int:
        """Delete the files that killed processes have left, a few times a day; return their number."""
        now = self._clock.now()
        if self._swept_at is not None and timedelta(0) <= now - self._swept_at < SWEPT_EVERY:
            return 0
        self._swept_at = now

        def known(keys: Collection[str]) -> set[str]:
            with self._database.read() as connection:
                return attachments.known_keys(connection, keys)

        return self._files.sweep(known)

    def path(self, attachment: Attachment) -> Path:
        """Return where a file is.

        Raises:
            NotFoundError: It isn't there any more.
        """
        return self._files.path(attachment.id, attachment.key)

    def _medium(self, stored: StoredFile) -> Medium | None:
        kind = TYPES[stored.ending]
        if not kind.is_image and not kind.is_video:
            return None
        photo = self._files.photo(stored.key)
        with room_needed(), (photo if kind.is_image else self._files.content(stored.key)).open("rb") as file:
            kept = self._content.store(file)
        photo.unlink(missing_ok=True)
        about = (kept.size_bytes, kept.sha256, kept.path)
        return Medium("photos", "image/jpeg", *about) if kind.is_image else Medium("videos", kind.media_type, *about)

    def _on_medium(self, connection: Connection, attachment: Attachment, medium: Medium) -> None:
        session = repository.get(connection, attachment.session_id)
        name = catalogue.file_name(session, medium.kind, attachment.id, USUAL_ENDINGS[medium.media_type])
        new = NewSessionFile(
            medium.kind,
            name,
            medium.media_type,
            medium.size_bytes,
            medium.sha256,
            medium.content_path,
            file_id=str(attachment.id),
        )
        session_files.add(connection, session.id, new, now=self._clock.now())
