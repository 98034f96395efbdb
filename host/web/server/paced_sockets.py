"""Sockets that wait for nobody for ever: what a client sends and reads has to keep up a minimum rate."""

import socket
import time
from contextlib import suppress
from typing import Any

WITHIN_S = 10.0
"""For the head of a request, for the first bytes of a body, and for an answer's first bytes to be read."""
BYTES_PER_S = 4096
"""What a body has to come at, and an answer to be read at, once these seconds are over."""
PART_BYTES = 64 * 1024
"""What is sent at once, and has to be read in the time for so much."""


def allowed_s(size_bytes: int) -> float:
    """Return how long so many bytes may take."""
    return WITHIN_S + size_bytes / BYTES_PER_S


class Paced:
    """For mixing into a socket class; raises TimeoutError when the other end is too slow."""

    _body_began_at: float | None = None
    _body_bytes = 0

    def begin_body(self, *, is_endless: bool) -> None:
        """Let what comes from now on be a request's body; or a WebSocket's messages, which come when they come."""
        self._body_began_at = None if is_endless else time.monotonic()
        self._body_bytes = 0

    def end_body(self) -> None:
        """Let what comes from now on be the next request's head."""
        self._body_began_at = None

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001 - the socket's own signature
        """Block for a while only."""
        # A bit longer than a head may take, for which others look at the clock.
        self.settimeout(allowed_s(0) + 1 if flag else 0)  # type: ignore[attr-defined]

    def recv(self, *args: Any) -> bytes:
        """Receive, in time."""
        if self._body_began_at is None:
            return super().recv(*args)  # type: ignore[misc,no-any-return]
        left = self._body_began_at + allowed_s(self._body_bytes) - time.monotonic()
        self.settimeout(max(left, 0.001))  # type: ignore[attr-defined]
        data: bytes = super().recv(*args)  # type: ignore[misc]
        self._body_bytes += len(data)
        return data

    def sendall(self, data: Any, *args: Any) -> None:
        """Send all, each part in time."""
        whole = memoryview(data).cast("B")
        for begins in range(0, len(whole), PART_BYTES):
            part = whole[begins : begins + PART_BYTES]
            self.settimeout(allowed_s(len(part)))  # type: ignore[attr-defined]
            super().sendall(part, *args)  # type: ignore[misc]


class PacedSocket(Paced, socket.socket):
    """For threads."""

    @classmethod
    def of(cls, plain: socket.socket) -> "PacedSocket":
        """Take a socket over."""
        return cls(plain.family, plain.type, plain.proto, plain.detach())


def shut(sock: socket.socket) -> None:
    """End a connection for whoever waits for it; they read its end, which is no error, as gevent's `shutdown` is."""
    with suppress(OSError), socket.fromfd(sock.fileno(), sock.family, sock.type) as twin:
        twin.shutdown(socket.SHUT_RDWR)
