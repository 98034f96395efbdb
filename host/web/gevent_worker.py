"""gunicorn's gevent worker, stopping at once: as it is, it waits at SIGTERM for connections on which nobody asks."""

import gc
import socket
from contextlib import suppress
from typing import Any

import gevent
from gunicorn.workers.ggevent import GeventWorker

from host.web import light_sockets

GC_THRESHOLDS = (50_000, 20, 1000)
"""The usual ones look through ten thousand sockets again and again."""


class PromptGeventWorker(GeventWorker):  # type: ignore[misc] # gunicorn has no types
    """Knows which connections wait for their next request."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._idle: set[socket.socket] = set()

    def run(self) -> None:
        """Serve until SIGTERM."""
        gc.set_threshold(*GC_THRESHOLDS)
        gevent.config.track_greenlet_tree = False  # each would keep the stack that it was made on
        self.wsgi.config["SOCK_SERVER_OPTIONS"] = {**self.wsgi.config["SOCK_SERVER_OPTIONS"], **light_sockets.OPTIONS}
        super().run()

    def handle(self, listener: Any, client: socket.socket, addr: Any) -> None:
        """Serve one connection until it closes."""
        self._idle.add(client)
        try:
            super().handle(listener, client, addr)
        finally:
            self._idle.discard(client)

    def handle_request(self, listener_name: Any, req: Any, sock: socket.socket, addr: Any) -> Any:
        """Serve one request; a WebSocket is one that takes long."""
        self._idle.discard(sock)
        try:
            return super().handle_request(listener_name, req, sock, addr)
        finally:
            self._idle.add(sock)
            if not self.alive:
                _shut(sock)

    def close_idle(self) -> None:
        """Close the connections on which nobody asks anything now."""
        for sock in list(self._idle):
            _shut(sock)


def _shut(sock: socket.socket) -> None:
    """End a connection; its greenlet reads the end, which is no error, as gevent's own `shutdown` would be to it."""
    with suppress(OSError), socket.fromfd(sock.fileno(), sock.family, sock.type) as twin:
        twin.shutdown(socket.SHUT_RDWR)
