"""Sockets with a minimum rate at which clients have to send and read; slower clients cause a TimeoutError."""

import socket
import time
from contextlib import suppress
from typing import Any

WITHIN_S = 10.0
"""Time for a request's head, for the first bytes of a body, and for a client to read the first bytes of an answer."""
BYTES_PER_S = 4096
"""Minimum rate of bodies and answers after `WITHIN_S`."""
PART_BYTES = 64 * 1024
"""Size of the parts in which an answer is sent; each has its own time limit."""


def allowed_s(size_bytes: int) -> float:
    """Return the time limit for so many bytes, in seconds."""
    return WITHIN_S + size_bytes / BYTES_PER_S


class MinimumRate:
    """Mixin for socket classes; raises TimeoutError when the client is too slow."""

    _body_began_at: float | None = None
    _body_bytes = 0

    def begin_body(self, *, is_endless: bool) -> None:
        """Treat the following data as a body, or (endless) as a WebSocket's messages, without a minimum rate."""
        self._body_began_at = None if is_endless else time.monotonic()
        self._body_bytes = 0

    def end_body(self) -> None:
        """Treat the following data as the next request's head."""
        self._body_began_at = None

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001 - the socket's own signature
        """Set a time limit instead of blocking without end."""
        # Slightly longer than the limit for a head, which the worker checks itself.
        self.settimeout(allowed_s(0) + 1 if flag else 0)  # type: ignore[attr-defined]

    def recv(self, *args: Any) -> bytes:
        """Receive within the time limit."""
        if self._body_began_at is None:
            return super().recv(*args)  # type: ignore[misc,no-any-return]
        left = self._body_began_at + allowed_s(self._body_bytes) - time.monotonic()
        self.settimeout(max(left, 0.001))  # type: ignore[attr-defined]
        data: bytes = super().recv(*args)  # type: ignore[misc]
        self._body_bytes += len(data)
        return data

    def sendall(self, data: Any, *args: Any) -> None:
        """Send all data, each part within its time limit."""
        whole = memoryview(data).cast("B")
        for begins in range(0, len(whole), PART_BYTES):
            part = whole[begins : begins + PART_BYTES]
            self.settimeout(allowed_s(len(part)))  # type: ignore[attr-defined]
            super().sendall(part, *args)  # type: ignore[misc]


class MinimumRateSocket(MinimumRate, socket.socket):
    """The socket class for threads."""

    @classmethod
    def of(cls, plain: socket.socket) -> "MinimumRateSocket":
        """Make one from a plain socket, which is detached."""
        return cls(plain.family, plain.type, plain.proto, plain.detach())


def shut(sock: socket.socket) -> None:
    """Shut a connection down; readers get its end (gevent's own `shutdown` would raise an error in them)."""
    with suppress(OSError), socket.fromfd(sock.fileno(), sock.family, sock.type) as twin:
        twin.shutdown(socket.SHUT_RDWR)
