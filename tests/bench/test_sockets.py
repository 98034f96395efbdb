"""The client of the sockets' benchmark, against frames that a server would send and a real server."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench import socket_frames as frames
from bench import socket_servers as servers
from bench.socket_client import EVENT

ROOT = Path(__file__).parents[2]


def from_server(payload: bytes, opcode: int = frames.TEXT) -> bytes:
    """Return a frame without mask."""
    written = frames.written(opcode, payload)
    start = 2 if len(payload) < 126 else 4
    return bytes([written[0], written[1] & 0x7F]) + written[2:start] + payload


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535])
def test_frames_are_read_whole_however_they_come(length: int) -> None:
    text = b"x" * length
    stream = from_server(text) + from_server(b"pong me", frames.PING)
    buffer, found = bytearray(), []
    for start in range(0, len(stream), 1000):
        buffer += stream[start : start + 1000]
        found += list(frames.read(buffer))
    assert found == [(frames.TEXT, text), (frames.PING, b"pong me")]
    assert not buffer


def test_what_has_not_come_whole_waits() -> None:
    buffer = bytearray(from_server(b"x" * 300)[:-1])
    assert list(frames.read(buffer)) == []
    assert len(buffer) == 303


def test_no_frame_of_ours_is_larger_than_it_says() -> None:
    with pytest.raises(ValueError, match="65536 bytes"):
        frames.written(frames.TEXT, bytes(65_536))


@pytest.mark.parametrize(
    "text",
    [
        '{"op":"post","message":' + json.dumps('{"type":"New_Chat","data":{"chat_id":103646}}') + "}",
        '42["post",{"chat_id":103646,"queue_id":3}]',
        '{"chat_id": 103646}',
    ],
)
def test_an_event_is_known_by_its_number_however_it_is_wrapped(text: str) -> None:
    found = EVENT.search(text.encode())
    assert found
    assert found[1] == b"103646"


@pytest.fixture(params=["Flask-SocketIO", "Starlette"])
def server(request: pytest.FixtureRequest) -> Iterator[servers.Server]:
    with {"Flask-SocketIO": servers.flask_socketio, "Starlette": servers.starlette}[request.param]() as made:
        yield made


def test_an_event_for_one_reaches_that_client_and_one_for_all_reaches_all(server: servers.Server) -> None:
    command = [sys.executable, "-m", "bench.socket_client", server.host, server.kind]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as clients:
        assert clients.stdin
        assert clients.stdout

        def ask(**command: object) -> dict[str, Any]:
            assert clients.stdin
            assert clients.stdout
            clients.stdin.write(json.dumps(command) + "\n")
            clients.stdin.flush()
            answer: dict[str, Any] = json.loads(clients.stdout.readline())
            return answer

        assert ask(connect=server.tokens(20)) == {"held": 20, "lost": {}}
        began = server.send(7, 1)
        [[client, at]] = ask(**{"await": [1, 1]})["arrived"]
        server.send_all(2)
        to_all = ask(**{"await": [2, 20]})["arrived"]
    assert client == 7
    assert at >= began
    assert sorted(each[0] for each in to_all) == list(range(20))
