"""The doctor's WebSocket through the public URL."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from host.commands import socket_check
from host.commands.doctor import examine
from host.config import Config
from tests.adapter_pages.live import LiveHost
from tests.host.crm.http.test_tls import make_authority
from tests.serving import served


@pytest.fixture
def host(tmp_path: Path) -> Iterator[LiveHost]:
    made = LiveHost(tmp_path)
    yield made
    made.stop()


def test_a_running_host_is_asked_through_its_public_url(host: LiveHost, tmp_path: Path) -> None:
    lines = [finding.line() for finding in examine(_config(host, tmp_path, host.origin))]
    assert f"ok     Port {host.port} (Patchbay runs)" in lines
    assert f"ok     WebSocket through {host.origin}" in lines


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (200, "answered 200 instead of 101: let the proxy speak HTTP/1.1 to Patchbay and pass on the headers Upgrade"),
        (400, "answered 400 instead of 101: let the proxy speak HTTP/1.1"),
        (403, "let the proxy pass on Host, and set PATCHBAY_PUBLIC_URL"),
        (421, "let the proxy pass on Host, or set PATCHBAY_ALLOWED_HOSTS"),
        (502, "the proxy can't reach Patchbay"),
        (101, "another server than Patchbay answers there"),
    ],
)
def test_a_proxy_that_lets_no_socket_through_is_told_apart(
    host: LiveHost, tmp_path: Path, status: int, says: str
) -> None:
    with proxy(status) as url:
        found = [finding for finding in examine(_config(host, tmp_path, url)) if "WebSocket" in finding.what]
    assert [finding.is_wrong for finding in found] == [True]
    assert says in found[0].advice


def test_nobody_there_and_a_certificate_of_nobody(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    assert "nothing answers there" in socket_check.problem(url)
    with proxy(200, make_authority(tmp_path).issue("proxy")) as url:
        assert "TLS fails" in socket_check.problem(url)


def test_a_host_that_does_not_run_is_not_asked(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    findings = examine(Config.from_env({"PATCHBAY_PORT": str(port)}, data=tmp_path))
    assert [finding.what for finding in findings if "WebSocket" in finding.what] == []
    assert not socket_check.runs(Config.from_env({"PATCHBAY_PORT": str(port)}, data=tmp_path))


def _config(host: LiveHost, data: Path, public_url: str) -> Config:
    return Config.from_env({"PATCHBAY_PORT": str(host.port), "PATCHBAY_PUBLIC_URL": public_url}, data=data)


@contextmanager
def proxy(status: int, certificate: str = "") -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Say nothing of a handshake that fails, which is what is tested."""

    server = Server(("127.0.0.1", 0), Handler)
    scheme = "https" if certificate else "http"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with served(server):
        yield f"{scheme}://127.0.0.1:{server.server_address[1]}"
