"""Baseline server for sockets: Starlette under uvicorn.

`python -m uvicorn bench.baseline_starlette:app`
"""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

POLICY_VIOLATION = 1008
rooms: dict[str, WebSocket] = {}


async def connect(socket: WebSocket) -> None:
    """Accept a client with a token."""
    await socket.accept()
    token = (await socket.receive_json()).get("token")
    if not token:
        await socket.close(POLICY_VIOLATION)
        return
    rooms[token] = socket
    await socket.send_json({"op": "welcome"})
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        del rooms[token]


async def send(request: Request) -> Response:
    """Send the body to the room of `to`, or to all."""
    text = (await request.body()).decode()
    to = request.query_params.get("to")
    for socket in [rooms[to]] if to else list(rooms.values()):
        await socket.send_text(text)
    return Response(status_code=204)


app = Starlette(routes=[WebSocketRoute("/socket", connect), Route("/send", send, methods=["POST"])])
