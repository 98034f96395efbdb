"""gunicorn's thread worker, which gives threads to complete requests only.

The original gives each connection a thread at once, so that as many incomplete requests as threads would block it.
"""

import errno
import selectors
import socket
import sys
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any

from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from host.client_address import customer_of
from host.refusals import refusals
from host.web.server.fair_queue import FairQueue
from host.web.server.handshake_budget import handshake_budget
from host.web.server.minimum_rate_sockets import MinimumRateSocket
from host.web.server.refusal_page import refuse
from host.web.server.request_reader import CONTINUE, IncomingRequest
from host.web.server.waiting_connections import Waiting

SOCKETS = 1200
"""Number of WebSockets; each has a thread while it is open."""
MOST_HELD_BYTES = 64 * 1024 * 1024
"""In incomplete and waiting requests."""
READ_BYTES = 64 * 1024
SWITCH_S = 0.001
"""Python's switch interval: sending a message to an agent takes several switches of thread."""


class _Connection(TConn):  # type: ignore[misc] # gunicorn has no types
    """A connection, and the received part of its next request."""

    incoming: IncomingRequest
    customer = ""
    """The customer of the running request."""
    is_socket = False

    def begin(self) -> None:
        """Give the buffered request to the thread that will run it."""
        self.init()
        self.parser.unreader.unread(bytes(self.incoming.data))
        self.incoming.data.clear()
        self.sock.begin_body(is_endless=self.is_socket)


class BufferingThreadWorker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """Gives threads to complete requests only, and not all threads to one customer."""

    proxies = 0
    """Number of trusted proxies."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._waiting: Waiting[_Connection] = Waiting()
        self._fair_queue: FairQueue[_Connection] = FairQueue()
        self._sockets = 0
        self._held_bytes = 0

    def run(self) -> None:
        """Serve until SIGTERM."""
        sys.setswitchinterval(SWITCH_S)
        super().run()

    def accept(self, listener: Any) -> None:
        """Accept a connection and wait for its request."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno not in {errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK}:
                raise
            return
        self.nr_conns += 1
        self._wait_for(_Connection(self.cfg, MinimumRateSocket.of(client), address, listener.getsockname()))

    def murder_pending(self) -> None:
        """Close connections that take too long; called at least once a second."""
        now = monotonic()
        for connection in self._waiting:
            if connection.incoming.until <= now:
                self._refuse(connection, "slow_requests", 408)

    def finish_request(self, connection: _Connection, done: "Future[Any]") -> None:
        """Let the connection wait for its next request, or close it; called in the worker's main thread."""
        if connection.is_socket:
            self._sockets -= 1
        else:
            self._start_next(connection.customer)
        if done.cancelled() or done.exception() or not done.result():
            self.nr_conns -= 1
            connection.close()
        else:
            connection.sock.end_body()
            self._wait_for(connection, connection.parser.unreader.take_buffered())

    def handle(self, connection: _Connection) -> Any:
        """Run a request; called in a thread."""
        is_kept = super().handle(connection)
        if not is_kept:
            connection.close(graceful=True)  # in the thread, since it may take two seconds
        return is_kept

    def _cap_keepalive(self, deadline: float) -> None:
        """Wait for requests until `deadline` at most, since the worker stops."""
        for connection in self._waiting:
            connection.incoming.until = min(connection.incoming.until, deadline)

    def _wait_for(self, connection: _Connection, rest: bytes = b"") -> None:
        connection.sock.settimeout(0)
        connection.incoming = IncomingRequest(rest)
        if not self.alive:
            connection.incoming.until = min(connection.incoming.until, monotonic() + STOP_KEEPALIVE_LINGER)
        self._held_bytes += len(rest)
        if self._handle_if_done(connection):
            return
        customer = None if self.proxies else customer_of(_peer(connection))
        self.poller.register(connection.sock, selectors.EVENT_READ, partial(self._read, connection))
        if (one_too_many := self._waiting.add(connection, customer)) is not None:
            self._refuse(one_too_many, "waiting_connections")

    def _read(self, connection: _Connection, _sock: socket.socket) -> None:
        """Read received data."""
        if connection not in self._waiting:
            return  # closed by an earlier event of the same round
        try:
            data = connection.sock.recv(READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._close(connection)
            return
        self._held_bytes += len(data)
        connection.incoming.take(data)
        if connection.incoming.expects_continue:
            connection.incoming.expects_continue = False
            with suppress(OSError):
                connection.sock.send(CONTINUE)
        self._handle_if_done(connection)
        while self._held_bytes > MOST_HELD_BYTES and len(self._waiting):
            self._refuse(self._waiting.longest(), "held_bytes")

    def _handle_if_done(self, connection: _Connection) -> bool:
        """Start a complete request, refuse a too long one; return whether it was either."""
        incoming = connection.incoming
        if incoming.is_whole:
            self._stop_waiting(connection)
            self._admit(connection)
            return True
        if incoming.is_too_long:
            self._refuse(connection, "long_heads", 431)
        return incoming.is_too_long

    def _admit(self, connection: _Connection) -> None:
        """Run a complete request, now or from the queue."""
        incoming = connection.incoming
        connection.is_socket = incoming.is_socket
        connection.customer = incoming.customer(_peer(connection), self.proxies)
        if connection.is_socket:
            self._admit_socket(connection)
        else:
            connection.customer += incoming.kind
            self._admit_request(connection)

    def _admit_request(self, connection: _Connection) -> None:
        if self._fair_queue.can_start(connection.customer):
            self._fair_queue.start(connection.customer)
            self._begin(connection)
        elif self._fair_queue.is_full or self._held_bytes > MOST_HELD_BYTES:
            self._refuse(connection, "requests")
        else:
            self._fair_queue.enqueue(connection, connection.customer)

    def _start_next(self, customer: str) -> None:
        """Start the next requests in the queue; skip clients that have disconnected."""
        started = deque(self._fair_queue.finish(customer))
        while started:
            connection = started.popleft()
            if _has_gone(connection):
                self._close(connection)
                started += self._fair_queue.finish(connection.customer)
            else:
                self._begin(connection)

    def _admit_socket(self, connection: _Connection) -> None:
        if self._sockets >= SOCKETS:
            self._refuse(connection, "sockets")
        elif not handshake_budget.take(connection.customer):
            self._refuse(connection, "handshakes")
        else:
            self._sockets += 1
            self._begin(connection)

    def _begin(self, connection: _Connection) -> None:
        self._held_bytes -= len(connection.incoming.data)
        connection.begin()
        self.enqueue_req(connection)

    def _stop_waiting(self, connection: _Connection) -> None:
        if connection in self._waiting:
            self._waiting.remove(connection)
            self.poller.unregister(connection.sock)

    def _refuse(self, connection: _Connection, budget: str, status: int = 503) -> None:
        """Close a connection, with an answer if it has sent something."""
        refusals.note(budget)
        if connection.incoming.data:
            refuse(connection.sock, status)
        self._close(connection)

    def _close(self, connection: _Connection) -> None:
        self._stop_waiting(connection)
        self._held_bytes -= len(connection.incoming.data)
        self.nr_conns -= 1
        connection.close()


def _has_gone(connection: _Connection) -> bool:
    """Tell whether the client has closed the connection."""
    try:
        return not connection.sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True


def _peer(connection: _Connection) -> str:
    return str(connection.client[0]) if isinstance(connection.client, tuple) else ""
