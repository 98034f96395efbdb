"""A folder of this machine.

Source: docs/reference/files.md, External storage.
"""

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from host.errors import StorageError
from host.storage import paths
from host.storage.copying import copy_checked
from host.storage.storage import CHUNK_BYTES, Content, StoredObject

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class LocalStorage:
    """Files in a folder that only our user can read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, path: str, content: Content, *, size_bytes: int, sha256: str) -> StoredObject:
        """Write to a temporary name, sync, rename, sync the folder."""
        target = self._at(path)
        stored = StoredObject(path, size_bytes, sha256, "")
        with _step("write"):
            if target.is_file() and target.stat().st_size == size_bytes and _checksum(target) == sha256:
                return stored
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._at(paths.temporary(path))
        try:
            with _step("write"):
                self._write(draft, content, size_bytes=size_bytes, sha256=sha256)
            with _step("rename"):
                draft.replace(target)
                _sync(target.parent)
        except BaseException:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise
        return stored

    def read(self, path: str, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        """Yield the file in pieces."""
        with _step("read"), self._at(path).open("rb") as file:
            file.seek(first)
            left = None if last is None else max(0, last - first + 1)
            while left != 0 and (piece := file.read(CHUNK_BYTES if left is None else min(CHUNK_BYTES, left))):
                left = None if left is None else left - len(piece)
                yield piece

    def size(self, path: str) -> int | None:
        """Return the size in bytes; None when there is no such file."""
        with _step("read"):
            target = self._at(path)
            return target.stat().st_size if target.is_file() else None

    def delete(self, path: str) -> None:
        """Delete a file; its folder stays."""
        with _step("delete"):
            self._at(path).unlink(missing_ok=True)

    def close(self) -> None:
        """Do nothing: there are no connections."""

    def _at(self, path: str) -> Path:
        return self._folder / paths.checked(path)

    @staticmethod
    def _write(draft: Path, content: Content, *, size_bytes: int, sha256: str) -> None:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
            copy_checked(content, file.write, size_bytes=size_bytes, sha256=sha256)
            file.flush()
            os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Make the folder's entries last: a new name would be lost with the power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _step(step: str) -> Iterator[None]:
    """Translate the operating system's errors; another try may succeed, once somebody has made room or given access."""
    try:
        yield
    except FileNotFoundError as error:
        raise StorageError(step, "there is no such file", is_permanent=step == "read") from error
    except OSError as error:
        reason = "the disk is full" if error.errno in FULL else (error.strerror or type(error).__name__)
        raise StorageError(step, reason) from error
