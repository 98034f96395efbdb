"""gunicorn's threads, kept for those who have something to ask: slow and silent clients wait outside.

As it is, the worker gives a thread to every connection at once: so many half requests as there are threads, and it
serves nobody any more.
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
from host.web.server.fair_turns import Turns
from host.web.server.handshake_budget import handshake_budget
from host.web.server.paced_sockets import PacedSocket
from host.web.server.refusal_page import refuse
from host.web.server.request_reader import CONTINUE, Arriving
from host.web.server.waiting_connections import Waiting

SOCKETS = 1200
"""WebSockets, each with a thread for as long as it is open."""
MOST_HELD_BYTES = 64 * 1024 * 1024
"""Of requests that aren't whole."""
READ_BYTES = 64 * 1024
SWITCH_S = 0.001
"""How long a thread may go on while others wait: a message to an agent takes many turns, each behind all that work."""


class _Connection(TConn):  # type: ignore[misc] # gunicorn has no types
    """A connection, and what has come of its next request."""

    arriving: Arriving
    customer = ""
    """Who asks what is being worked on."""
    is_socket = False

    def begin(self) -> None:
        """Hand the request over to the thread that works on it."""
        self.init()
        self.parser.unreader.unread(bytes(self.arriving.data))
        self.arriving.data.clear()
        self.sock.begin_body(is_endless=self.is_socket)


class PatientThreadWorker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """Gives a thread to whole requests only, and to one customer not all of them."""

    proxies = 0
    """How many are trusted to say for whom they ask."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._waiting: Waiting[_Connection] = Waiting()
        self._turns: Turns[_Connection] = Turns()
        self._sockets = 0
        self._held_bytes = 0

    def run(self) -> None:
        """Serve until SIGTERM."""
        sys.setswitchinterval(SWITCH_S)
        super().run()

    def accept(self, listener: Any) -> None:
        """Let a new connection say what it wants."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno not in {errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK}:
                raise
            return
        self.nr_conns += 1
        self._wait_for(_Connection(self.cfg, PacedSocket.of(client), address, listener.getsockname()))

    def murder_pending(self) -> None:
        """Close what takes too long; the worker calls it once a second at least."""
        now = monotonic()
        for connection in self._waiting:
            if connection.arriving.until <= now:
                self._refuse(connection, "slow_requests", 408)

    def finish_request(self, connection: _Connection, done: "Future[Any]") -> None:
        """Let the connection wait for its next request, or forget it; in the worker's main thread."""
        if connection.is_socket:
            self._sockets -= 1
        else:
            self._go_on_with_others(connection.customer)
        if done.cancelled() or done.exception() or not done.result():
            self.nr_conns -= 1
            connection.close()
        else:
            connection.sock.end_body()
            self._wait_for(connection, connection.parser.unreader.take_buffered())

    def handle(self, connection: _Connection) -> Any:
        """Work on a request; in a thread."""
        is_kept = super().handle(connection)
        if not is_kept:
            connection.close(graceful=True)  # here, since it may take two seconds
        return is_kept

    def _cap_keepalive(self, deadline: float) -> None:
        """Wait no longer than until `deadline`: the worker stops."""
        for connection in self._waiting:
            connection.arriving.until = min(connection.arriving.until, deadline)

    def _wait_for(self, connection: _Connection, rest: bytes = b"") -> None:
        connection.sock.settimeout(0)
        connection.arriving = Arriving(rest)
        if not self.alive:
            connection.arriving.until = min(connection.arriving.until, monotonic() + STOP_KEEPALIVE_LINGER)
        self._held_bytes += len(rest)
        if self._is_over(connection):
            return
        customer = None if self.proxies else customer_of(_peer(connection))
        self.poller.register(connection.sock, selectors.EVENT_READ, partial(self._read, connection))
        if (one_too_many := self._waiting.add(connection, customer)) is not None:
            self._refuse(one_too_many, "waiting_connections")

    def _read(self, connection: _Connection, _sock: socket.socket) -> None:
        """Take what has come."""
        if connection not in self._waiting:
            return  # closed while its turn in this round was to come
        try:
            data = connection.sock.recv(READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._let_go(connection)
            return
        self._held_bytes += len(data)
        connection.arriving.take(data)
        if connection.arriving.expects_continue:
            connection.arriving.expects_continue = False
            with suppress(OSError):
                connection.sock.send(CONTINUE)
        self._is_over(connection)
        while self._held_bytes > MOST_HELD_BYTES and len(self._waiting):
            self._refuse(self._waiting.longest(), "held_bytes")

    def _is_over(self, connection: _Connection) -> bool:
        """Go on with a request that is whole; say whether it is, or never will be."""
        arriving = connection.arriving
        if arriving.is_whole:
            self._stop_waiting(connection)
            self._take_in(connection)
            return True
        if arriving.is_too_long:
            self._refuse(connection, "long_heads", 431)
        return arriving.is_too_long

    def _take_in(self, connection: _Connection) -> None:
        """Work on a whole request, now or when its turn comes."""
        arriving = connection.arriving
        connection.is_socket = arriving.is_socket
        connection.customer = arriving.customer(_peer(connection), self.proxies)
        if connection.is_socket:
            self._take_in_socket(connection)
        else:
            connection.customer += arriving.kind
            self._take_turn(connection)

    def _take_turn(self, connection: _Connection) -> None:
        if self._turns.may(connection.customer):
            self._turns.begin(connection.customer)
            self._begin(connection)
        elif self._turns.is_full or self._held_bytes > MOST_HELD_BYTES:
            self._refuse(connection, "requests")
        else:
            self._turns.queue(connection, connection.customer)

    def _go_on_with_others(self, customer: str) -> None:
        """Work on those whose turn has come, as far as they still wait: nobody stands behind clients that gave up."""
        begun = deque(self._turns.done(customer))
        while begun:
            connection = begun.popleft()
            if _has_gone(connection):
                self._let_go(connection)
                begun += self._turns.done(connection.customer)
            else:
                self._begin(connection)

    def _take_in_socket(self, connection: _Connection) -> None:
        if self._sockets >= SOCKETS:
            self._refuse(connection, "sockets")
        elif not handshake_budget.take(connection.customer):
            self._refuse(connection, "handshakes")
        else:
            self._sockets += 1
            self._begin(connection)

    def _begin(self, connection: _Connection) -> None:
        self._held_bytes -= len(connection.arriving.data)
        connection.begin()
        self.enqueue_req(connection)

    def _stop_waiting(self, connection: _Connection) -> None:
        if connection in self._waiting:
            self._waiting.remove(connection)
            self.poller.unregister(connection.sock)

    def _refuse(self, connection: _Connection, budget: str, status: int = 503) -> None:
        """Close a connection, with a word to who has said something."""
        refusals.note(budget)
        if connection.arriving.data:
            refuse(connection.sock, status)
        self._let_go(connection)

    def _let_go(self, connection: _Connection) -> None:
        self._stop_waiting(connection)
        self._held_bytes -= len(connection.arriving.data)
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
