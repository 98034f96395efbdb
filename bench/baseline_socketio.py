"""Baseline server for sockets: Flask-SocketIO under gunicorn with gevent, as its manual recommends.

`python -m gunicorn -k gevent -w 1 bench.baseline_socketio:app`
"""

from flask import Flask, Response, request
from flask_socketio import ConnectionRefusedError, SocketIO, join_room

app = Flask(__name__)
socketio = SocketIO(app, async_mode="gevent", cors_allowed_origins="*")


@socketio.on("connect")  # type: ignore[untyped-decorator] # Flask-SocketIO has no types
def connect(auth: dict[str, str] | None) -> None:
    """Accept a client with a token, into the room of that name."""
    if not auth or not auth.get("token"):
        raise ConnectionRefusedError("no token")
    join_room(auth["token"])


@app.post("/send")
def send() -> Response:
    """Send the body to the room of `to`, or to all."""
    to = request.args.get("to")
    socketio.emit("post", request.get_json(), **({"to": to} if to else {}))
    return Response(status=204)
