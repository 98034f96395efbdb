"""Sends a session's file to the external storage.

Source: docs/reference/files.md, External storage; docs/reference/files.md, Rewrites.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from host.db.engine import Database
from host.deliveries.deliveries import Delivery
from host.errors import StorageError
from host.files import catalogue, session_files
from host.files.content import ContentFolder
from host.files.session_files import SessionFile
from host.sessions import repository
from host.storage.settings import Backend, ExternalStorage
from host.storage.storage import Storage

MOST_OPEN = 3
"""Storages at the same time: that of the settings, and those of earlier settings, which hold older files."""
PLACES: Mapping[Backend, str] = {"local": "folder", "gcs": "bucket", "s3": "bucket"}
"""Back end to the setting that says where its files lie."""


@dataclass(frozen=True)
class Sent:
    """What a destination has taken."""

    version: int
    """Of the file; 1 for a mail."""
    receipt: Mapping[str, Any]
    """What the destination said; stored with the delivery."""


class Storages:
    """The storages of the settings, each opened once.

    Args:
        settings: Returns the current settings.
        open_: Opens a storage.
    """

    def __init__(self, settings: Callable[[], ExternalStorage], open_: Callable[[ExternalStorage], Storage]) -> None:
        self._settings = settings
        self._open = open_
        self._lock = threading.Lock()
        self._opened: list[tuple[ExternalStorage, Storage]] = []

    @property
    def settings(self) -> ExternalStorage:
        """The current settings."""
        return self._settings()

    def of(self, settings: ExternalStorage) -> Storage:
        """Return the storage of some settings; one that isn't used any more is closed before long.

        Raises:
            StorageError: The settings can't be used.
        """
        with self._lock:
            for known, storage in self._opened:
                if known == settings:
                    return storage
        storage = self._open(settings)  # may ask the server, and others need not wait for that
        with self._lock:
            opened = [(settings, storage), *self._opened]
            self._opened, unused = opened[:MOST_OPEN], opened[MOST_OPEN:]
        for _, each in unused:
            each.close()
        return storage

    def of_receipt(self, receipt: Mapping[str, Any]) -> Storage:
        """Return the storage that a file was sent to, which may be another one than now.

        Raises:
            StorageError: The settings can't be used.
        """
        settings, backend = self._settings(), receipt["backend"]
        section = getattr(settings, backend)
        if key := PLACES.get(backend):
            section = section.model_copy(update={key: receipt.get("place", getattr(section, key))})
        return self.of(settings.model_copy(update={"backend": backend, backend: section}))


class ToStorage:
    """Sends files to the external storage."""

    def __init__(self, database: Database, content: ContentFolder, storages: Storages) -> None:
        self._database = database
        self._content = content
        self._storages = storages

    def __call__(self, delivery: Delivery) -> Sent:
        """Write a delivery's file, whole or not at all; the same file again changes nothing.

        Raises:
            StorageError: The storage or the content failed.
        """
        if delivery.file_id is None:
            raise StorageError("write", "the delivery names no file", is_permanent=True)
        with self._database.read() as connection:
            file = session_files.get(connection, delivery.file_id)
            session = repository.get(connection, file.session_id)
        if file.content_path is None:
            raise StorageError("write", "the content isn't in the data folder any more", is_permanent=True)
        settings = self._storages.settings
        place = {"backend": settings.backend, "place": _place(settings)}
        path = _path_before(delivery, place) or catalogue.object_path(
            settings.folder_path, session, file.kind, file.name
        )
        content = partial(self._content.open, file.content_path)
        try:
            stored = self._storages.of(settings).write(path, content, size_bytes=file.size_bytes, sha256=file.sha256)
        except StorageError as error:
            if error.is_permanent and self._is_rewritten(file):
                raise StorageError(error.step, "the file was written anew meanwhile") from error
            raise
        receipt = {**place, "path": stored.path, "checksum": stored.checksum, "url": stored.url}
        return Sent(file.version, {**receipt, "size_bytes": stored.size_bytes})

    def _is_rewritten(self, file: SessionFile) -> bool:
        """Tell whether there is a newer version; the content of an older one is deleted before long."""
        with self._database.read() as connection:
            return session_files.get(connection, file.id).version > file.version

    def read(self, receipt: Mapping[str, Any], first: int, last: int) -> Iterator[bytes]:
        """Yield the bytes `first` to `last`, both included, of a file that was sent.

        Raises:
            StorageError: The storage failed.
        """
        return self._storages.of_receipt(receipt).read(receipt["path"], first, last)


def _place(settings: ExternalStorage) -> str:
    """Return where the files of a storage lie: its bucket, or folder of this machine."""
    key = PLACES.get(settings.backend)
    return str(getattr(getattr(settings, settings.backend), key)) if key else ""


def _path_before(delivery: Delivery, place: Mapping[str, str]) -> str | None:
    """Return the path of an earlier version in the same place: a rewrite replaces it."""
    if delivery.receipt is None or any(delivery.receipt.get(key) != value for key, value in place.items()):
        return None
    path: str | None = delivery.receipt.get("path")
    return path
