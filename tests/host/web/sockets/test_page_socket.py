"""A page socket on a fake socket of the library."""

import json
import logging
import socket
import threading
import time
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from simple_websocket import ConnectionClosed, Server

from host.web.sockets import page_socket as web
from host.web.sockets.page_socket import PageSocket


def _ended() -> threading.Thread:
    thread = threading.Thread(target=lambda: None)
    thread.start()
    return thread


@dataclass
class FakeServer:
    """What `simple_websocket.Server` is to a connection."""

    sock: socket.socket
    input_buffer: list[str | bytes] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    closed: tuple[int, str] | None = None
    event: threading.Event = field(default_factory=threading.Event)
    ws: SimpleNamespace = field(default_factory=SimpleNamespace)
    thread: threading.Thread = field(default_factory=_ended)

    @property
    def connected(self) -> bool:
        return self.closed is None

    def receive(self, timeout: float | None = None) -> str | bytes | None:
        if self.closed is not None:
            raise ConnectionClosed(*self.closed)
        return self.input_buffer.pop(0) if self.input_buffer else None

    def send(self, text: str) -> None:
        if self.closed is not None:
            raise ConnectionClosed(*self.closed)
        self.sent.append(json.loads(text))

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)


@pytest.fixture
def server() -> FakeServer:
    return FakeServer(socket.socket())


@pytest.fixture
def connection(server: FakeServer) -> PageSocket:
    made = PageSocket(cast(Server, server))
    made.poll_interval_s = 0.001
    return made


@pytest.fixture(autouse=True)
def _close(server: FakeServer) -> Any:
    yield
    server.sock.close()


def test_looks_for_news_first_then_hears_what_comes(server: FakeServer, connection: PageSocket) -> None:
    messages = connection.messages()
    server.input_buffer.append('{"op": "used"}')
    assert next(messages) == {"op": "used"}
    assert next(messages) is None


def test_looks_again_when_it_is_woken_and_when_nothing_came_for_long(connection: PageSocket) -> None:
    messages = connection.messages()
    assert next(messages) is None
    connection.wake()
    assert next(messages) is None
    assert next(messages) is None  # nobody woke it


def test_what_was_looked_at_outside_of_the_rounds_is_not_looked_at_again(
    server: FakeServer, connection: PageSocket
) -> None:
    connection.mark_polled()
    messages = connection.messages()
    server.input_buffer.append('{"op": "used"}')
    assert next(messages) == {"op": "used"}
    connection.leave(1001, "the server restarts")
    with pytest.raises(ConnectionClosed):
        next(messages)


def test_connections_look_all_the_same_at_moments_that_some_share_and_others_do_not() -> None:
    made = [PageSocket(cast(Server, FakeServer(socket.socket()))) for _ in range(web.POLL_GROUP_SIZE * 4)]
    moments = sorted({round((time.monotonic() + each._pause_s()) % web.POLL_INTERVAL_S, 1) for each in made})
    assert 4 <= len(moments) <= 10  # one more where a batch began before us; the clock goes on meanwhile
    assert moments[-1] - moments[0] > web.POLL_INTERVAL_S / 4
    for each in made:
        each._server.sock.close()


def test_one_with_much_patience_says_that_it_is_alive_without_looking(
    server: FakeServer, connection: PageSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "POLL_INTERVAL_S", 0.001)
    connection.poll_interval_s = 60
    connection.alive_every_s = 0
    connection.mark_polled()
    messages = connection.messages()
    threading.Timer(0.1, connection.leave, (1001, "the server restarts")).start()
    with pytest.raises(ConnectionClosed):
        next(messages)
    assert server.sent[0] == {"op": "alive"}


def test_a_wake_up_while_it_looks_is_not_lost(server: FakeServer, connection: PageSocket) -> None:
    connection.poll_interval_s = 60
    messages = connection.messages()
    assert next(messages) is None
    connection.wake()
    server.input_buffer.append('{"op": "used"}')
    assert next(messages) == {"op": "used"}
    assert next(messages) is None


def test_says_that_it_is_alive_when_it_has_said_nothing_for_long(server: FakeServer, connection: PageSocket) -> None:
    connection.alive_every_s = 0
    messages = connection.messages()
    next(messages)
    next(messages)
    assert {message["op"] for message in server.sent} == {"alive"}


