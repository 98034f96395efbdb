"""Clients that send or read slowly, on a real port: they are disconnected, and don't delay others."""

import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from e2e.waiting import eventually
from host.web.server.fair_queue import (
    CONSUMERS,
    MOST_OF_CONSUMERS,
    MOST_OF_KIND,
)
from host.web.server.handshake_budget import MOST_OF_ONE as MOST_OF_ONE_HANDSHAKES

SCRIPT = Path(__file__).with_name("serve_sockets.py")
HALF_HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
WHOLE = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
POST = b"POST /length HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
HANDSHAKE = (
    b"GET /socket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
KNOWN = b'{"op":"hello","ticket":"t"}'
UNKNOWN = b'{"op":"hello"}'
REFUSED = WHOLE.replace(b"GET /", b"GET /refused")
MANY = 1300
"""More than there used to be threads."""


@pytest.mark.usefixtures("patient_server")
@pytest.mark.parametrize("begun", [b"", HALF_HEAD, POST + b"Content-Length: 100\r\n\r\nhalf"], ids=["", "head", "body"])
def test_half_requests_keep_nobody_from_being_served(port: int, begun: bytes) -> None:
    with ExitStack() as stack:
        for number in range(MANY):
            slow = stack.enter_context(_connect(port, f"127.0.0.{2 + number % 4}"))
            slow.sendall(begun)

        assert _ask(port, WHOLE).endswith(b"here")


@pytest.mark.usefixtures("impatient_server")
@pytest.mark.parametrize(
    "begun",
    [
        b"",
        HALF_HEAD,
        POST + b"Content-Length: 100\r\n\r\nhalf",
        POST + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        WHOLE.replace(b"close", b"keep-alive"),
        POST + b"Content-Length: 4000000\r\n\r\nhalf",
    ],
    ids=["nothing", "head", "body", "chunks", "next request", "long body"],
)
def test_who_does_not_go_on_is_cut_off(impatient_port: int, begun: bytes) -> None:
    with _connect(impatient_port) as slow:
        slow.sendall(begun)
        eventually(lambda: slow.recv(65_536) == b"", what="the connection is closed")


@pytest.mark.usefixtures("impatient_server")
def test_who_does_not_read_the_answer_is_cut_off(impatient_port: int) -> None:
    with _connect(impatient_port) as slow:
        before = _ask(impatient_port, REFUSED)
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(WHOLE.replace(b"GET /", b"GET /large"))
        eventually(lambda: _ask(impatient_port, REFUSED)[-1:] != before[-1:], what="the server has given up")


@pytest.mark.usefixtures("patient_server")
@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 5\r\n\r\n12345",
        b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n12345",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n",
    ],
    ids=["length", "expect", "chunked"],
)
def test_a_request_that_comes_byte_by_byte_is_answered(port: int, body: bytes) -> None:
    with _connect(port) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in POST + body:
            client.sendall(bytes([byte]))
        assert _rest(client).endswith(b"\r\n\r\n5")


@pytest.mark.usefixtures("patient_server")
def test_a_client_that_waits_to_be_told_to_go_on_is_told(port: int) -> None:
    with _connect(port) as client:
        client.sendall(POST + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        assert client.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"12345")
        assert _rest(client).endswith(b"\r\n\r\n5")


@pytest.mark.usefixtures("patient_server")
def test_requests_that_come_in_one_go_are_answered_in_order(port: int) -> None:
    first = POST.replace(b"close", b"keep-alive") + b"Content-Length: 5\r\n\r\n12345"
    with _connect(port) as client:
        client.sendall(first + first + WHOLE)
        answers = _rest(client)
    assert answers.count(b"HTTP/1.1 200 OK") == 3
    assert answers.endswith(b"here")


@pytest.mark.usefixtures("patient_server")
def test_of_too_many_that_wait_the_longest_waiting_goes(port: int) -> None:
    with ExitStack() as stack:
        waiting = [stack.enter_context(_connect(port)) for _ in range(500)]
        for each in waiting:
            each.sendall(HALF_HEAD)
        other = stack.enter_context(_connect(port, "127.0.0.9"))
        other.sendall(HALF_HEAD)
        last = stack.enter_context(_connect(port))

        assert waiting[0].recv(1024)[:12] in {b"", b"HTTP/1.1 503"}

        for each in (other, last):
            each.sendall(b"\r\n\r\n" if each is other else WHOLE)
            assert each.recv(15) == b"HTTP/1.1 200 OK"


