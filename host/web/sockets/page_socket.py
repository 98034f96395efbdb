"""A WebSocket to one page, with limits; flask-sock's has none and isn't safe for two sending threads.

One thread serves a connection and is the only one that sends. Other threads wake it, and it reads the database itself.
So there is no queue of outgoing messages, and a page that stops reading harms only itself.
"""

import logging
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import count
from typing import Any, NoReturn, cast

from simple_websocket import ConnectionClosed, Server
from wsproto.events import Event
from wsproto.utilities import LocalProtocolError

from host.errors import FieldsError
from host.gate import strict, writing
from host.gate.strict import NotJsonError, UnfitError
from host.web.problem import without_values
from host.web.server.minimum_rate_sockets import shut

MAX_BYTES = 65_536
SEND_TIMEOUT_S = 10
"""Time limit for a page to read a message."""
POLL_INTERVAL_S = 20.0
"""Longest time between two reads of the database, unless the server of the page sets another one."""
ALIVE_EVERY_S = 15.0
"""After so long without a message the page gets `alive`: scripts don't see pings, and reconnect after a long silence.
Must be less than `POLL_INTERVAL_S`, or only every second poll would send one."""
POLL_GROUP_SIZE = 50
"""Number of connections that poll at the same moment, so that one transaction can serve them."""
MAX_UNREAD = 256
MOST_TOLD = 64
"""Messages of other threads that wait for being sent."""
"""Unread messages of the page; more is a flood."""

OPTIONS = {"ping_interval": 25, "max_message_size": MAX_BYTES}
"""For flask-sock: `SOCK_SERVER_OPTIONS`."""

POLICY_VIOLATION = 1008
TOO_BIG = 1009
UNEXPECTED = 1011
LONGEST_REASON = 120
"""In bytes; a closing frame has no room for more."""

GOLDEN = 0.618034
"""Golden ratio: its multiples, modulo 1, are evenly distributed for any number of them."""

_made = count()

log = logging.getLogger(__name__)


class _WholeSends:
    """A socket whose `send` sends everything under a lock, since the reading thread answers pings."""

    def __init__(self, plain: socket.socket) -> None:
        self._plain = plain
        self._lock = threading.Lock()

    def send(self, data: bytes) -> int:
        with self._lock:
            self._plain.sendall(data)
        return len(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)


class _Handshake:
    """Replaces a finished handshake, which would keep some kB of HTTP while the connection is open."""

    def events(self) -> Iterator[Event]:
        return iter(())


