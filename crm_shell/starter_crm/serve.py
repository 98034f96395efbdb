"""Runs the starter CRM under gunicorn, for ``patchbay crm``."""

import ipaddress
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from crm_shell.starter_crm.app import create_app
from crm_shell.starter_crm.keys import app_key

__all__ = ["app_key", "serve"]

THREADS = 16
SHUTDOWN_S = 1


def serve(
    folder: Path,
    port: int,
    api_key: str,
    frame_ancestors: Sequence[str],
    bind: str = "127.0.0.1",
    *,
    faults: bool = False,
    on_worker_start: Callable[[], None] | None = None,
) -> None:
    """Serve the CRM until SIGTERM or SIGINT; ends by `SystemExit` within two seconds of it.

    Args:
        folder: Where its data are.
        port: From 1 to 65535.
        api_key: `app_key(folder)`, or another.
        frame_ancestors: As in `create_app`.
        bind: Address to listen on. On another one than loopback, the pages ask for the API key.
        faults: As in `create_app`.
        on_worker_start: Called in the serving process once it has been forked.
    """
    _Server(
        lambda: create_app(folder, api_key, frame_ancestors, faults=faults, is_public=not is_loopback(bind)),
        {
            "bind": f"[{bind}]:{port}" if ":" in bind else f"{bind}:{port}",
            "proc_name": "starter-crm",
            "workers": 1,  # one process writes the SQLite file
            "worker_class": "gthread",
            "threads": THREADS,
            "graceful_timeout": SHUTDOWN_S,
            "loglevel": "warning",
            "control_socket_disable": True,
            "when_ready": _stop_gently_at_sigint,
            "post_worker_init": lambda _worker: signal.signal(signal.SIGINT, signal.SIG_IGN),
            "post_fork": lambda _arbiter, _worker: on_worker_start and on_worker_start(),
        },
    ).run()


def _stop_gently_at_sigint(_arbiter: Any) -> None:
    """Let Ctrl-C, which reaches the serving process too, do what SIGTERM does."""
    stop = signal.getsignal(signal.SIGTERM)
    if callable(stop):
        signal.signal(signal.SIGINT, lambda _number, frame: stop(signal.SIGTERM, frame))


def is_loopback(bind: str) -> bool:
    """Tell whether only this machine reaches the address."""
    if bind == "localhost":
        return True
    try:
        return ipaddress.ip_address(bind).is_loopback
    except ValueError:
        return False


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with settings from Python instead of a command line."""

    def __init__(self, build: Callable[[], Flask], settings: dict[str, Any]) -> None:
        self._build = build
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Hand gunicorn our settings."""
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Build the app, in the serving process."""
        return self._build()
