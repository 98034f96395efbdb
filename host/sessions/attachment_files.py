"""Stores the files that consumer and agent send each other, under random names in the data folder.

Images are written anew, videos are checked: see `host.media`. A file is stored before its message is; a file without a
message, after a kill in between, is shown to nobody.

Source: docs/reference/sessions.md, Attachments.
"""

import errno
import os
import secrets
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, NamedTuple

from host.errors import FieldsError, NoRoomError, NotFoundError
from host.media import images, videos
from host.media.images import UnfitImageError
from host.media.videos import UnfitVideoError
from host.sessions.attachment_types import TYPES, FileType, checked

FOLDER = "attachments"
RESERVE_BYTES = 200 * 1024 * 1024
"""Stays free on the disk, so that the database can go on."""
PHOTO = ".photo"
ABANDONED_S = 3600.0
"""A file that nothing has changed for so long and no message names is no longer being sent."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Medium(NamedTuple):
    """The content of a photo or video that becomes a file of its session, stored already."""

    kind: Literal["photos", "videos"]
    media_type: str
    size_bytes: int
    sha256: str
    content_path: str
    """Below the data folder."""


@dataclass(frozen=True)
class StoredFile:
    """A file that is stored, whose message isn't yet."""

    key: str
    name: str
    ending: str
    size_bytes: int
    medium: Medium | None = None
    """Of a consumer's photo or video."""


class AttachmentFiles:
    """The folder of the files.

    Args:
        data: The data folder.
        reserve_bytes: What has to stay free on its disk.
    """

    def __init__(self, data: Path, reserve_bytes: int = RESERVE_BYTES) -> None:
        self._folder = data / FOLDER
        self._reserve_bytes = reserve_bytes

    def ensure_room(self, size_bytes: int = 0) -> None:
        """Check that a file still fits on the disk.

        Raises:
            NoRoomError: It doesn't.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(self._folder).free - size_bytes < self._reserve_bytes:
            raise NoRoomError

    def store(self, name: str, content: IO[bytes], *, with_photo: bool = False) -> StoredFile:
        """Store a file, as a whole or not at all.

        Args:
            name: As its sender calls it.
            content: Is read to its end, unless it is too large.
            with_photo: Whether an image is stored as JPEG as well, see `photo`.

        Raises:
            FieldsError: Its type isn't allowed, or it is empty, too large or not what its name says.
            NoRoomError: The disk is full.
        """
        plain, ending = checked(name)
        key = secrets.token_hex(16)
        partial, whole = self._folder / f"{key}.partial", self._folder / key
        with room_needed():
            self.ensure_room()
            try:
                _write(partial, content, TYPES[ending], plain)
                self._clean(partial, whole, ending, plain, with_photo=with_photo)
            except BaseException:
                self.drop(key)
                raise
            finally:
                partial.unlink(missing_ok=True)
        return StoredFile(key, plain, ending, whole.stat().st_size)

    def photo(self, key: str) -> Path:
        """Return where an image is as JPEG; whoever has copied it deletes it."""
        return self._folder / f"{key}{PHOTO}"

    def content(self, key: str) -> Path:
        """Return where a file is."""
        return self._folder / key

    def drop(self, key: str) -> None:
        """Delete a file that has no message."""
        self.content(key).unlink(missing_ok=True)
        self.photo(key).unlink(missing_ok=True)

    def path(self, attachment_id: int, key: str) -> Path:
        """Return where the file of a message is.

        Raises:
            NotFoundError: It isn't there any more.
        """
        path = self.content(key)
        if not path.is_file():
            raise NotFoundError(f"The file {attachment_id} is not there any more.")
        return path

    def sweep(self, known: Callable[[Collection[str]], Collection[str]], now: float | None = None) -> int:
        """Delete what killed processes have left: files that came in part, and those that no message names.

        Args:
            known: Returns those of some keys that messages name.
            now: The time of the file system, in seconds; None: of this machine.

        Returns:
            The number of files.
        """
        if not self._folder.is_dir():
            return 0
        before = (time.time() if now is None else now) - ABANDONED_S
        old = {path.name: path for path in self._folder.iterdir() if _is_older(path, before)}
        named = known([name for name in old if "." not in name])
        lost = [path for name, path in old.items() if name not in named]
        for path in lost:
            path.unlink(missing_ok=True)
        return len(lost)

    def _clean(self, partial: Path, whole: Path, ending: str, name: str, *, with_photo: bool) -> None:
        """Make the file that is kept of the one that came."""
        kind = TYPES[ending]
        try:
            if kind.is_image:
                images.clean(partial, ending, whole, self.photo(whole.name) if with_photo else None)
                return
            if kind.is_video:
                videos.clean(partial)
        except (UnfitImageError, UnfitVideoError) as error:
            raise FieldsError({"file": f"“{name}” can't be sent: {error}."}) from error
        partial.replace(whole)


@contextmanager
def room_needed() -> Iterator[None]:
    """Turn the errors of a full disk into one for people.

    Raises:
        NoRoomError: The disk is full.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoRoomError from error
        raise


def _is_older(path: Path, before: float) -> bool:
    """Tell whether a file was changed last before a time; one that is gone meanwhile isn't, nor is a folder."""
    try:
        return path.is_file() and path.stat().st_mtime <= before
    except FileNotFoundError:
        return False


def _write(path: Path, content: IO[bytes], kind: FileType, name: str) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        _copy(content, file, kind, name)
        file.flush()
        os.fsync(file.fileno())


def _copy(content: IO[bytes], file: IO[bytes], kind: FileType, name: str) -> None:
    size_bytes = 0
    read: Callable[[], bytes] = lambda: content.read(64 * 1024)  # noqa: E731 - for `iter`
    for piece in iter(read, b""):
        if size_bytes == 0 and kind.begins and not piece.startswith(kind.begins):
            raise FieldsError({"file": f"“{name}” is no such file: its content is something else."})
        size_bytes += len(piece)
        if size_bytes > kind.largest_bytes:
            most = kind.largest_bytes // 1024**2
            raise FieldsError({"file": f"“{name}” is too large; at most {most} MB can be sent."})
        file.write(piece)
    if size_bytes == 0:
        raise FieldsError({"file": f"“{name}” is empty."})
