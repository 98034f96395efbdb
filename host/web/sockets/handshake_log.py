"""Refuses invalid WebSocket handshakes, and logs the reasons, so that a wrongly configured proxy is found."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable

from flask import Flask, request
from flask.typing import ResponseReturnValue
from simple_websocket import ConnectionError as NotAWebSocket
from wsproto.utilities import ProtocolError

from host import hosts
from host.errors import RequestError
from host.refusals import LOG_EVERY_S
from host.services import Services
from host.web.errors import handlers
from host.web.problem import problem_of
from host.web.security import origins
from host.web.server.request_reader import SOCKETS_END_WITH

NO_UPGRADE = "it came without Upgrade; the proxy in front must pass on the headers Upgrade and Connection"
NO_ORIGIN = "it came without Origin, which browsers always send; the proxy in front must pass it on"
MALFORMED = "it was no WebSocket of version 13; the proxy in front must pass on the headers Sec-WebSocket-*"
FOREIGN = "its page is {origin}, ours is {own}; see PATCHBAY_PUBLIC_URL, and the Host that the proxy passes on"

log = logging.getLogger(__name__)


class Refusals:
    """Logs each reason at once, then at most once a minute.

    Args:
        seconds: A monotonic clock.
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._untold: Counter[str] = Counter()
        self._told_at: dict[str, float] = {}

    def note(self, reason: str, **facts: str) -> None:
        """Count a refusal; `facts` fill the placeholders in `reason`, and contain no personal data."""
        now = self._seconds()
        with self._lock:
            self._untold[reason] += 1
            if now - self._told_at.get(reason, -LOG_EVERY_S) < LOG_EVERY_S:
                return
            self._told_at[reason] = now
            count = self._untold.pop(reason)
        log.warning("refused %d WebSocket handshake(s): %s", count, reason.format(**facts))


def init_app(app: Flask, services: Services, refusals: Refusals | None = None) -> None:
    """Refuse handshakes that are no WebSocket of one of our pages, before they cost anything."""
    noted = refusals or Refusals()

    @app.before_request
    def guard() -> None:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            if not origins.is_own(services):
                _note_origin(noted, services)
            origins.check(services)
            # Deflate costs 110 kB for each connection, and isn't safe with two sending threads.
            request.environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        elif request.path.endswith(SOCKETS_END_WITH) and "Sec-WebSocket-Key" in request.headers:
            noted.note(NO_UPGRADE)

    @app.errorhandler(ProtocolError)
    @app.errorhandler(NotAWebSocket)
    def malformed(_error: Exception) -> ResponseReturnValue:
        noted.note(MALFORMED)
        return handlers.answer(problem_of(RequestError("This is no handshake of a WebSocket, version 13.")))

    @app.errorhandler(ConnectionError)
    def gone(error: ConnectionError) -> ResponseReturnValue:
        """Handle a page that has disconnected during its handshake."""
        is_socket = request.headers.get("Upgrade", "").lower() == "websocket"
        return ("", RequestError.http_status) if is_socket else handlers.unexpected(error)


def _note_origin(noted: Refusals, services: Services) -> None:
    given = request.headers.get("Origin")
    if given is None:
        noted.note(NO_ORIGIN)
        return
    try:
        origin = hosts.origin_of(given)
    except ValueError:
        origin = "one without an origin"
    noted.note(FOREIGN, origin=origin, own=services.config.public_url)
