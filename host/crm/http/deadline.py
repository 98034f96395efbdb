"""Deadline for a whole request: a watchdog thread shuts the socket when the time is up.

The timeouts of the library `requests` bound each single read: a server that sends one byte every second held a request
with `timeout=2` for 15 s.
"""

import heapq
import itertools
import socket
import threading
import time
from contextlib import suppress
from contextvars import ContextVar


class PendingRequest:
    """One request in progress, and its deadline."""

    def __init__(self, endpoint: str, deadline: float) -> None:
        """Start the request.

        Args:
            endpoint: `create_account`, for error messages.
            deadline: On the monotonic clock, in seconds; may be moved later.
        """
        self.endpoint = endpoint
        self.deadline = deadline
        self.has_expired = False
        self.is_sent = False
        """Whether the first byte was sent, so that the CRM may act on the request."""
        self._socket: socket.socket | None = None
        self._is_done = False
        self._lock = threading.Lock()

    @property
    def left_s(self) -> float:
        """Seconds until the deadline, at least 1 ms."""
        return max(0.001, self.deadline - time.monotonic())

    @property
    def is_late(self) -> bool:
        """Whether the time is up."""
        return self.has_expired or time.monotonic() >= self.deadline

    def use_socket(self, sock: socket.socket) -> None:
        """Register the socket to shut when the time is up."""
        with self._lock:
            self._socket = sock

    def finish(self) -> None:
        """Release the socket, which the next request may use."""
        with self._lock:
            self._is_done = True
            self._socket = None

    def expire(self) -> None:
        """Shut the socket, even in the middle of a read or write."""
        with self._lock:
            if self._is_done:
                return
            self.has_expired = True
            if self._socket is not None:
                with suppress(OSError):
                    # not SSLSocket.shutdown: it removes the TLS object while another thread reads
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class Watchdog:
    """One thread that ends requests whose time is up."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, PendingRequest]] = []
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    def watch(self, pending: PendingRequest) -> None:
        """End `pending` at its deadline, even if the deadline is moved later meanwhile."""
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="crm-watchdog", daemon=True)
                self._thread.start()
            self._push(pending)
            self._changed.notify()

    def _push(self, pending: PendingRequest) -> None:
        heapq.heappush(self._heap, (pending.deadline, next(self._numbers), pending))

    def _run(self) -> None:
        while True:
            self._next().expire()

    def _next(self) -> PendingRequest:
        """Wait for a request whose time is up."""
        with self._changed:
            while True:
                if not self._heap:
                    self._changed.wait()
                    continue
                wait_s = self._heap[0][0] - time.monotonic()
                if wait_s > 0:
                    self._changed.wait(wait_s)
                    continue
                pending = heapq.heappop(self._heap)[2]
                if pending.deadline <= time.monotonic():
                    return pending
                self._push(pending)


current_request: ContextVar[PendingRequest | None] = ContextVar("current_request", default=None)
"""The request of this thread; connections need it, which the library makes."""
