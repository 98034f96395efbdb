"""Writes and reads tar.gz archives that hold only regular files under known names.

Reading takes only checked names and bytes from an archive. It never creates the archive's folders, links and devices,
and ignores owners and modes, whatever Python's own extraction does.
"""

import gzip
import io
import os
import stat
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from host.errors import ConfigError

MOST_FILES = 1_000_000
MOST_READ = 16 * 1024 * 1024
"""The largest single read: a header with a larger size would make Python read all of it into memory."""
PART = 1024 * 1024
LONGEST_NAME = 4000

BROKEN = (
    *(tarfile.TarError, EOFError, OSError, ValueError, zlib.error, ArithmeticError, LookupError, TypeError),
    RecursionError,  # Python reads chained headers recursively
)


@contextmanager
def open_new(path: Path) -> Iterator[tarfile.TarFile]:
    """Open a new archive that only its owner may read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
        yield archive


def add(archive: tarfile.TarFile, path: Path, name: str) -> None:
    """Add a file's bytes; a file that no longer exists, a pipe or a socket is left out."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode):
            add_bytes(archive, file, name, status.st_size)


def add_bytes(archive: tarfile.TarFile, file: IO[bytes], name: str, size: int) -> None:
    """Add `size` bytes under a name."""
    entry = tarfile.TarInfo(name)
    entry.size = size
    archive.addfile(entry, file)


def extract(file: Path, folder: Path, is_known: Callable[[PurePosixPath], bool], most_bytes: int) -> None:
    """Write an archive's files into an empty folder, mode 600.

    Args:
        file: The archive.
        folder: Receives the files under their names.
        is_known: Tells whether a name is allowed.
        most_bytes: The limit of all files together.

    Raises:
        ConfigError: The archive is broken, or holds a file that is not allowed; the caller deletes what was written.
    """
    try:
        with gzip.open(file) as unpacked, tarfile.open(fileobj=_Bounded(unpacked), mode="r:") as archive:
            _extract(archive, folder, is_known, most_bytes)
    except BROKEN as error:
        raise ConfigError(f"{file} isn't a complete backup ({type(error).__name__}); nothing was changed.") from error


def _extract(
    archive: tarfile.TarFile, folder: Path, is_known: Callable[[PurePosixPath], bool], most_bytes: int
) -> None:
    left, count = most_bytes, 0
    while (entry := archive.next()) is not None:
        archive.members = []  # type: ignore[attr-defined]  # else it would keep all entries in memory
        left, count = left - entry.size, count + 1
        name = _checked(entry, is_known)
        if left < 0 or count > MOST_FILES:
            raise ConfigError(
                f"The archive holds more than {most_bytes} bytes or {MOST_FILES} files, up to {entry.name[:80]!r}; "
                "nothing was changed."
            )
        _write(archive, entry, folder / name)


def _checked(entry: tarfile.TarInfo, is_known: Callable[[PurePosixPath], bool]) -> PurePosixPath:
    """Return an entry's name.

    Raises:
        ConfigError: It isn't a regular file under a known name.
    """
    shown = f"The archive holds {entry.name[:80]!r}"
    if entry.type not in {tarfile.REGTYPE, tarfile.AREGTYPE} or entry.sparse is not None or entry.size < 0:
        raise ConfigError(f"{shown}, which is no regular file; a backup has no others, so nothing was changed.")
    name, parts = PurePosixPath(entry.name), entry.name.split("/")
    if {"", ".", ".."} & set(parts) or "\0" in entry.name or len(entry.name) > LONGEST_NAME or not is_known(name):
        raise ConfigError(f"{shown}, which doesn't belong in a backup; nothing was changed.")
    return name


def _write(archive: tarfile.TarFile, entry: tarfile.TarInfo, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    source = archive.extractfile(entry)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        left = entry.size
        while source is not None and left:
            part = source.read(min(PART, left))
            if not part:
                raise EOFError(entry.name)
            file.write(part)
            left -= len(part)


class _Bounded(io.RawIOBase):
    """A reader that refuses reads of more than `MOST_READ` bytes."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= MOST_READ:
            raise ValueError(f"a header wants {size} bytes")
        return bytes(self._file.read(size))

    def seek(self, offset: int, whence: int = 0) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())
