"""Writes images anew, each in a process of its own, so that none can harm or delay the process that serves others.

Source: docs/reference/sessions.md, Attachments.
"""

import subprocess
import sys
import threading
from pathlib import Path

from host.errors import NoRoomError
from host.media.image_process import NO_IMAGE, NO_ROOM

PROCESSES = 2
"""At once; further images wait."""
PATIENCE_S = 60
BROKEN = "it can't be read"

_free = threading.BoundedSemaphore(PROCESSES)


class UnfitImageError(Exception):
    """The file is no image of its type; the text says why, for the sender."""


def clean(source: Path, ending: str, target: Path, photo: Path | None = None) -> None:
    """Write an image anew from its pixels: no metadata and nothing else of the file is left.

    Args:
        source: The file as it came.
        ending: `png`, `jpg`, ...
        target: Gets the image, in the same format, on the disk when this returns.
        photo: Gets it as JPEG; None: isn't wanted.

    Raises:
        UnfitImageError: It is no such image, is broken, or has too many pixels.
        NoRoomError: The disk is full.
    """
    paths = [str(source), ending, str(target), *([str(photo)] if photo else [])]
    command = [sys.executable, "-I", "-m", "host.media.image_process", *paths]
    with _free:
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        except subprocess.TimeoutExpired as error:
            raise UnfitImageError(BROKEN) from error
    if done.stdout == NO_ROOM:
        raise NoRoomError
    if done.returncode != 0 or done.stdout:
        raise UnfitImageError(done.stdout.removeprefix(NO_IMAGE) if done.stdout.startswith(NO_IMAGE) else BROKEN)
