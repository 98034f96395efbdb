"""The web server: gunicorn, set up in code.

With SQLite one process with a thread for every connection that is busy: surplus WebSockets would hang
silently if there were more connections than threads. Threads are made when they are needed.

With PostgreSQL one gevent process for each core: 44 kB for a WebSocket instead of two threads. (sqlite3 never
yields to gevent: an insert behind another process's write lock would freeze all sockets.)
"""

import logging
import resource
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any

from flask import Flask
from gunicorn import util
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.http.wsgi import Response

from host import lifeline
from host.listening import BACKLOG, listen
from host.logs import without_request
from host.web.csp import FILE_POLICY

THREADS = 1200
GREENLETS = 20_000
GEVENT_WORKER = "host.web.gevent_worker.PromptGeventWorker"
GRACE_S = 7  # for requests that run at SIGTERM; with what else there is to do, we are gone within 10 s


@dataclass(frozen=True)
class Site:
    """What to serve, and where."""

    bind: str
    port: int
    create_app: Callable[[], Flask]
    """Called in the process that serves, after the fork."""
    close_sockets: Callable[[Flask], None]
    """Called at SIGTERM, in a thread of its own: closes all WebSockets with 1001."""
    gevent_processes: int = 0
    """How many processes with gevent; 0: a single one, with threads."""


def serve(site: Site) -> None:
    """Serve until SIGTERM.

    Raises:
        ConfigError: The address cannot be listened on.
    """
    descriptor = listen(site.bind, site.port).detach()  # gunicorn's from here on
    _allow_many_files()
    lifeline.hold_forks()
    _Gunicorn(site, descriptor).run()


class _Gunicorn(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """One application, no command line, no configuration file."""

    def __init__(self, site: Site, descriptor: int) -> None:
        self._site = site
        self._descriptor = descriptor
        super().__init__()

    def load_config(self) -> None:
        settings: dict[str, Any] = {
            "bind": f"fd://{self._descriptor}",
            **_kind(self._site.gevent_processes),
            "backlog": BACKLOG,
            "graceful_timeout": GRACE_S,
            "keepalive": 5,
            "timeout": 60,
            "limit_request_line": 8190,
            "forwarded_allow_ips": "",  # PATCHBAY_TRUSTED_PROXIES decides, in the application
            "logger_class": _ServerLog,
            "control_socket_disable": True,
            "post_worker_init": self._close_sockets_at_sigterm,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        Response.default_headers = _without_banner(Response.default_headers)
        util.write_error = _refuse
        return self._site.create_app()

    def _close_sockets_at_sigterm(self, worker: Any) -> None:
        # Without this clients would hang for the whole grace period and then see 1006.
        stop = signal.getsignal(signal.SIGTERM)
        spawn = _spawn_greenlet if self._site.gevent_processes else _spawn_thread

        def close_and_stop(number: int, frame: FrameType | None) -> None:
            # Aside: a signal handler must not wait for a lock that the code it interrupts may hold.
            spawn(self._site.close_sockets, worker.wsgi)
            if self._site.gevent_processes:
                worker.close_idle()
            if callable(stop):
                stop(number, frame)

        signal.signal(signal.SIGTERM, close_and_stop)


class _ServerLog(Logger):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's records, through our handler; no access log, since addresses hold personal data."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.setLevel(logging.WARNING)  # below it says what we say ourselves
        self.error_log.propagate = True
        if without_request not in self.error_log.filters:
            self.error_log.addFilter(without_request)


def _kind(gevent_processes: int) -> dict[str, Any]:
    if gevent_processes:
        return {"worker_class": GEVENT_WORKER, "workers": gevent_processes, "worker_connections": GREENLETS}
    return {
        "worker_class": "gthread",
        "workers": 1,
        "threads": THREADS,
        # One more than threads, or gunicorn warns that it can't keep connections alive; it can.
        "worker_connections": THREADS + 1,
    }


def _spawn_thread(work: Callable[[Flask], None], app: Flask) -> None:
    threading.Thread(target=work, args=(app,), daemon=True).start()


def _spawn_greenlet(work: Callable[[Flask], None], app: Flask) -> None:
    import gevent  # noqa: PLC0415 - only where it serves

    gevent.spawn(work, app)  # starting a thread, which is a greenlet here, would wait for it


def _allow_many_files() -> None:
    """Raise the limit of open files as far as we may: a WebSocket takes one, and 1,024 is the usual limit."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _without_banner(headers: Callable[[Any], list[str]]) -> Callable[[Any], list[str]]:
    return lambda response: [line for line in headers(response) if not line.startswith("Server:")]


def _refuse(connection: socket.socket, status: int, reason: str, message: str) -> None:
    """Answer what never reaches the application, such as an address that is too long, with a page nobody frames."""
    body = f"{status} {reason}\n{message}\n"
    head = (
        f"HTTP/1.1 {status} {reason}",
        "Connection: close",
        "Content-Type: text/plain; charset=utf-8",
        "X-Content-Type-Options: nosniff",
        f"Content-Security-Policy: {FILE_POLICY}",
        f"Content-Length: {len(body.encode())}",
    )
    util.write_nonblock(connection, ("\r\n".join(head) + f"\r\n\r\n{body}").encode())
