"""Extends the deadline of an upload while bytes are being sent.

Source: docs/reference/generic-api.md, API request timeout.
"""

import io
import os
import time
from typing import BinaryIO

from host.crm.http.deadline import PendingRequest

STALL_S = 10.0


def time_to_begin(body: bytes | BinaryIO | None, timeout_s: float, *, upload: bool) -> float:
    """Return the seconds until the first progress of the body is due; without a body, until the end of the request."""
    return STALL_S if upload and body is not None else timeout_s


class ProgressBody:
    """A request body that extends the deadline of its request with every piece that is read."""

    def __init__(self, body: bytes | BinaryIO, pending: PendingRequest, timeout_s: float) -> None:
        """Wrap `body`.

        Args:
            body: Read once, from its current position.
            pending: The request whose deadline is extended.
            timeout_s: How long the CRM may take after the last byte.
        """
        self._body: BinaryIO = io.BytesIO(body) if isinstance(body, bytes) else body
        self._current_request = pending
        self._timeout_s = timeout_s
        start = self._body.tell()
        self._length = self._body.seek(0, os.SEEK_END) - start
        self._body.seek(start)

    def __len__(self) -> int:
        return self._length

    def read(self, size: int = -1) -> bytes:
        """Return the next piece; the previous one was sent."""
        piece = self._body.read(size)
        self._current_request.deadline = time.monotonic() + (STALL_S if piece else self._timeout_s)
        return piece

    def __iter__(self) -> "ProgressBody":
        return self

    def __next__(self) -> bytes:
        if piece := self.read(65_536):
            return piece
        raise StopIteration
