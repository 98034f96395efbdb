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


@dataclass(frozen=True)
class Sent:
    """What a destination has taken."""

    version: int
    """Of the file; 1 for a mail."""
    receipt: Mapping[str, Any]
    """What the destination said; stored with the delivery."""


class Storages:
    """The storage of the current settings, opened once.

    Args:
        settings: Returns the current settings.
        open_: Opens a storage.
    """

    def __init__(self, settings: Callable[[], ExternalStorage], open_: Callable[[ExternalStorage], Storage]) -> None:
        self._settings = settings
        self._open = open_
        self._lock = threading.Lock()
        self._opened: tuple[ExternalStorage, Storage] | None = None

    @property
    def settings(self) -> ExternalStorage:
        """The current settings."""
        return self._settings()

    def current(self) -> Storage:
        """Return the storage that files are sent to now.

        Raises:
            StorageError: The settings can't be used.
        """
        settings = self._settings()
        with self._lock:
            if self._opened is not None and self._opened[0] == settings:
                return self._opened[1]
        storage = self._open(settings)  # may ask the server, and others need not wait for that
        with self._lock:
            before, self._opened = self._opened, (settings, storage)
        if before is not None:
            before[1].close()
        return storage

    def of_receipt(self, receipt: Mapping[str, Any]) -> Storage:
        """Return the storage that a file was sent to, which may be another one than now.

        Raises:
            StorageError: The settings can't be used.
        """
        settings, backend = self._settings(), receipt["backend"]
        if backend == settings.backend:
            return self.current()
        return self._open(settings.model_copy(update={"backend": backend}))


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
        path = _path_before(delivery, settings.backend) or catalogue.object_path(
            settings.folder_path, session, file.kind, file.name
        )
        content = partial(self._content.open, file.content_path)
        try:
            stored = self._storages.current().write(path, content, size_bytes=file.size_bytes, sha256=file.sha256)
        except StorageError as error:
            if error.is_permanent and self._is_rewritten(file):
                raise StorageError(error.step, "the file was written anew meanwhile") from error
            raise
        receipt = {"backend": settings.backend, "path": stored.path, "checksum": stored.checksum, "url": stored.url}
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


def _path_before(delivery: Delivery, backend: Backend) -> str | None:
    """Return the path of an earlier version in the same storage: a rewrite replaces it."""
    if delivery.receipt is None or delivery.receipt.get("backend") != backend:
        return None
    path: str | None = delivery.receipt.get("path")
    return path
