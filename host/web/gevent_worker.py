"""gunicorn's gevent worker, stopping at once, and patient with nobody for ever.

As it is, it waits at SIGTERM for connections on which nobody asks, and always for a body and for who reads its answer.
"""

import gc
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import gevent
from gevent.socket import socket as gevent_socket
from gunicorn.workers.ggevent import GeventWorker

from host.client_address import customer_of
from host.refusals import refusals
from host.web import light_sockets
from host.web.arriving import SOCKETS_END_WITH, asker
from host.web.paced import Paced, allowed_s, shut
from host.web.refused import refuse
from host.web.waiting import Waiting

GC_THRESHOLDS = (50_000, 20, 1000)
"""The usual ones look through ten thousand sockets again and again."""
MOST_REQUESTS_OF_ONE = 500
"""Requests of one customer that are worked on at once, WebSockets aside."""


class PacedGeventSocket(Paced, gevent_socket):  # type: ignore[misc] # gevent has no types
    """For greenlets."""


class PromptGeventWorker(GeventWorker):  # type: ignore[misc] # gunicorn has no types
    """Knows which connections wait for their next request."""

    proxies = 0
    """How many are trusted to say for whom they ask."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._waiting: Waiting[socket.socket] = Waiting()
        self._at_work: Counter[str] = Counter()

    def run(self) -> None:
        """Serve until SIGTERM."""
        gc.set_threshold(*GC_THRESHOLDS)
        gevent.config.track_greenlet_tree = False  # each would keep the stack that it was made on
        self.wsgi.config["SOCK_SERVER_OPTIONS"] = {**self.wsgi.config["SOCK_SERVER_OPTIONS"], **light_sockets.OPTIONS}
        super().run()

    def timeout_ctx(self) -> Any:
        """Give a request's head so long, and its connection so long until then."""
        return gevent.Timeout(allowed_s(0), False)  # noqa: FBT003 - gevent's own signature: it isn't raised

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Serve one connection until it closes."""
        paced = PacedGeventSocket(client.family, client.type, client.proto, fileno=client.detach())
        self._wait(paced, addr)
        try:
            super().handle(listener, paced, addr)
        finally:
            self._waiting.remove(paced)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> Any:
        """Serve one request; a WebSocket is one that takes long."""
        self._waiting.remove(sock)
        is_socket = req.path.endswith(SOCKETS_END_WITH) and _header(req, "UPGRADE").lower() == "websocket"
        customer = asker(_peer(addr), _header(req, "X-FORWARDED-FOR"), self.proxies)
        if not is_socket and self._at_work[customer] >= MOST_REQUESTS_OF_ONE:
            refusals.note("requests")
            refuse(sock, 503)
            raise StopIteration
        sock.begin_body(is_endless=is_socket)
        try:
            with nullcontext() if is_socket else self._counted(customer):
                return super().handle_request(listener_name, req, sock, addr)
        finally:
            sock.end_body()
            self._wait(sock, addr)
            if not self.alive:
                shut(sock)

    def close_idle(self) -> None:
        """Close the connections on which nobody asks anything now."""
        for sock in self._waiting:
            shut(sock)

    def _wait(self, sock: socket.socket, addr: Any) -> None:
        customer = None if self.proxies else customer_of(_peer(addr))
        if (one_too_many := self._waiting.add(sock, customer)) is not None:
            refusals.note("waiting_connections")
            self._waiting.remove(one_too_many)
            shut(one_too_many)

    @contextmanager
    def _counted(self, customer: str) -> Iterator[None]:
        self._at_work[customer] += 1
        try:
            yield
        finally:
            self._at_work[customer] -= 1
            if not self._at_work[customer]:
                del self._at_work[customer]


def _header(req: Any, name: str) -> str:
    return ",".join(value for given, value in req.headers if given == name)


def _peer(addr: Any) -> str:
    return str(addr[0]) if isinstance(addr, tuple) and addr else ""
