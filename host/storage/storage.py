"""The interface to external storage, which every back end implements.

Source: docs/reference/files.md, External storage.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

Content = Callable[[], BinaryIO]
"""Opens the content from its start; a back end may read it more than once, and closes what it has opened."""

CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class StoredObject:
    """What lies in the storage under its final name: complete, and checked."""

    path: str
    size_bytes: int
    checksum: str
    """SHA-256 of the content, in hexadecimal."""
    url: str
    """Where people find it with their own sign-in at the storage; empty for a local folder."""


class Storage(Protocol):
    """Keeps files under paths such as `ujet-metadata/call-103646.json`; thread-safe.

    All methods raise `host.errors.StorageError`, which names the step that failed.
    """

    def write(self, path: str, content: Content, *, size_bytes: int, sha256: str) -> StoredObject:
        """Store a file under its name, whole or not at all.

        The same content again changes nothing; other content replaces the file as a whole.

        Args:
            path: Folder path and name, with `/`.
            content: The file.
            size_bytes: Its size; other content is refused, so that nothing half-written is stored.
            sha256: Its checksum, in hexadecimal.
        """

    def read(self, path: str, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        """Yield the bytes `first` to `last`, both included; to the end without `last`.

        A file that does not exist is an error, which is permanent.
        """

    def size(self, path: str) -> int | None:
        """Return the size in bytes; None when there is no such file."""

    def delete(self, path: str) -> None:
        """Delete a file; one that does not exist is fine."""

    def close(self) -> None:
        """Close connections; the next use opens new ones."""
