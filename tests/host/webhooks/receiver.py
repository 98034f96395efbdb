"""A receiver of webhooks on loopback: it verifies signatures, and fails as it is told."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass
class Received:
    """One request."""

    id: str
    sent_at: str
    body: Any
    content_type: str


@dataclass
class Receiver:
    """What has arrived, and what is answered."""

    port: int = 0
    secret: str = SECRET
    received: list[Received] = field(default_factory=list)
    answer: Callable[[Received], int] = lambda _received: 204
    headers: dict[str, str] = field(default_factory=dict)
    """Of each answer."""
    takes_s: float = 0

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/hook"

    def types(self) -> list[str]:
        return [each.body["type"] for each in self.received]

    def ids(self) -> Counter[str]:
        return Counter(each.id for each in self.received)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver = self.server.receiver
        assert self.headers["webhook-signature"] == signed(receiver.secret, dict(self.headers.items()), body)
        content_type = self.headers["Content-Type"]
        found = Received(self.headers["webhook-id"], self.headers["webhook-timestamp"], json.loads(body), content_type)
        receiver.received.append(found)
        time.sleep(receiver.takes_s)
        self.send_response(receiver.answer(found))
        for name, value in receiver.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    receiver: Receiver


def signed(secret: str, headers: dict[str, str], body: bytes) -> str:
    """Return the right signature, as docs/webhooks.md has it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


@contextmanager
def receiving(**given: Any) -> Iterator[Receiver]:
    """Run a receiver."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.receiver = Receiver(server.server_address[1], **given)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