def test_a_busy_connection_needs_no_sign_of_life(server: FakeServer, connection: PageSocket) -> None:
    messages = connection.messages()
    for _ in range(3):
        next(messages)
    assert server.sent == []


def test_leaves_when_it_is_told_to_with_the_reason(server: FakeServer, connection: PageSocket) -> None:
    messages = connection.messages()
    next(messages)
    connection.leave(1001, "the server restarts")
    with pytest.raises(ConnectionClosed):
        next(messages)
    assert server.closed == (1001, "the server restarts")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no JSON", web.POLICY_VIOLATION),
        ("[]", web.POLICY_VIOLATION),
        ("7", web.POLICY_VIOLATION),
        ("[" * 20_000, web.POLICY_VIOLATION),
        (b"\xff", web.POLICY_VIOLATION),
        (json.dumps({"op": "é" * web.MAX_BYTES}), web.TOO_BIG),
    ],
)
def test_closes_on_what_is_no_message(server: FakeServer, connection: PageSocket, text: str | bytes, code: int) -> None:
    server.input_buffer.append(text)
    with pytest.raises(ConnectionClosed):
        list(connection.messages())
    assert server.closed is not None
    assert server.closed[0] == code


def test_closes_on_a_flood(server: FakeServer, connection: PageSocket) -> None:
    server.input_buffer += ["{}"] * (web.MAX_UNREAD + 2)
    with pytest.raises(ConnectionClosed):
        list(connection.messages())
    assert server.closed == (web.POLICY_VIOLATION, "too many messages at once")


class StuckServer(FakeServer):
    def send(self, text: str) -> None:
        raise TimeoutError


def test_a_page_that_does_not_read_is_gone(server: FakeServer) -> None:
    with pytest.raises(ConnectionClosed):
        PageSocket(cast(Server, StuckServer(server.sock))).send(op="state")


def test_what_goes_wrong_unexpectedly_closes_with_1011_and_is_logged_without_values(
    server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    phone = f"+{12125550100 + 1}"  # lines of the code are in the log, and this one doesn't show it

    def serve(_connection: PageSocket) -> None:
        raise RuntimeError(phone)

    with caplog.at_level(logging.ERROR):
        web.guarded(serve, cast(Server, server))
    assert server.closed is not None
    assert server.closed[0] == web.UNEXPECTED
    assert "RuntimeError" in caplog.text
    assert phone not in caplog.text


def test_a_page_that_goes_is_no_error(server: FakeServer, caplog: pytest.LogCaptureFixture) -> None:
    def serve(connection: PageSocket) -> None:
        connection.close(1000, "bye")

    web.guarded(serve, cast(Server, server))
    assert caplog.text == ""


def test_two_threads_send_whole_messages_on_one_socket() -> None:
    ours, theirs = socket.socketpair()
    whole = web._WholeSends(ours)
    body = [bytes([letter]) * 200_000 for letter in b"ab"]
    senders = [threading.Thread(target=whole.send, args=(each,)) for each in body]
    for sender in senders:
        sender.start()
    received = b""
    while len(received) < 400_000:
        received += theirs.recv(65_536)
    for sender in senders:
        sender.join()
    ours.close()
    theirs.close()
    assert received in {body[0] + body[1], body[1] + body[0]}


def test_what_the_page_said_before_it_went_is_heard_out(server: FakeServer, connection: PageSocket) -> None:
    server.input_buffer += ['{"op": "act", "id": "a"}', '{"op": "act", "id": "b"}']
    server.closed = (1001, "going away")
    assert [message["id"] for message in connection.unhandled_messages()] == ["a", "b"]


def test_nothing_is_heard_out_when_it_was_us_who_closed(server: FakeServer, connection: PageSocket) -> None:
    server.input_buffer.append('{"op": "act", "id": "a"}')
    with pytest.raises(ConnectionClosed):
        connection.close(4401, "signed out")
    assert list(connection.unhandled_messages()) == []


def test_a_page_that_has_gone_at_once_is_no_error(server: FakeServer, caplog: pytest.LogCaptureFixture) -> None:
    server.sock.close()  # by the reading thread
    served: list[PageSocket] = []

    web.guarded(served.append, cast(Server, server))

    assert served == []
    assert caplog.records == []
