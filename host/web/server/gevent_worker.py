"""gunicorn's gevent worker, with a quick stop and with time limits for clients.

The original waits at SIGTERM for idle connections, and waits without limit for bodies and for clients that don't read.
"""

import gc
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, NoReturn
from urllib.parse import unquote

import gevent
from gevent.event import Event
from gevent.socket import socket as gevent_socket
from gunicorn.workers.ggevent import GeventWorker

from host.client_address import customer_of
from host.refusals import refusals
from host.web.server import gevent_sockets
from host.web.server.fair_queue import FairQueue
from host.web.server.handshake_budget import handshake_budget
from host.web.server.minimum_rate_sockets import MinimumRate, allowed_s, shut
from host.web.server.refusal_page import refuse
from host.web.server.request_reader import CONTINUE, LONGEST_BODY, SOCKETS_END_WITH, asker, kind_of
from host.web.server.waiting_connections import Waiting

GC_THRESHOLDS = (50_000, 20, 1000)
"""With the default values the collector scans ten thousand sockets too often."""


class MinimumRateGeventSocket(MinimumRate, gevent_socket):  # type: ignore[misc] # gevent has no types
    """The socket class for greenlets."""


class PromptGeventWorker(GeventWorker):  # type: ignore[misc] # gunicorn has no types
    """A worker that knows its idle connections, so that it can close them at once."""

    proxies = 0
    """Number of trusted proxies."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._waiting: Waiting[socket.socket] = Waiting()
        self._fair_queue: FairQueue[Event] = FairQueue()

    def run(self) -> None:
        """Serve until SIGTERM."""
        gc.set_threshold(*GC_THRESHOLDS)
        gevent.config.track_greenlet_tree = False  # otherwise each greenlet keeps the stack of its creation
        self.wsgi.config["SOCK_SERVER_OPTIONS"] = {**self.wsgi.config["SOCK_SERVER_OPTIONS"], **gevent_sockets.OPTIONS}
        super().run()

    def timeout_ctx(self) -> Any:
        """Return the timeout for a request's head, and for an idle connection."""
        return gevent.Timeout(allowed_s(0), False)  # noqa: FBT003 - gevent's own signature: it isn't raised

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Serve one connection until it closes."""
        paced = MinimumRateGeventSocket(client.family, client.type, client.proto, fileno=client.detach())
        self._wait(paced, addr)
        try:
            super().handle(listener, paced, addr)
        finally:
            self._waiting.remove(paced)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> Any:
        """Serve one request; a WebSocket is a long request."""
        self._waiting.remove(sock)
        is_socket = req.path.endswith(SOCKETS_END_WITH) and _header(req, "UPGRADE").lower() == "websocket"
        customer = asker(_peer(addr), _header(req, "X-FORWARDED-FOR"), self.proxies)
        sock.begin_body(is_endless=is_socket)
        try:
            if is_socket:
                _take_handshake(sock, customer)
                return super().handle_request(listener_name, req, sock, addr)
            if kind := kind_of(unquote(req.path)):
                _read_body(req, sock)
                customer += kind
            if self._fair_queue.is_full and not self._fair_queue.can_start(customer):
                _refuse(sock, "requests")
            with self._turn(customer):
                return super().handle_request(listener_name, req, sock, addr)
        finally:
            sock.end_body()
            self._wait(sock, addr)
            if not self.alive:
                shut(sock)

    def close_idle(self) -> None:
        """Close all idle connections."""
        for sock in self._waiting:
            shut(sock)

    def _wait(self, sock: socket.socket, addr: Any) -> None:
        customer = None if self.proxies else customer_of(_peer(addr))
        if (one_too_many := self._waiting.add(sock, customer)) is not None:
            refusals.note("waiting_connections")
            self._waiting.remove(one_too_many)
            shut(one_too_many)

    @contextmanager
    def _turn(self, customer: str) -> Iterator[None]:
        """Wait until a request of the customer may start; count it as running in the block."""
        if self._fair_queue.can_start(customer):
            self._fair_queue.start(customer)
        else:
            turn = Event()
            self._fair_queue.enqueue(turn, customer)
            turn.wait()
        try:
            yield
        finally:
            for other in self._fair_queue.finish(customer):
                other.set()


def _take_handshake(sock: socket.socket, customer: str) -> None:
    if not handshake_budget.take(customer):
        _refuse(sock, "handshakes")


def _read_body(req: Any, sock: socket.socket) -> None:
    """Read the body before the request starts, so that a slow client doesn't occupy a place."""
    if _header(req, "EXPECT").lower() == "100-continue":
        req._expected_100_continue = False  # noqa: SLF001 - gunicorn has no public way; it has been sent
        sock.sendall(CONTINUE)
    body = req.body.read(LONGEST_BODY + 1)
    if len(body) > LONGEST_BODY:
        _refuse(sock, "long_bodies", 413)
    req.body = BytesIO(body)


def _refuse(sock: socket.socket, budget: str, status: int = 503) -> NoReturn:
    """Answer without calling the application, and end the connection.

    Raises:
        StopIteration: Always; gunicorn closes then.
    """
    refusals.note(budget)
    refuse(sock, status)
    raise StopIteration


def _header(req: Any, name: str) -> str:
    return ",".join(value for given, value in req.headers if given == name)


def _peer(addr: Any) -> str:
    return str(addr[0]) if isinstance(addr, tuple) and addr else ""
