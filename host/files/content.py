"""The content of session files in the data folder, until every destination has it.

A file is written under a temporary name and renamed when it is whole. A process that is killed meanwhile leaves the
temporary file, and one that is killed before the file's row is stored leaves content without a row; both are swept.

Source: docs/reference/files.md, Content in the data folder.
"""

import hashlib
import io
import os
import secrets
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple

FOLDER = "content"
PARTIAL = ".partial"
PIECE_BYTES = 256 * 1024
ABANDONED_S = 3600.0
"""A file that nothing has changed for so long and no row names is no longer being written."""


class StoredContent(NamedTuple):
    """Content that is stored as a whole."""

    path: str
    """Below the data folder: `content/4f0c...`."""
    size_bytes: int
    sha256: str
    """In hexadecimal digits."""


class ContentFolder:
    """The folder of the content.

    Args:
        data: The data folder.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._folder = data / FOLDER

    def store(self, stream: IO[bytes]) -> StoredContent:
        """Store all that a stream has, as a whole or not at all; it is on the disk when this returns.

        Raises:
            OSError: It can't be written: the disk is full.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = secrets.token_hex(16)
        partial, whole = self._folder / f"{name}{PARTIAL}", self._folder / name
        try:
            with os.fdopen(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                size_bytes, sha256 = _copy(stream, file)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(whole)
        finally:
            partial.unlink(missing_ok=True)
        _sync(self._folder)
        return StoredContent(f"{FOLDER}/{name}", size_bytes, sha256)

    def store_bytes(self, content: bytes) -> StoredContent:
        """Store a document; as `store`."""
        return self.store(io.BytesIO(content))

    def open(self, path: str) -> BinaryIO:
        """Open content.

        Args:
            path: As `store` returned it.

        Raises:
            FileNotFoundError: It isn't there any more.
        """
        return (self._data / path).open("rb")

    def read(self, path: str, first: int, last: int) -> Iterator[bytes]:
        """Yield the bytes `first` to `last`, both included, in pieces."""
        left = last - first + 1
        with self.open(path) as file:
            file.seek(first)
            while left > 0 and (piece := file.read(min(PIECE_BYTES, left))):
                left -= len(piece)
                yield piece

    def has(self, path: str) -> bool:
        """Tell whether the content is there."""
        return (self._data / path).is_file()

    def delete(self, path: str) -> None:
        """Delete content; nothing happens if it is gone already."""
        (self._data / path).unlink(missing_ok=True)

    def sweep(
        self, named: Callable[[], Collection[str]], *, abandoned_s: float = ABANDONED_S, now: float | None = None
    ) -> int:
        """Delete what killed processes have left: temporary files, and content that no row names.

        Args:
            named: Returns the paths that rows name; called once the files are listed.
            abandoned_s: Younger files stay: their rows may not be stored yet.
            now: The time of the file system, in seconds; None: of this machine.

        Returns:
            The number of files.
        """
        if not self._folder.is_dir():
            return 0
        before = (time.time() if now is None else now) - abandoned_s
        old = [path for path in self._folder.iterdir() if _is_older(path, before)]
        known = set(named()) if old else set()
        lost = [path for path in old if f"{FOLDER}/{path.name}" not in known]
        for path in lost:
            path.unlink(missing_ok=True)
        return len(lost)


def _copy(stream: IO[bytes], file: IO[bytes]) -> tuple[int, str]:
    size_bytes, digest = 0, hashlib.sha256()
    while piece := stream.read(PIECE_BYTES):
        size_bytes += len(piece)
        digest.update(piece)
        file.write(piece)
    return size_bytes, digest.hexdigest()


def _is_older(path: Path, before: float) -> bool:
    """Tell whether a file was changed last before a time; one that is gone meanwhile isn't, nor is a folder."""
    try:
        return path.is_file() and path.stat().st_mtime <= before
    except FileNotFoundError:
        return False


def _sync(folder: Path) -> None:
    """Let the folder's entries survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
