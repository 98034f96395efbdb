"""What a web process and a worker process do until SIGTERM."""

import signal
import threading

from host import services
from host.app import create_app
from host.config import Config
from host.jobs.worker import run
from host.web.server import Site, serve


def web(config: Config) -> None:
    """Serve the web until SIGTERM."""
    serve(
        Site(
            config.bind,
            config.port,
            create_app=lambda: create_app(config),
            close_sockets=lambda app: app.extensions["patchbay"].hub.close_all(),
        )
    )


def worker(config: Config) -> None:
    """Work until SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        # From a thread: the handler may interrupt a wait for the same event.
        signal.signal(number, lambda *_: threading.Thread(target=stop.set, daemon=True).start())
    built = services.build(config)
    try:
        run(built, stop)
    finally:
        built.stop()
