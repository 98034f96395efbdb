"""Ends what stalls on a connection that lasts longer than one request.

Source: docs/reference/files.md, Time limits and addresses.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from host.crm.http.deadline import PendingRequest, Watchdog

STALL_S = 15.0
"""How long a step may go on without any progress."""

_watchdog = Watchdog()


class Progress:
    """Moves the limit on while something moves."""

    def __init__(self, pending: PendingRequest, stall_s: float) -> None:
        self._pending = pending
        self._stall_s = stall_s

    @property
    def has_stalled(self) -> bool:
        """Whether the connection was ended."""
        return self._pending.has_expired

    def note(self) -> None:
        """Note that something has moved."""
        self._pending.deadline = time.monotonic() + self._stall_s


@contextmanager
def stall_limit(sock: socket.socket, stall_s: float = STALL_S) -> Iterator[Progress]:
    """Shut the socket down when `stall_s` pass in the block without progress."""
    pending = PendingRequest("storage", time.monotonic() + stall_s)
    pending.use_socket(sock)
    _watchdog.watch(pending)
    try:
        yield Progress(pending, stall_s)
    finally:
        pending.finish()
