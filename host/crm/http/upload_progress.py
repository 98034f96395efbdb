"""Uploads: a large file may take its time, as long as it moves.

Source: docs/reference/generic-api.md, API request timeout.
"""

import io
import os
import time
from typing import BinaryIO

from host.crm.http.deadline import Call

STALL_S = 10.0


def time_to_begin(body: bytes | BinaryIO | None, timeout_s: float, *, upload: bool) -> float:
    """Return how long a request may take until its body moves, in seconds; without a body it is the whole request."""
    return STALL_S if upload and body is not None else timeout_s


class Progress:
    """A body that moves its call's deadline on whenever more of it has been taken."""

    def __init__(self, body: bytes | BinaryIO, call: Call, timeout_s: float) -> None:
        """Wrap `body`.

        Args:
            body: Read once, from where it stands.
            call: Whose deadline is moved.
            timeout_s: How long the CRM may take once it has everything.
        """
        self._body: BinaryIO = io.BytesIO(body) if isinstance(body, bytes) else body
        self._call = call
        self._timeout_s = timeout_s
        start = self._body.tell()
        self._length = self._body.seek(0, os.SEEK_END) - start
        self._body.seek(start)

    def __len__(self) -> int:
        return self._length

    def read(self, size: int = -1) -> bytes:
        """Hand out the next piece: the one before has left."""
        piece = self._body.read(size)
        self._call.deadline = time.monotonic() + (STALL_S if piece else self._timeout_s)
        return piece

    def __iter__(self) -> "Progress":
        return self

    def __next__(self) -> bytes:
        if piece := self.read(65_536):
            return piece
        raise StopIteration
