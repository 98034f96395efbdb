"""A server of another origin: adapters of another tenant that post on demand, and record pages of a CRM."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

PAGES = Path(__file__).parent / "pages"
FILES = {"/agent/": "vendor.html", "/vendor.js": "vendor.js", "/record.js": "record.js"}
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript"}


@dataclass(frozen=True)
class Vendor:
    """Where it is."""

    host: str
    """`localhost:40001`; the product is at 127.0.0.1, so this is another site."""

    @property
    def url(self) -> str:
        """Its origin."""
        return f"http://{self.host}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        name = "record.html" if path.startswith("/records/") else FILES.get(path)
        body = (PAGES / name).read_bytes() if name else b"not here"
        self.send_response(HTTPStatus.OK if name else HTTPStatus.NOT_FOUND)
        self.send_header("Content-Type", TYPES.get(Path(name or "").suffix, "text/plain"))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@contextmanager
def served() -> Iterator[Vendor]:
    """Serve from a thread."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Vendor(f"localhost:{server.server_address[1]}")
    finally:
        server.shutdown()
        server.server_close()
