"""One WebSocket, made safe: flask-sock's is neither bounded nor safe to send on from two threads.

A connection is served by one thread, which alone sends: whoever has news wakes it, and it reads the
database itself. So nothing queues up here, and a page that stops reading hurts nobody but itself.
"""

import logging
import socket
import threading
import time
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
from host.web.errors.handlers import without_values
from host.web.server.paced_sockets import shut

MAX_BYTES = 65_536
SEND_TIMEOUT_S = 10
"""How long a page may take to read what it is sent."""
PATIENCE_S = 20.0
ALIVE_EVERY_S = 15.0
"""After so long without a word `rounds` says `alive`: the page's script sees no pings, and takes long silence for the
end. Less than `PATIENCE_S`, or it would say so every other time."""
TOGETHER = 50
"""Connections that run out of patience at the same moment, so that they can be served together."""
MAX_UNREAD = 256
"""Messages of the page that wait for us; more is a flood."""

OPTIONS = {"ping_interval": 25, "max_message_size": MAX_BYTES}
"""For flask-sock: `SOCK_SERVER_OPTIONS`."""

POLICY_VIOLATION = 1008
TOO_BIG = 1009
UNEXPECTED = 1011
LONGEST_REASON = 120
"""Bytes: a closing frame takes no more."""

GOLDEN = 0.618034
"""Multiples of it, modulo 1, lie evenly however many there are."""

_made = count()

log = logging.getLogger(__name__)


class _WholeSends:
    """A socket whose `send` sends all, one caller at a time: the reading thread answers pings beside us."""

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
    """A handshake that is over; the real one keeps some kB of HTTP for as long as its connection lasts."""

    def events(self) -> Iterator[Event]:
        return iter(())


class PageSocket:
    """A socket to one page, speaking JSON objects."""

    def __init__(self, server: Server) -> None:
        # With pings on, the library reads only what has come, so the timeout is for sending alone.
        server.sock.settimeout(SEND_TIMEOUT_S)
        server.sock = cast(socket.socket, _WholeSends(server.sock))
        server.ws.handshake = _Handshake()
        self._server = server
        self.poll_interval_s = PATIENCE_S
        """How long `rounds` waits for news before it looks all the same."""
        self._looked_at = time.monotonic()
        self.alive_every_s = ALIVE_EVERY_S
        self._spoke_at = time.monotonic()
        self._phase = next(_made) // TOGETHER * GOLDEN % 1
        self._woken = True
        self._leaving: tuple[int, str] | None = None
        self._was_closed_here = False
        self._tell_first: Callable[[PageSocket], None] = lambda _connection: None
        self._tell_known: Callable[[], None] = lambda: None

    def wake(self) -> None:
        """Let `rounds` go round once more; from any thread."""
        self._woken = True
        self._server.event.set()

    def look(self) -> None:
        """Note that we look now: `rounds` needn't, unless somebody wakes it from here on."""
        self._woken = False
        self._looked_at = time.monotonic()

    def leave(self, code: int, reason: str) -> None:
        """Let the serving thread close the connection; from any thread."""
        self._leaving = (code, reason)
        self._server.event.set()

    def rounds(self) -> Iterator[Mapping[str, Any] | None]:
        """Yield each message of the page, and `None` whenever it is time to look for news.

        Raises:
            ConnectionClosed: The page has gone.
        """
        while self._leaving is None:
            self._server.event.clear()
            text = self._next()
            if text is not None and (message := self._heard(text)) is not None:
                yield message
            if self._woken:
                self.look()
                yield None
                self._stay_alive()
            elif text is None and self._leaving is None and not self._server.event.wait(self._pause_s()):
                if self._is_out_of_patience():
                    self._woken = True
                else:
                    self._stay_alive()
        self.close(*self._leaving)

    def left_behind(self) -> Iterator[Mapping[str, Any]]:
        """Yield what the page said before it went and nobody has heard yet; nothing when it was us who closed.

        A page that is reloaded right after a click has said what was clicked, and will not say it again.
        """
        while self._server.input_buffer and not self._was_closed_here:
            with suppress(ConnectionClosed):
                message = self._heard(self._server.input_buffer.pop(0))
                if message is not None:
                    yield message

    def check(self) -> None:
        """Go on only while the page is there.

        Raises:
            ConnectionClosed: The page has gone.
        """
        if not self._server.connected:
            raise ConnectionClosed

    def when_it_speaks(self, tell: "Callable[[PageSocket], None]") -> None:
        """Have `tell` called when the first message has come."""
        self._tell_first = tell

    def when_known(self, tell: Callable[[], None]) -> None:
        """Have `tell` called when the page has shown a valid ticket."""
        self._tell_known = tell

    def become_known(self) -> None:
        """Note that the page has shown a valid ticket."""
        self._tell_known()

    def cut(self) -> None:
        """End the connection without a word; from any thread."""
        shut(self._server.sock)

    def first(self, timeout_s: float) -> Mapping[str, Any] | None:
        """Return the first message; `None` when none comes in time."""
        text = self._server.receive(timeout=timeout_s)
        self._tell_first(self)
        try:
            return None if text is None else self._read(text)
        except UnfitError as error:
            self.close(POLICY_VIOLATION, str(error))

    def send(self, **message: Any) -> None:
        """Send one message; only from the serving thread.

        Raises:
            ConnectionClosed: The page has gone, or has not read for 10 s.
        """
        self._spoke_at = time.monotonic()
        try:
            self._server.send(writing.text(message, is_short=True))
        except (OSError, LocalProtocolError) as error:
            raise ConnectionClosed from error

    def close(self, code: int, reason: str) -> NoReturn:
        """Close, with the reason for the page.

        Raises:
            ConnectionClosed: Always, so that the serving thread ends.
        """
        self._was_closed_here = True
        with suppress(ConnectionClosed, OSError, LocalProtocolError):
            self._server.close(code, reason.encode()[:LONGEST_REASON].decode(errors="ignore"))
        raise ConnectionClosed(code, reason)

    def finish(self) -> None:
        """Let the reading thread end before somebody closes the socket under it: it would not notice, and stay."""
        shut(self._server.sock)
        self._server.thread.join(SEND_TIMEOUT_S)

    def _pause_s(self) -> float:
        """Return how long to wait for news: until the next of the moments that it shares with a few others."""
        return self._period_s * (1 - (time.monotonic() / self._period_s + self._phase) % 1)

    def _is_out_of_patience(self) -> bool:
        """Say whether this of the moments is the one to look at."""
        return time.monotonic() - self._looked_at >= self.poll_interval_s - self._period_s / 2

    @property
    def _period_s(self) -> float:
        return min(self.poll_interval_s, PATIENCE_S)

    def _next(self) -> str | bytes | None:
        """Return what has come; the library's own way not to wait lets all other greenlets run first.

        Raises:
            ConnectionClosed: The page has gone.
        """
        if self._server.connected and not self._server.input_buffer:
            return None
        text: str | bytes | None = self._server.receive(timeout=0)
        return text

    def _stay_alive(self) -> None:
        if time.monotonic() - self._spoke_at >= self.alive_every_s:
            self.send(op="alive")

    def _heard(self, text: str | bytes) -> Mapping[str, Any] | None:
        """Return a message; None when it holds what can't be taken, which an act is told."""
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
    """Serve a socket; what goes wrong unexpectedly is logged and closes it, and the page comes back by itself."""
    try:
        connection = PageSocket(server)
    except OSError:
        return  # the page has gone, and the reading thread has closed the socket already
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
