"""Writes images anew, each in a process of its own, so that none can harm or delay the process that serves others.

Source: docs/reference/sessions.md, Attachments.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from host.errors import NoRoomError
from host.media.image_process import NO_IMAGE, NO_ROOM

PROCESSES = 2
"""At once; further images wait, each as long as one may take."""
PATIENCE_S = 60.0
PAUSE_S = 0.02
REASON_BYTES = 1000
BROKEN = "it can't be read"
BUSY = "too many images are sent just now; try again in a minute"

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
        UnfitImageError: It is no such image, is broken, or has too many pixels; or others have taken too long.
        NoRoomError: The disk is full.
    """
    paths = [str(source), ending, str(target), *([str(photo)] if photo else [])]
    if not _free.acquire(timeout=PATIENCE_S):
        raise UnfitImageError(BUSY)
    try:
        said = _run([sys.executable, "-I", "-m", "host.media.image_process", *paths])
    finally:
        _free.release()
    if said == NO_ROOM:
        raise NoRoomError
    if said:
        raise UnfitImageError(said.removeprefix(NO_IMAGE) if said.startswith(NO_IMAGE) else BROKEN)


def _run(command: list[str]) -> str:
    """Run a program; return what it prints, or something if it fails or takes too long.

    `subprocess` waits for the signal that a child has ended, which does not reach gunicorn's gevent workers.
    """
    reading, writing = os.pipe()
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, writing, 1),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    with os.fdopen(reading, "rb") as printed:
        try:
            pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
        finally:
            os.close(writing)
        has_failed = _wait(pid) != 0
        said = printed.read(REASON_BYTES).decode("utf-8", "replace")  # the process has ended: this doesn't wait
    return said or (BROKEN if has_failed else "")


def _wait(pid: int) -> int:
    """Return how a process ended; kill it if it takes too long."""
    until = time.monotonic() + PATIENCE_S
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
        time.sleep(PAUSE_S)
