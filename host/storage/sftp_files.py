"""What the SFTP back end does with files over one connection.

Source: docs/reference/files.md, SFTP.
"""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import paramiko

from host.errors import StorageError
from host.storage.copying import copy_checked
from host.storage.stall_limit import Progress
from host.storage.storage import CHUNK_BYTES, Content

Result = TypeVar("Result")

REQUESTS_AT_ONCE = 64
"""Each of 32 KiB: what is asked for before the first answer is there."""
WINDOW_BYTES = 8 * CHUNK_BYTES
"""What is read back at once."""


@dataclass(frozen=True)
class SftpFiles:
    """The files of a server, by absolute paths or such that start where the sign-in leads; raises StorageError."""

    client: paramiko.SFTPClient
    progress: Progress

    def size(self, path: str) -> int | None:
        """Return the size in bytes; None when there is no such file."""

        def size() -> int | None:
            try:
                found = self.client.stat(path).st_size
            except FileNotFoundError:
                return None
            return int(found or 0)

        return self._attempt("read", size)

    def holds(self, path: str, size_bytes: int, sha256: str) -> bool:
        """Tell whether a file has this content; it is read back for that, since SFTP knows no checksums."""
        return self.size(path) == size_bytes and self._checksum(path, size_bytes) == sha256

    def make_folder(self, folder: str) -> None:
        """Make a folder and those above it."""
        if not folder or self._exists(folder):
            return
        self.make_folder(folder.rpartition("/")[0])

        def make() -> None:
            try:
                self.client.mkdir(folder)
            except OSError:
                if not self._exists(folder):  # another worker may have made it meanwhile
                    raise

        self._attempt("write", make)

    def write(self, path: str, content: Content, *, size_bytes: int, sha256: str) -> None:
        """Write a file and read it back."""
        file = self._attempt("write", lambda: self.client.open(path, "wb"))
        file.set_pipelined(True)  # else each 32 KiB would wait for its answer
        try:
            copy_checked(
                content,
                lambda piece: self._attempt("write", lambda: file.write(piece)),
                size_bytes=size_bytes,
                sha256=sha256,
            )
        finally:
            self._attempt("write", file.close)
        if not self.holds(path, size_bytes, sha256):
            raise StorageError("write", "the server has stored something else than it was sent")

    def read(self, path: str, first: int, end: int) -> bytes:
        """Return the bytes from `first` up to `end`, which is no farther than the file's end."""

        def read() -> bytes:
            pieces = [(at, min(CHUNK_BYTES, end - at)) for at in range(first, end, CHUNK_BYTES)]
            found = bytearray()
            with self.client.open(path, "rb") as file:
                for piece in file.readv(pieces, REQUESTS_AT_ONCE):
                    self.progress.note()
                    found += piece
            return bytes(found)

        return self._attempt("read", read)

    def rename(self, draft: str, target: str) -> None:
        """Rename at once over an older version; a server that can't do that leaves a moment without any."""

        def rename() -> None:
            try:
                self.client.posix_rename(draft, target)
            except OSError as error:
                if "unsupported" not in str(error).lower():
                    raise
                with suppress(FileNotFoundError):
                    self.client.remove(target)
                self.client.rename(draft, target)

        self._attempt("rename", rename)

    def remove(self, path: str) -> None:
        """Delete a file; one that does not exist is fine."""

        def remove() -> None:
            with suppress(FileNotFoundError):
                self.client.remove(path)

        self._attempt("delete", remove)

    def _exists(self, path: str) -> bool:
        return self.size(path) is not None

    def _checksum(self, path: str, size: int) -> str:
        checksum = hashlib.sha256()
        for position in range(0, size, WINDOW_BYTES):
            checksum.update(self.read(path, position, min(size, position + WINDOW_BYTES)))
        return checksum.hexdigest()

    def _attempt(self, step: str, action: Callable[[], Result]) -> Result:
        """Translate the library's errors."""
        try:
            result = action()
        except FileNotFoundError as error:
            raise StorageError(step, "there is no such file or folder", is_permanent=step == "read") from error
        except PermissionError as error:
            raise StorageError(step, "permission denied") from error
        except (paramiko.SSHException, OSError, EOFError) as error:
            said = "".join(filter(str.isprintable, str(error)))[:80] if isinstance(error, OSError) else ""
            raise StorageError(step, f"the server failed ({said or type(error).__name__})") from error
        self.progress.note()
        return result
