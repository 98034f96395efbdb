"""Run a small application with a WebSocket under `host.web.server`; the test beside it talks to it."""

import sys

from flask import Flask
from flask_sock import Sock
from simple_websocket import Server

from host.web.server import Site, serve

SOCKETS: set[Server] = set()


def create_app() -> Flask:
    app = Flask(__name__)
    sock = Sock(app)

    @app.get("/")
    def page() -> str:
        return "here"

    @sock.route("/socket")  # type: ignore[untyped-decorator]
    def socket(connection: Server) -> None:
        SOCKETS.add(connection)
        connection.send("welcome")
        connection.receive()

    return app


def close_sockets(_app: Flask) -> None:
    for connection in SOCKETS:
        connection.close(1001, "the server restarts")


if __name__ == "__main__":
    serve(Site("127.0.0.1", int(sys.argv[1]), create_app, close_sockets))
