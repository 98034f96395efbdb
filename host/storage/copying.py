"""Copies content and checks on the way that it is what was announced."""

import hashlib
from collections.abc import Callable
from typing import BinaryIO

from host.errors import StorageError
from host.storage.storage import CHUNK_BYTES, Content


def copy_checked(content: Content, write: Callable[[bytes], object], *, size_bytes: int, sha256: str) -> None:
    """Give all of `content` to `write`, in pieces.

    Raises:
        StorageError: The content has another size or checksum than announced.
    """
    checksum, size = hashlib.sha256(), 0
    with _reading(content) as source:
        while piece := _next(source):
            checksum.update(piece)
            size += len(piece)
            write(piece)
    if (size, checksum.hexdigest()) != (size_bytes, sha256):
        reason = f"the content isn't what was announced: found {size} bytes, announced {size_bytes}"
        raise StorageError("write", reason, is_permanent=True)


def _reading(content: Content) -> BinaryIO:
    try:
        return content()
    except OSError as error:
        raise _unreadable(error) from error


def _next(source: BinaryIO) -> bytes:
    try:
        return source.read(CHUNK_BYTES)
    except OSError as error:
        raise _unreadable(error) from error


def _unreadable(error: OSError) -> StorageError:
    reason = f"the content to store can't be read ({error.strerror})"
    return StorageError("write", reason, is_permanent=isinstance(error, FileNotFoundError))