def test_nobody_stands_behind_clients_that_gave_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    counted = WHOLE.replace(b"GET /", b"GET /consumer/count")
    with _serving(port, "0"), ExitStack() as stack:
        held = [stack.enter_context(_connect(port)) for _ in range(MOST_OF_CONSUMERS)]
        for each in held:
            each.sendall(WHOLE.replace(b"GET /", b"GET /consumer/held"))
        for _ in range(3):
            with _connect(port) as impatient:
                impatient.sendall(counted)
        last = stack.enter_context(_connect(port))
        last.sendall(counted)

        assert _ask(port, WHOLE.replace(b"GET /", b"GET /let-go")).endswith(b"let go")

        assert _rest(last).endswith(b"\r\n\r\n0")
        assert all(_rest(each).endswith(b"held") for each in held)


@pytest.mark.usefixtures("patient_server")
@pytest.mark.parametrize("expect", [b"", b"Expect: 100-continue\r\n"], ids=["plain", "expect"])
def test_consumers_who_are_slow_to_send_keep_no_other_consumer_waiting(port: int, expect: bytes) -> None:
    head = POST.replace(b"/length", b"/consumer/length") + expect + b"Content-Length: 5\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(MOST_OF_KIND[CONSUMERS]):
            slow = stack.enter_context(_connect(port))
            slow.sendall(head + b"half")
            assert not expect or slow.recv(1024).startswith(b"HTTP/1.1 100")
        answer = _ask(port, head + b"12345")
    assert answer.endswith(b"\r\n\r\n5")
    assert answer.count(b"HTTP/1.1 100 Continue") == bool(expect)


@pytest.mark.usefixtures("patient_server")
def test_sockets_that_lead_to_nothing_are_refused_and_those_with_a_ticket_are_not(port: int) -> None:
    with ExitStack() as stack:
        for _ in range(2 * MOST_OF_ONE_HANDSHAKES):
            assert _come_up(stack, port, "127.0.0.21", hello=KNOWN) == b"101"
        answers = [_come_up(stack, port, "127.0.0.22", hello=UNKNOWN) for _ in range(3 * MOST_OF_ONE_HANDSHAKES)]
        assert answers[:MOST_OF_ONE_HANDSHAKES] == [b"101"] * MOST_OF_ONE_HANDSHAKES
        assert b"503" in answers
        assert _come_up(stack, port, "127.0.0.21", hello=KNOWN) == b"101"


def _come_up(stack: ExitStack, port: int, source: str, *, hello: bytes) -> bytes:
    """Open a WebSocket, send a message and wait for its echo; return the handshake's status."""
    client = stack.enter_context(_connect(port, source))
    client.sendall(HANDSHAKE)
    status = client.recv(1024)[9:12]
    if status == b"101":
        client.sendall(bytes([0x81, 0x80 | len(hello), 0, 0, 0, 0]) + hello)
        assert client.recv(1024)[2:] == hello
    return status


def _connect(port: int, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=60, source_address=(source, 0))


def _ask(port: int, request: bytes) -> bytes:
    with _connect(port) as client:
        client.sendall(request)
        return _rest(client)


def _rest(client: socket.socket) -> bytes:
    found = b""
    while data := client.recv(65_536):
        found += data
    return found


@pytest.fixture(scope="module")
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture(scope="module", params=["0", "1"], ids=["threads", "gevent"])
def processes(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def patient_server(port: int, processes: str) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with _serving(port, processes):
        yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="module")
def impatient_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def impatient_server(impatient_port: int, processes: str) -> Iterator[None]:
    with _serving(impatient_port, processes, "0.5"):
        yield


@contextmanager
def _serving(port: int, *more: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, str(SCRIPT), str(port), *more])
    try:
        eventually(lambda: _answers(port), what="the server answers")
        yield
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    try:
        return _ask(port, WHOLE).endswith(b"here")
    except OSError:
        return False
