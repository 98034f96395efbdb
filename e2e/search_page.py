"""A CRM without an API: all it has is a page that searches by phone or e-mail."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PEOPLE = {"+12125550471": "Felix Leiter", "felix+1@example.com": "Felix Leiter"}
PAGE = "<!doctype html><html lang=en><title>Old CRM</title><link rel=icon href=data:,><h1>{heading}</h1>"


@dataclass
class SearchPage:
    """The running CRM."""

    url: str
    asked: list[str] = field(default_factory=list)
    """The path and query of each request for a page, by browsers and others."""


@contextmanager
def search_page() -> Iterator[SearchPage]:
    """Run it during the block."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            crm.asked.append(self.path)
            query = parse_qs(urlsplit(self.path).query)
            wanted = next(iter([*query.get("phone", []), *query.get("email", [])]), "")
            body = PAGE.format(heading=escape(PEOPLE.get(wanted, f"Nobody is {wanted}"))).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    crm = SearchPage(f"http://localhost:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield crm
    finally:
        server.shutdown()
        server.server_close()
