"""What a WebSocket is made of in a gevent worker: a third lighter than with threads that gevent has disguised.

Only for import where gevent serves.
"""

import socket
from typing import Any

import gevent
from gevent.event import Event
from gevent.socket import wait_read


class Reader(gevent.Greenlet):  # type: ignore[misc] # gevent has no types
    """A greenlet that looks like the thread that simple-websocket wants for reading."""

    def __init__(self, target: Any) -> None:
        super().__init__(target)


class OneSocket:
    """Waits for one socket, of all that a selector can do."""

    def register(self, waited_for: socket.socket, _events: int, _data: object) -> None:
        """Wait for this one from now on."""
        self._socket = waited_for

    def select(self, timeout: float) -> bool:
        """Say whether something has come within `timeout` seconds."""
        try:
            wait_read(self._socket.fileno(), timeout=max(timeout, 0))
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """Nothing is to be closed."""


OPTIONS = {"thread_class": Reader, "event_class": Event, "selector_class": OneSocket}
"""For flask-sock: `SOCK_SERVER_OPTIONS`."""
