"""Runs a server of the standard library, or of Werkzeug, in a thread."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer

LOOKS_EVERY_S = 0.02
"""How soon it sees that it is to stop; by default it takes half a second, which each test would wait for."""


@contextmanager
def served(server: BaseServer) -> Iterator[None]:
    """Serve during the block, then stop and close the server."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": LOOKS_EVERY_S}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