class PageSocket:
    """A socket to one page, speaking JSON objects."""

    def __init__(self, server: Server) -> None:
        # With pings, the library reads only available data, so the timeout affects sending only.
        server.sock.settimeout(SEND_TIMEOUT_S)
        server.sock = cast(socket.socket, _WholeSends(server.sock))
        server.ws.handshake = _Handshake()
        self._server = server
        self.poll_interval_s = POLL_INTERVAL_S
        """After how long without a wake-up `messages` yields None."""
        self._polled_at = time.monotonic()
        self.alive_every_s = ALIVE_EVERY_S
        self._sent_at = time.monotonic()
        self._phase = next(_made) // POLL_GROUP_SIZE * GOLDEN % 1
        self._woken = True
        self._told: deque[Mapping[str, Any]] = deque(maxlen=MOST_TOLD)
        self._leaving: tuple[int, str] | None = None
        self._was_closed_here = False
        self._on_first_message: Callable[[PageSocket], None] = lambda _connection: None
        self._on_authenticated: Callable[[], None] = lambda: None

    def wake(self) -> None:
        """Make `messages` yield None soon. Thread-safe."""
        self._woken = True
        self._server.event.set()

    def mark_polled(self) -> None:
        """Note that the caller reads the database now, so that earlier wake-ups are done."""
        self._woken = False
        self._polled_at = time.monotonic()

    def tell(self, message: Mapping[str, Any]) -> None:
        """Make `messages` send this soon; of too many at once the oldest are lost. Thread-safe."""
        self._told.append(message)
        self._server.event.set()

    def leave(self, code: int, reason: str) -> None:
        """Make the serving thread close the connection. Thread-safe."""
        self._leaving = (code, reason)
        self._server.event.set()

    def messages(self) -> Iterator[Mapping[str, Any] | None]:
        """Yield each message of the page, and None whenever the caller has to read the database.

        Raises:
            ConnectionClosed: The connection is closed.
        """
        while self._leaving is None:
            self._server.event.clear()
            while self._told:
                self.send(**self._told.popleft())
            text = self._next()
            if text is not None and (message := self._parse(text)) is not None:
                yield message
            if self._woken:
                self.mark_polled()
                yield None
                self._stay_alive()
            elif text is None and self._leaving is None and not self._server.event.wait(self._pause_s()):
                if self._is_poll_due():
                    self._woken = True
                else:
                    self._stay_alive()
        self.close(*self._leaving)

    def unhandled_messages(self) -> Iterator[Mapping[str, Any]]:
        """Yield the messages that the page sent before it closed the connection; none if the server closed it.

        A page that is reloaded right after a click has sent the command, and will not send it again.
        """
        while self._server.input_buffer and not self._was_closed_here:
            with suppress(ConnectionClosed):
                message = self._parse(self._server.input_buffer.pop(0))
                if message is not None:
                    yield message

    def check(self) -> None:
        """Check that the page is still connected.

        Raises:
            ConnectionClosed: It isn't.
        """
        if not self._server.connected:
            raise ConnectionClosed

    def on_first_message(self, call: "Callable[[PageSocket], None]") -> None:
        """Set the function that is called when the first message has come."""
        self._on_first_message = call

    def on_authenticated(self, call: Callable[[], None]) -> None:
        """Set the function that is called when the page has sent a valid ticket."""
        self._on_authenticated = call

    def mark_authenticated(self) -> None:
        """Note that the page has sent a valid ticket."""
        self._on_authenticated()

    def abort(self) -> None:
        """Drop the connection without a closing frame. Thread-safe."""
        shut(self._server.sock)

    def first(self, timeout_s: float) -> Mapping[str, Any] | None:
        """Return the first message, or None if none comes in time."""
        text = self._server.receive(timeout=timeout_s)
        self._on_first_message(self)
        try:
            return None if text is None else self._read(text)
        except UnfitError as error:
            self.close(POLICY_VIOLATION, str(error))

    def send(self, **message: Any) -> None:
        """Send one message. Only for the serving thread.

        Raises:
            ConnectionClosed: The connection is closed, or the page has not read for 10 s.
        """
        self._sent_at = time.monotonic()
        try:
            self._server.send(writing.text(message, is_short=True))
        except (OSError, LocalProtocolError) as error:
            raise ConnectionClosed from error

    def close(self, code: int, reason: str) -> NoReturn:
        """Close the connection, with a reason for the page.

        Raises:
            ConnectionClosed: Always, so that the serving thread ends.
        """
        self._was_closed_here = True
        with suppress(ConnectionClosed, OSError, LocalProtocolError):
            self._server.close(code, reason.encode()[:LONGEST_REASON].decode(errors="ignore"))
        raise ConnectionClosed(code, reason)

    def finish(self) -> None:
        """Wait for the reading thread to end; it wouldn't notice that the socket is closed, and would stay."""
        shut(self._server.sock)
        self._server.thread.join(SEND_TIMEOUT_S)

    def _pause_s(self) -> float:
        """Return the time until the next poll of its group, in seconds."""
        return self._period_s * (1 - (time.monotonic() / self._period_s + self._phase) % 1)

    def _is_poll_due(self) -> bool:
        """Tell whether the poll interval has passed."""
        return time.monotonic() - self._polled_at >= self.poll_interval_s - self._period_s / 2

    @property
    def _period_s(self) -> float:
        return min(self.poll_interval_s, POLL_INTERVAL_S)

    def _next(self) -> str | bytes | None:
        """Return a received text, or None without calling the library, which would let all other greenlets run first.

        Raises:
            ConnectionClosed: The connection is closed.
        """
        if self._server.connected and not self._server.input_buffer:
            return None
        text: str | bytes | None = self._server.receive(timeout=0)
        return text

    def _stay_alive(self) -> None:
        if time.monotonic() - self._sent_at >= self.alive_every_s:
            self.send(op="alive")

    def _parse(self, text: str | bytes) -> Mapping[str, Any] | None:
        """Return a message; answer a command with invalid input by an error, and return None."""
        try:
            return self._read(text)
        except UnfitError as error:
            act_id = error.found.get("id") if isinstance(error.found, dict) else None
            if not isinstance(act_id, str):
                self.close(POLICY_VIOLATION, str(error))
            fields = {path.removeprefix("args."): words for path, words in error.problems.items()}
            refused = FieldsError(fields)
            told = {"error": refused.code, "message": str(refused), "retryable": refused.retryable}
            self.send(op="done", id=act_id, error=told)
            return None

    def _read(self, text: str | bytes) -> Mapping[str, Any]:
        if len(self._server.input_buffer) > MAX_UNREAD:
            self.close(POLICY_VIOLATION, "too many messages at once")
        if len(text if isinstance(text, bytes) else text.encode()) > MAX_BYTES:
            self.close(TOO_BIG, f"a message has at most {MAX_BYTES} bytes")
        try:
            message = strict.read(text)
        except NotJsonError:
            message = None
        if not isinstance(message, dict):
            self.close(POLICY_VIOLATION, "a message must be a JSON object")
        return message


def guarded(serve: Callable[[PageSocket], None], server: Server) -> None:
    """Serve a socket; an unexpected error is logged and closes it, and the page reconnects."""
    try:
        connection = PageSocket(server)
    except OSError:
        return  # the page has disconnected, and the reading thread has closed the socket
    try:
        serve(connection)
    except ConnectionClosed:
        pass
    except Exception as error:  # noqa: BLE001 - the outermost edge of a socket
        log.error("unexpected error in a socket\n%s", without_values(error))  # noqa: TRY400 - it may hold personal data
        with suppress(ConnectionClosed):
            connection.close(UNEXPECTED, "something went wrong on our side")
    finally:
        connection.finish()
