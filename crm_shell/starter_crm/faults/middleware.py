"""WSGI middleware that makes requests fail; it has access to the answer and the socket."""

import errno
import json
import os
import socket
import struct
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from werkzeug.test import run_wsgi_app

from crm_shell.starter_crm.faults.rules import Rule, Rules

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

OWN_PATHS = ("/faults", "/api/counts")
ELSEWHERE = "http://sign-in.crm.example/"
HTML = b"<!doctype html><title>Sign in</title><h1>Sign in to continue</h1>"
DRIP_S = 0.25


class Faults:
    """A WSGI app that does what the rules say, else what the app inside does."""

    def __init__(self, app: "WSGIApplication", rules: Rules) -> None:
        self._app = app
        self._rules = rules

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request, rightly or wrongly."""
        path = environ.get("PATH_INFO", "")
        rule = None if path.startswith(OWN_PATHS) else self._rules.take(environ["REQUEST_METHOD"], path)
        if rule is None:
            return self._app(environ, start_response)
        if rule.fault == "ignore_filters":
            return self._app(environ | {"QUERY_STRING": "all=true"}, start_response)
        if rule.fault in ("hang", "hang_then_commit"):
            time.sleep(rule.seconds)
        if rule.fault in ("hang_then_commit", "commit_then_hang", "500_after_commit", "reset_after_commit", "drip"):
            return self._done(rule, environ, start_response)
        if rule.fault == "reset":
            _reset(environ)
        status, kind, body, headers = _refusals(rule)[rule.fault]
        start_response(status, [("Content-Type", kind), *headers])
        return [body]

    def _done(self, rule: Rule, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Let the app do it, then spoil the answer."""
        chunks, status, headers = run_wsgi_app(self._app, environ, buffered=True)
        if rule.fault == "reset_after_commit":
            _reset(environ)
        if rule.fault == "500_after_commit":
            status = "500 Internal Server Error"
        if rule.fault == "commit_then_hang":
            time.sleep(rule.seconds)
        start_response(status, list(headers))
        body = b"".join(chunks)
        return _drip(body, rule.seconds) if rule.fault == "drip" else [body]


def _refusals(rule: Rule) -> dict[str, tuple[str, str, bytes, list[tuple[str, str]]]]:
    """Return, for each fault that does nothing, the status, content type, body and further headers."""
    wait = [("Retry-After", f"{rule.seconds:.0f}")]
    as_json = "application/json"
    return {
        "hang": ("503 Service Unavailable", as_json, _error("hung"), []),
        "500": ("500 Internal Server Error", as_json, _error("broken"), []),
        "429": ("429 Too Many Requests", as_json, _error("too many requests"), wait),
        "503": ("503 Service Unavailable", as_json, _error("being maintained"), wait),
        "html": ("200 OK", "text/html; charset=utf-8", HTML, []),
        "error_in_200": ("200 OK", as_json, _error("the limit of the day is used up"), []),
        "redirect": ("302 Found", "text/html; charset=utf-8", HTML, [("Location", ELSEWHERE)]),
    }


def _error(message: str) -> bytes:
    return json.dumps({"error": "fault", "message": message}).encode()


def _drip(body: bytes, seconds: float) -> Iterator[bytes]:
    """Give out the body in pieces, so that it never stalls for long and yet takes `seconds`."""
    drops = max(1, min(len(body), round(seconds / DRIP_S)))
    for drop in range(drops):
        time.sleep(seconds / drops)
        yield body[len(body) * drop // drops : len(body) * (drop + 1) // drops]


def _reset(environ: "WSGIEnvironment") -> None:
    """Cut the connection: closing a socket that has no linger time sends a reset.

    The server would say goodbye first (FIN), so its socket is swapped for a dead one under its hands.

    Raises:
        ConnectionResetError: Always; the server then closes what it holds without an answer.
    """
    connection = environ.get("gunicorn.socket")
    if isinstance(connection, socket.socket):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one, other = socket.socketpair()
        with one, other:
            os.dup2(one.fileno(), connection.fileno(), inheritable=False)
    raise ConnectionResetError(errno.ECONNRESET, "the fault 'reset' struck")
