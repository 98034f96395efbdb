"""The main functions of web and worker processes, which run until SIGTERM.

Other modules are imported inside the functions: gevent has to patch the standard library before they use it.
"""

import fcntl
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from host import data_folder
from host.config import Config
from host.errors import ConfigError, HostError
from host.web.server.server import Site, serve

WORKER_LOCK = "worker.lock"
WAIT_FOR_LOCK_S = 12


def web(config: Config) -> None:
    """Serve the web until SIGTERM.

    Raises:
        SystemExit: The data folder or the database can't be used; the reason is printed.
    """

    def create() -> Any:
        from host.app import create_app  # noqa: PLC0415

        return create_app(config)

    _migrate_aside(config)
    serve(
        Site(
            config.bind,
            config.port,
            create_app=create,
            close_sockets=lambda app: app.extensions["patchbay"].hub.close_all(),
            gevent_processes=0 if config.is_sqlite else config.web_processes,
            trusted_proxies=config.trusted_proxies,
        )
    )


def worker(config: Config) -> None:
    """Work until SIGTERM.

    Raises:
        ConfigError: Another worker uses the same SQLite database.
    """
    from host import services  # noqa: PLC0415
    from host.worker import worker as work  # noqa: PLC0415

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        # From a thread: the handler may interrupt a wait for the same event.
        signal.signal(number, lambda *_: threading.Thread(target=stop.set, daemon=True).start())
    _migrate(config)
    with _the_only_one(config) if config.is_sqlite else nullcontext():
        built = services.build(config)
        try:
            with work.engine_for(built) as engine, built.webhooks.running():
                work.run(built, engine, stop)
        finally:
            built.stop()


def _migrate_aside(config: Config) -> None:
    """Migrate in a child process: this one must import nothing before gevent, and the server would retry for ever."""
    process = os.fork()
    if process == 0:
        status = 1
        try:
            _migrate(config)
            status = 0
        except HostError as error:
            sys.stderr.write(f"patchbay: {error}\n")
            sys.stderr.flush()
        finally:
            os._exit(status)
    _, status = os.waitpid(process, 0)
    if status:
        sys.exit(1)


def _migrate(config: Config) -> None:
    """Migrate the database; without `patchbay serve`, nothing else has done it."""
    from host.db import migrate  # noqa: PLC0415
    from host.db.connect import open_database  # noqa: PLC0415

    data_folder.make(config.data)
    database = open_database(config.database_url)
    try:
        migrate.upgrade(database)
    finally:
        database.close()


@contextmanager
def _the_only_one(config: Config) -> Iterator[None]:
    """Hold the lock of the only worker that a SQLite database may have; wait for one that is stopping."""
    with (config.data / WORKER_LOCK).open("a") as file:
        give_up_at = time.monotonic() + WAIT_FOR_LOCK_S
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > give_up_at:
                    raise ConfigError(
                        f"Another worker uses {config.data}; with SQLite there can be only one."
                    ) from error
                time.sleep(0.1)
        yield
