"""Limits WebSockets whose page hasn't sent its first message; each takes a thread already."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from host.refusals import refusals
from host.web.server.waiting_connections import Waiting
from host.web.sockets.page_socket import PageSocket

MOST_OF_ONE = 200
"""Of one customer: an office's adapters that reconnect at the same moment."""
MOST = 400


class UnknownPages:
    """Closes the socket that has been silent longest when there are too many."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._silent: Waiting[PageSocket] = Waiting(MOST_OF_ONE, MOST)

    @contextmanager
    def until_first_message(self, connection: PageSocket, customer: str) -> Iterator[None]:
        """Count a socket until its first message has come, or the block ends."""
        with self._lock:
            one_too_many = self._silent.add(connection, customer)
        if one_too_many is not None:
            refusals.note("silent_sockets")
            self._forget(one_too_many)
            one_too_many.abort()
        connection.on_first_message(self._forget)
        try:
            yield
        finally:
            self._forget(connection)

    def _forget(self, connection: PageSocket) -> None:
        with self._lock:
            self._silent.remove(connection)
