"""Which hosts a request may ask for, tried on a real server."""

import http.client
from collections.abc import Iterator

import pytest
from werkzeug.serving import BaseWSGIServer, make_server

from host import services as wiring
from host.app import create_app
from host.config import Config
from host.db.engine import Database
from host.web.security import own_hosts
from tests.databases import lay_migrated_tables
from tests.host.web.people import PAGE
from tests.serving import served

LOCAL = "http://127.0.0.1:8000"
PUBLIC = "https://bücher.example"
SOCKET = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
MISDIRECTED = 421


@pytest.mark.parametrize(
    ("public_url", "allowed", "host", "is_ours"),
    [
        (LOCAL, "", "127.0.0.1:8000", True),
        (LOCAL, "", "127.0.0.1:49152", True),
        (LOCAL, "", "localhost", True),
        (LOCAL, "", "LOCALHOST.:49152", True),
        (LOCAL, "", "crm.localhost:8000", True),
        (LOCAL, "", "127.0.0.2", True),
        (LOCAL, "", "[::1]:8000", True),
        ("http://localhost:8000", "", "127.0.0.1:9", True),
        ("http://[::1]:8000", "", "localhost", True),
        (LOCAL, "", "evil.example", False),
        (LOCAL, "", "evil.example:8000", False),
        (LOCAL, "", "localhost.evil.example", False),
        (LOCAL, "", "127.0.0.1.evil.example", False),
        (LOCAL, "", "192.0.2.7:8000", False),
        (LOCAL, "", "", False),
        (LOCAL, "", "127.0.0.1@evil.example", False),
        (LOCAL, "", "evil.example@127.0.0.1", False),
        (LOCAL, "", "[::1", False),
        (LOCAL, "192.0.2.7, patchbay.internal", "192.0.2.7:8000", True),
        (LOCAL, "192.0.2.7, patchbay.internal", "Patchbay.Internal.:8000", True),
        (LOCAL, "192.0.2.7, patchbay.internal", "sub.patchbay.internal", False),
        (LOCAL, "192.0.2.7", "localhost:8000", True),
        (PUBLIC, "", "xn--bcher-kva.example", True),
        (PUBLIC, "", "xn--bcher-kva.example.:8443", True),
        (PUBLIC, "", "evil.example", False),
        (PUBLIC, "", "127.0.0.1:8000", True),
        (PUBLIC, "", "localhost", True),
    ],
)
def test_a_host_is_ours_in_whatever_spelling(public_url: str, allowed: str, host: str, is_ours: bool) -> None:
    config = Config.from_env({"PATCHBAY_PUBLIC_URL": public_url, "PATCHBAY_ALLOWED_HOSTS": allowed})
    assert own_hosts.is_ours(host, config) == is_ours


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BaseWSGIServer]:
    config = Config.from_env({"PATCHBAY_TRUSTED_PROXIES": "1"}, data=tmp_path_factory.mktemp("data"))
    database = Database(config.database_url)
    lay_migrated_tables(database)
    database.close()
    services = wiring.build(config)
    services.bus.start()
    made = make_server("127.0.0.1", 0, create_app(config, services), threaded=True)
    with served(made):
        yield made
    services.stop()


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", PAGE),
        ("/consumer/", PAGE),
        ("/no/such/page", PAGE),
        ("/embed.js", {}),
        ("/manager/api/v1/calls", {}),
        ("/api/v1/chats", {}),
        ("/agent/socket", SOCKET),
        ("/consumer/socket", SOCKET),
    ],
)
def test_another_host_gets_nothing(server: BaseWSGIServer, path: str, headers: dict[str, str]) -> None:
    own = f"http://evil.example:{server.port}"
    answer, text = _get(server, path, {**headers, "Host": own.removeprefix("http://"), "Origin": own})
    assert answer.status == MISDIRECTED
    assert "evil.example:" in text
    assert "PATCHBAY_ALLOWED_HOSTS" in text
    assert (answer.headers["Content-Type"] == "application/json") == (headers is not PAGE)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1@evil.example", "<script>alert(1)</script>", ""])
def test_what_was_asked_for_is_shown_as_text(server: BaseWSGIServer, host: str) -> None:
    answer, text = _get(server, "/", {**PAGE, "Host": host})
    assert answer.status == MISDIRECTED
    assert "<script>" not in text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_both_ways_to_write_this_machine_are_ours(server: BaseWSGIServer, host: str) -> None:
    origin = f"http://{host}:{server.port}"
    assert _get(server, "/", {**PAGE, "Host": f"{host}:{server.port}"})[0].status == 200
    asking = {**SOCKET, "Host": f"{host}:{server.port}", "Origin": origin}
    assert _get(server, "/agent/socket", asking)[0].status == 101


@pytest.mark.parametrize("path", sorted(own_hosts.FOR_PROBES))
def test_probes_ask_by_any_address(server: BaseWSGIServer, path: str) -> None:
    assert _get(server, path, {"Host": "192.0.2.7:8000"})[0].status != MISDIRECTED


@pytest.mark.parametrize(
    ("given", "status"),
    [({"X-Forwarded-Host": "evil.example"}, MISDIRECTED), ({"X-Forwarded-Host": "evil.example, localhost"}, 200)],
)
def test_the_trusted_proxy_says_for_which_host(server: BaseWSGIServer, given: dict[str, str], status: int) -> None:
    assert _get(server, "/", {**PAGE, "Host": f"127.0.0.1:{server.port}", **given})[0].status == status


def _get(server: BaseWSGIServer, path: str, headers: dict[str, str]) -> tuple[http.client.HTTPResponse, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer, "" if answer.status == 101 else answer.read().decode()
    finally:
        connection.close()
