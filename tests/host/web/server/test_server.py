"""gunicorn with our configuration."""

import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_websocket import Client, ConnectionClosed
from urllib3.util import Retry

from e2e.waiting import eventually
from host.errors import ConfigError
from host.listening import listen

RESET = struct.pack("ii", 1, 0)
"""For SO_LINGER: closing sends no end, but a reset."""
HANDSHAKE = (
    b"GET /socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
SCRIPT = Path(__file__).with_name("serve_sockets.py")
ENDS_WITHIN_S = 30
"""However busy the machine is. What doesn't end by itself is ended after twice as long: see `serve_sockets.py`."""


@pytest.mark.usefixtures("server")
def test_answers_without_a_banner(port: int) -> None:
    with _patient() as session:
        response = session.get(f"http://127.0.0.1:{port}/", timeout=30)

    assert response.text == "here"
    assert "Server" not in response.headers


@pytest.mark.usefixtures("server")
def test_what_the_server_itself_refuses_is_framed_by_nobody(port: int) -> None:
    with _patient() as session:
        response = session.get(f"http://127.0.0.1:{port}/?{'x' * 9000}", timeout=30)

    assert response.status_code == 414
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Content-Type"].startswith("text/plain")


@pytest.mark.usefixtures("server")
def test_serves_with_threads_or_with_gevent(port: int, gevent_processes: int) -> None:
    with _patient() as session:
        answer = session.get(f"http://127.0.0.1:{port}/kind", timeout=30)

    assert answer.text == ("gevent" if gevent_processes else "threads")


def test_sigterm_closes_sockets_with_1001_and_ends_before_it_would_be_ended(
    server: subprocess.Popen[bytes], port: int
) -> None:
    client = _connect(port)

    server.terminate()

    with pytest.raises(ConnectionClosed) as closed:
        client.receive(timeout=30)
    assert closed.value.reason == 1001
    assert server.wait(ENDS_WITHIN_S) == 0


def test_ctrl_c_closes_sockets_with_1001_and_says_nothing(
    capfd: pytest.CaptureFixture[str], server: subprocess.Popen[bytes], port: int
) -> None:
    with _patient() as session:
        session.get(f"http://127.0.0.1:{port}/", timeout=30)
        clients = [_connect(port) for _ in range(3)]

        os.killpg(server.pid, signal.SIGINT)  # as a terminal does: the serving processes hear it too

        for client in clients:
            with pytest.raises(ConnectionClosed) as closed:
                client.receive(timeout=30)
            assert closed.value.reason == 1001
        assert server.wait(ENDS_WITHIN_S) == 0
    assert capfd.readouterr().err == ""


def test_sigterm_lets_connections_go_on_which_nobody_asks(
    capfd: pytest.CaptureFixture[str], server: subprocess.Popen[bytes], port: int
) -> None:
    with _patient() as session:
        session.get(f"http://127.0.0.1:{port}/", timeout=30)

        server.terminate()

        assert server.wait(ENDS_WITHIN_S) == 0
    assert capfd.readouterr().err == ""


def test_sockets_cut_right_after_their_handshake_are_nothing_to_tell(
    capfd: pytest.CaptureFixture[str], server: subprocess.Popen[bytes], port: int
) -> None:
    _connect(port).close()
    for number in range(200):
        source = (f"127.0.0.{2 + number % 5}", 0)  # no more from each than its budget allows
        with socket.create_connection(("127.0.0.1", port), source_address=source) as cut:
            cut.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            cut.sendall(HANDSHAKE)
            if number % 2:
                cut.recv(4096)  # the answer to it

    client = _connect(port)  # all others were before it
    client.close()
    server.terminate()
    assert server.wait(ENDS_WITHIN_S) == 0
    assert capfd.readouterr().err == ""


def test_a_killed_server_leaves_the_port_free(server: subprocess.Popen[bytes], port: int) -> None:
    client = _connect(port)

    server.kill()

    with pytest.raises(ConnectionClosed):
        client.receive(timeout=30)  # the process that served it is gone too
    eventually(lambda: _is_free(port), what="the port is free")


def _is_free(port: int) -> bool:
    try:
        listen("127.0.0.1", port).close()
    except ConfigError:
        return False
    return True


def _connect(port: int) -> Client:
    with _patient() as session:
        session.get(f"http://127.0.0.1:{port}/", timeout=30)
    client = Client(f"ws://127.0.0.1:{port}/socket")
    client.send('{"op":"hello"}')
    assert client.receive(timeout=30) == '{"op":"hello"}'
    return client


def _patient() -> requests.Session:
    session = requests.Session()
    session.mount("http://", HTTPAdapter(max_retries=Retry(connect=100, backoff_factor=0.05, backoff_max=0.5)))
    return session


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture(params=[0, 1])
def gevent_processes(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def server(port: int, gevent_processes: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, str(SCRIPT), str(port), str(gevent_processes)]
    with subprocess.Popen(command, process_group=0) as process:
        yield process
        process.kill()
