"""Runs a small application with a WebSocket: `python serve_sockets.py <port> <gevent processes> [<patience in s>]`."""

import itertools
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING

from flask import Flask, request
from flask_sock import Sock
from gevent.monkey import is_module_patched
from simple_websocket import Server

from host.refusals import refusals
from host.web.server import minimum_rate_sockets, server
from host.web.server.handshake_budget import handshake_budget
from host.web.server.server import Site, serve

if TYPE_CHECKING:
    from host.web.sockets.page_socket import PageSocket

SOCKETS: "set[PageSocket]" = set()
LET_GO = threading.Event()
COUNT = itertools.count()


def create_app() -> Flask:
    from host.web.sockets.page_socket import OPTIONS, guarded  # as in the product, after gevent has patched the library

    app = Flask(__name__)
    app.config["SOCK_SERVER_OPTIONS"] = OPTIONS
    sock = Sock(app)

    @app.get("/")
    def page() -> str:
        return "here"

    @app.get("/kind")
    def kind() -> str:
        return "gevent" if is_module_patched("threading") else "threads"

    @app.get("/large")
    def large() -> str:
        return "x" * 32 * 1024 * 1024

    @app.get("/refused")
    def refused() -> str:
        return str(refusals.counts().get("slow_requests", 0))

    @app.post("/length")
    @app.post("/consumer/length")
    def length() -> str:
        return str(len(request.get_data()))

    _add_turns(app)

    @sock.route("/socket")  # type: ignore[untyped-decorator]
    def socket(server: Server) -> None:
        def known(connection: "PageSocket") -> None:
            connection.on_authenticated(partial(handshake_budget.give_back, customer))
            echo(connection)

        customer = str(request.remote_addr)
        guarded(known, server)

    return app


def _add_turns(app: Flask) -> None:
    """Add requests that run until they are released, and count them."""

    @app.get("/consumer/held")
    def held() -> str:
        LET_GO.wait(20)
        return "held"

    @app.get("/let-go")
    def let_go() -> str:
        LET_GO.set()
        return "let go"

    @app.get("/consumer/count")
    def count() -> str:
        return str(next(COUNT))


def echo(connection: "PageSocket") -> None:
    SOCKETS.add(connection)
    for message in connection.messages():
        if message is not None:
            if "ticket" in message:
                connection.mark_authenticated()
            connection.send(**message)


def close_sockets(_app: Flask) -> None:
    for connection in SOCKETS:
        connection.leave(1001, "the server restarts")


if __name__ == "__main__":
    server.GRACE_S = 60  # a server that ends sooner waits for nobody
    minimum_rate_sockets.WITHIN_S = float(sys.argv[3]) if len(sys.argv) > 3 else minimum_rate_sockets.WITHIN_S
    minimum_rate_sockets.BYTES_PER_S = 1_000_000 if len(sys.argv) > 3 else minimum_rate_sockets.BYTES_PER_S
    serve(Site("127.0.0.1", int(sys.argv[1]), create_app, close_sockets, gevent_processes=int(sys.argv[2])))
