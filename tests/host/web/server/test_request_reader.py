"""What is known of a request before a thread reads it."""

import pytest

from host.web.server.fair_queue import (
    CONSUMERS,
    SIGN_INS,
)
from host.web.server.minimum_rate_sockets import BYTES_PER_S
from host.web.server.request_reader import IncomingRequest


@pytest.mark.parametrize(
    ("forwarded", "proxies", "customer"),
    [
        (b"192.0.2.7", 0, "127.0.0.1"),
        (b"192.0.2.7", 1, "192.0.2.7"),
        (b"6.6.6.6, 192.0.2.7:5000", 1, "192.0.2.7"),
        (b"192.0.2.7, 10.0.0.1", 2, "192.0.2.7"),
        (b"192.0.2.7", 2, "127.0.0.1"),
    ],
)
def test_sees_through_as_many_proxies_as_are_trusted(forwarded: bytes, proxies: int, customer: str) -> None:
    incoming = IncomingRequest(b"GET / HTTP/1.1\r\nX-Forwarded-For: " + forwarded + b"\r\n\r\n")
    assert incoming.customer("127.0.0.1", proxies) == customer


@pytest.mark.parametrize(
    ("target", "is_socket"),
    [
        ("/agent/socket", True),
        ("/agent/socke%74", True),
        ("/consumer/socket?x=1", True),
        ("/agent/", False),
        ("/consumer/chats#/socket", False),
        ("/consumer/chats?#/socket", False),
        ("/consumer/chats?x=/socket", False),
        ("http://127.0.0.1/agent/socket", True),
        ("http://[/agent/socket", False),
    ],
)
def test_only_our_sockets_stay_for_long(target: str, *, is_socket: bool) -> None:
    incoming = IncomingRequest(f"GET {target} HTTP/1.1\r\nUpgrade: WebSocket\r\n\r\n".encode())
    assert incoming.is_socket == is_socket


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("/consumer/", CONSUMERS),
        ("/%63onsumer/chats", CONSUMERS),
        ("http://127.0.0.1/consumer/chats", CONSUMERS),
        ("/sign-in", SIGN_INS),
        ("/sign%2Din?next=/", SIGN_INS),
        ("/sign-in#/consumer", SIGN_INS),
        ("/sign-in/popup", ""),
        ("/agent/?next=/consumer/", ""),
    ],
)
def test_what_anybody_may_ask_is_known_however_its_address_is_written(target: str, kind: str) -> None:
    assert IncomingRequest(f"POST {target} HTTP/1.1\r\n\r\n".encode()).kind == kind


@pytest.mark.parametrize("body", [b"Content-Length: 1", b"Content-Length: 4000000", b"Transfer-Encoding: chunked"])
def test_a_request_with_a_body_is_no_socket(body: bytes) -> None:
    assert not IncomingRequest(
        b"GET /agent/socket HTTP/1.1\r\nUpgrade: websocket\r\n" + body + b"\r\n\r\n0\r\n\r\n"
    ).is_socket


@pytest.mark.parametrize(
    ("head", "body", "is_whole"),
    [
        (b"Content-Length: 0000000000000000005", b"1234", False),
        (b"Content-Length: 0000000000000000005", b"12345", True),
        (b"Content-Length: 0000000000000000000", b"", True),
        (b"Transfer-Encoding: chunked", b"10\r\n01234567890\r\n\r\n", False),
        (b"Transfer-Encoding: chunked", b"5\r\n0\r\n\r\n\r\n", False),
        (b"Transfer-Encoding: chunked", b"5;a=b\r\n0\r\n\r\n\r\n0\r\n\r\n", True),
        (b"Transfer-Encoding: chunked", b"0000000000000000000005\r\n1234", False),
        (b"Transfer-Encoding: chunked", b"ffffffffffffffffffff\r\n0\r\n\r\n", False),
        (b"Transfer-Encoding: chunked", b"000\r\nX-Trailer: 1\r\n", False),
        (b"Transfer-Encoding: chunked", b"000\r\nX-Trailer: 1\r\n\r\n", True),
        (b"Transfer-Encoding: chunked", b"no size\r\n", True),
    ],
)
@pytest.mark.parametrize("is_in_one_go", [True, False])
def test_only_a_whole_body_gets_a_thread(head: bytes, body: bytes, *, is_whole: bool, is_in_one_go: bool) -> None:
    request = b"POST /length HTTP/1.1\r\n" + head + b"\r\n\r\n" + body
    incoming = IncomingRequest(request if is_in_one_go else b"")
    for byte in b"" if is_in_one_go else request:
        incoming.take(bytes([byte]))
    assert incoming.is_whole == is_whole


def test_a_body_has_as_long_as_it_needs_at_the_minimum_rate() -> None:
    short, long = (
        IncomingRequest(f"POST / HTTP/1.1\r\nContent-Length: {length}\r\n\r\n".encode()).until
        for length in (0, BYTES_PER_S * 100)
    )
    assert 99 < long - short < 101
