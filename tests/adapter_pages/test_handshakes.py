"""Handshakes that fail: the answers, and the log."""

import http.client
import logging
import select
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import EnvironBuilder

from host.refusals import LOG_EVERY_S
from host.web.sockets.handshake_log import FOREIGN, NO_UPGRADE, Refusals
from tests.adapter_pages.live import LiveHost

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ASKING = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": KEY}
PATHS = ["/agent/socket", "/consumer/socket"]


@pytest.fixture
def host(tmp_path: Path) -> Iterator[LiveHost]:
    made = LiveHost(tmp_path)
    yield made
    made.stop()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("changed", "status", "reason"),
    [
        ({"Origin": "https://Evil.example"}, 403, "its page is https://evil.example, ours is http://127.0.0.1:"),
        ({"Origin": "null"}, 403, "its page is one without an origin"),
        ({"Origin": None}, 403, "it came without Origin"),
        ({"Upgrade": None, "Connection": "close"}, 400, "it came without Upgrade"),
        ({"Upgrade": None, "Connection": None}, 400, "the proxy in front must pass on the headers Upgrade and"),
        ({"Sec-WebSocket-Key": None}, 400, "it was no WebSocket of version 13"),
        ({"Sec-WebSocket-Version": "8"}, 400, "it was no WebSocket of version 13"),
    ],
)
def test_a_refused_handshake_is_told_with_its_reason_once(
    host: LiveHost,
    caplog: pytest.LogCaptureFixture,
    path: str,
    changed: dict[str, str | None],
    status: int,
    reason: str,
) -> None:
    headers = {name: value for name, value in {**ASKING, "Origin": host.origin, **changed}.items() if value}
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert _status(host, path, headers) == status
    [told] = [record.getMessage() for record in caplog.records if record.name.startswith("host")]
    assert told.startswith("refused 1 WebSocket handshake(s): ")
    assert reason in told
    assert KEY not in told


def test_a_minute_later_it_is_told_how_many_there_were(caplog: pytest.LogCaptureFixture) -> None:
    now = [1000.0]
    refusals = Refusals(lambda: now[0])
    for seconds in (0, 1, 2, LOG_EVERY_S, LOG_EVERY_S + 1):
        now[0] = 1000.0 + seconds
        refusals.note(NO_UPGRADE)
        refusals.note(FOREIGN, origin="https://evil.example", own="https://patchbay.example")
    told = [record.getMessage() for record in caplog.records]
    assert [text.split()[1] for text in told] == ["1", "1", "3", "3"]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_that_is_gone_before_its_handshake_is_answered_is_no_error(
    host: LiveHost, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    ours = _reset_by_its_page()
    environ = EnvironBuilder(
        path, base_url=host.origin, headers=[*ASKING.items(), ("Origin", host.origin)]
    ).get_environ()
    environ["werkzeug.socket"] = ours

    b"".join(host.app.wsgi_app(environ, lambda *_: lambda _: None))

    ours.close()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def _reset_by_its_page() -> socket.socket:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        page = socket.create_connection(listening.getsockname())
        ours, _ = listening.accept()
    page.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    page.close()
    select.select([ours], [], [], 5)
    return ours


def _status(host: LiveHost, path: str, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", host.port, timeout=5)
    connection.request("GET", path, headers=headers)
    try:
        return connection.getresponse().status
    finally:
        connection.close()
