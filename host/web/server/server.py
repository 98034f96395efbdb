"""Runs gunicorn, configured in code.

With SQLite, one process has a thread for each running request and each WebSocket. Threads are created on demand; a
client that sends slowly gets none.

With PostgreSQL, there is a gevent process for each core, in which a WebSocket takes 44 kB instead of two threads.
(sqlite3 never yields to gevent: an insert that waits for another process's write lock would block all sockets.)
"""

import logging
import resource
import signal
import sys
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
from host.refusals import refusals
from host.web.server import refusal_page

THREADS = 1600
"""1,200 for WebSockets, 400 for requests; see `thread_worker`."""
CONNECTIONS = THREADS + 10_000
"""With threads. Connections that wait for their client, or in the queue, take no thread."""
GREENLETS = 20_000
GEVENT_WORKER = "host.web.server.gevent_worker.PromptGeventWorker"
THREAD_WORKER = "host.web.server.thread_worker.BufferingThreadWorker"
GRACE_S = 7  # for requests that run at SIGTERM; the whole stop takes at most 10 s


@dataclass(frozen=True)
class Site:
    """The application to serve, and where."""

    bind: str
    port: int
    create_app: Callable[[], Flask]
    """Called in the process that serves, after the fork."""
    close_sockets: Callable[[Flask], None]
    """Called at SIGTERM, in a separate thread; closes all WebSockets with 1001."""
    gevent_processes: int = 0
    """Number of processes with gevent; 0 means a single process with threads."""
    trusted_proxies: int = 0
    """Number of trusted proxies."""


def serve(site: Site) -> None:
    """Serve until SIGTERM.

    Raises:
        ConfigError: The address can't be used.
    """
    descriptor = listen(site.bind, site.port).detach()  # gunicorn owns it from here on
    _allow_many_files()
    lifeline.hold_forks()
    _Gunicorn(site, descriptor).run()


class _Gunicorn(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """gunicorn for one application, without command line and configuration file."""

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
            "when_ready": _stop_gently_at_sigint,
            "post_worker_init": self._set_up,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        Response.default_headers = _without_banner(Response.default_headers)
        util.write_error = refusal_page.write
        return self._site.create_app()

    def _set_up(self, worker: Any) -> None:
        worker.proxies = self._site.trusted_proxies
        self._close_sockets_at_sigterm(worker)

    def _close_sockets_at_sigterm(self, worker: Any) -> None:
        # Otherwise clients would hang for the whole grace period and then get 1006.
        stop = signal.getsignal(signal.SIGTERM)
        spawn = _spawn_greenlet if self._site.gevent_processes else _spawn_thread

        def close_and_stop(number: int, frame: FrameType | None) -> None:
            # In a thread: a signal handler must not wait for a lock that the interrupted code may hold.
            spawn(self._site.close_sockets, worker.wsgi)
            if self._site.gevent_processes:
                worker.close_idle()
            if callable(stop):
                stop(number, frame)

        signal.signal(signal.SIGTERM, close_and_stop)
        signal.signal(
            signal.SIGINT, signal.SIG_IGN
        )  # Ctrl-C reaches all processes at once; the parent process says when to stop


class _ServerLog(Logger):  # type: ignore[misc] # gunicorn has no types
    """Sends gunicorn's log records to our handler; no access log, since addresses contain personal data."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.setLevel(logging.WARNING)  # lower levels repeat our own records
        self.error_log.propagate = True
        if without_request not in self.error_log.filters:
            self.error_log.addFilter(without_request)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Count clients that are too slow, instead of logging a traceback for each."""
        if isinstance(sys.exc_info()[1], TimeoutError):
            refusals.note("slow_requests")
        else:
            super().exception(msg, *args, **kwargs)


def _kind(gevent_processes: int) -> dict[str, Any]:
    if gevent_processes:
        return {"worker_class": GEVENT_WORKER, "workers": gevent_processes, "worker_connections": GREENLETS}
    return {
        "worker_class": THREAD_WORKER,
        "workers": 1,
        "threads": THREADS,
        "worker_connections": CONNECTIONS,
    }


def _stop_gently_at_sigint(_arbiter: Any) -> None:
    """Make Ctrl-C work as SIGTERM; gunicorn would drop running requests."""
    stop = signal.getsignal(signal.SIGTERM)
    if callable(stop):
        signal.signal(signal.SIGINT, lambda _number, frame: stop(signal.SIGTERM, frame))


def _spawn_thread(work: Callable[[Flask], None], app: Flask) -> None:
    threading.Thread(target=work, args=(app,), daemon=True).start()


def _spawn_greenlet(work: Callable[[Flask], None], app: Flask) -> None:
    import gevent  # noqa: PLC0415 - only where it serves

    gevent.spawn(work, app)  # `Thread.start` (a greenlet here) would wait for it


def _allow_many_files() -> None:
    """Raise the limit of open files as far as allowed; a WebSocket takes one, and the default is 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _without_banner(headers: Callable[[Any], list[str]]) -> Callable[[Any], list[str]]:
    return lambda response: [line for line in headers(response) if not line.startswith("Server:")]
