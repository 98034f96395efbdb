"""Parts of a WebSocket for gevent workers, which need a third less memory than gevent's patched threads.

Import it only in processes that use gevent.
"""

import socket
from typing import Any

import gevent
from gevent.event import Event
from gevent.socket import wait_read


class Reader(gevent.Greenlet):  # type: ignore[misc] # gevent has no types
    """A greenlet with the interface of the reading thread of simple-websocket."""

    def __init__(self, target: Any) -> None:
        super().__init__(target)


class OneSocket:
    """A selector for a single socket."""

    def register(self, waited_for: socket.socket, _events: int, _data: object) -> None:
        """Set the socket."""
        self._socket = waited_for

    def select(self, timeout: float) -> bool:
        """Tell whether the socket becomes readable within `timeout` seconds."""
        try:
            wait_read(self._socket.fileno(), timeout=max(timeout, 0))
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


OPTIONS = {"thread_class": Reader, "event_class": Event, "selector_class": OneSocket}
"""For flask-sock: `SOCK_SERVER_OPTIONS`."""
