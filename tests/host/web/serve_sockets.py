"""Run a small application with a WebSocket: `python serve_sockets.py <port> <gevent processes>`."""

import sys
from typing import TYPE_CHECKING

from flask import Flask
from flask_sock import Sock
from gevent.monkey import is_module_patched
from simple_websocket import Server

from host.web.server import Site, serve

if TYPE_CHECKING:
    from host.web.connection import Connection

SOCKETS: "set[Connection]" = set()


def create_app() -> Flask:
    from host.web.connection import OPTIONS, guarded  # as in the product: after gevent has changed the library

    app = Flask(__name__)
    app.config["SOCK_SERVER_OPTIONS"] = OPTIONS
    sock = Sock(app)

    @app.get("/")
    def page() -> str:
        return "here"

    @app.get("/kind")
    def kind() -> str:
        return "gevent" if is_module_patched("threading") else "threads"

    @sock.route("/socket")  # type: ignore[untyped-decorator]
    def socket(server: Server) -> None:
        guarded(echo, server)

    return app


def echo(connection: "Connection") -> None:
    SOCKETS.add(connection)
    for message in connection.rounds():
        if message is not None:
            connection.send(**message)


def close_sockets(_app: Flask) -> None:
    for connection in SOCKETS:
        connection.leave(1001, "the server restarts")


if __name__ == "__main__":
    serve(Site("127.0.0.1", int(sys.argv[1]), create_app, close_sockets, gevent_processes=int(sys.argv[2])))
