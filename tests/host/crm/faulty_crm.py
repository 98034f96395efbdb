"""A small CRM on loopback with the faults of real ones."""

import gzip
import json
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.host.crm.deadlines import PATIENT_S, expire


@dataclass
class Asked:
    """One received request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    from_port: int = 0

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Plain:
    """An answer that is sent unchanged."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class FaultyCrm:
    """Accounts and records by REST, and a list of faults for the next requests."""

    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    rows: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {"accounts": [], "records": [], "comments": [], "files": []}
    )
    faults: list[tuple[str, str]] = field(default_factory=list)
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    """By path: the fixed answer; a function makes it from the request."""
    statuses: dict[str, int] = field(default_factory=dict)
    """By path: the status of these answers; without an answer it is an error."""
    lags: bool = False
    """Whether searches return nothing yet, as with a delayed index; a find by id works."""
    acts: dict[str, Callable[[Asked], tuple[int, Any]]] = field(default_factory=dict)
    """By method and path, `PUT /cases/1`: the function that handles the request."""
    before_answer: Callable[[], object] = str
    honours_keys: bool = True
    ignores_filters: bool = False
    always: Callable[[], str] = lambda: ""
    """Chooses a fault for every POST, PUT and PATCH without one in `faults`."""
    closing: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    late: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    """Released once for each commit after its client had given up."""

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def fail(self, *faults: str, method: str = "POST") -> None:
        """Queue faults for the next requests with this method, one for each request."""
        self.faults.extend((method, fault) for fault in faults)

    def next_fault(self, method: str) -> str:
        with self.lock:
            for at, (of, fault) in enumerate(self.faults):
                if of == method:
                    del self.faults[at]
                    return fault
            return self.always() if method in {"POST", "PUT", "PATCH"} else ""

    def count(self, method: str, part: str = "") -> int:
        return sum(asked.method == method and part in asked.path for asked in self.asked)

    def find(self, kind: str, query: dict[str, str]) -> list[dict[str, Any]]:
        with self.lock:
            rows = self.rows[kind]
            if self.ignores_filters:
                return rows[::-1]
            return [row for row in reversed(rows) if any(str(row.get(key)) == value for key, value in query.items())]

    def update(self, kind: str, row_id: str, values: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            row = next(row for row in self.rows[kind] if str(row["id"]) == row_id)
            row.update(values, version=int(row.get("version", 0)) + 1)
            return row

    def create(self, kind: str, values: dict[str, Any], key: str) -> dict[str, Any]:
        with self.lock:
            if self.honours_keys and key and key in self.keys:
                return self.keys[key]
            row = {"id": len(self.rows[kind]) + 1, **values}
            self.rows[kind].append(row)
            self.keys[key] = row
            return row


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a body that follows its head would wait for 40 ms
    server: "FaultyServer"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_PUT(self) -> None:
        self._serve("PUT")

    def do_PATCH(self) -> None:
        self._serve("PATCH")

    def _serve(self, method: str) -> None:
        crm = self.server.crm
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(method, parts.path, dict(parse_qsl(parts.query)), dict(self.headers.items()), body)
        asked.from_port = self.client_address[1]
        crm.asked.append(asked)
        crm.before_answer()
        fault = crm.next_fault(method)
        if before := getattr(self, f"_{fault}", None):
            before()
            return
        if fault == "hang_then_commit":
            self._outlast()
        result = self._act(asked)
        if fault == "hang_then_commit":
            crm.late.release()
        if fault == "reset_after_commit":
            self._reset()
        elif fault == "commit_then_hang":
            self._hang()
        else:
            self._answer(*result)

    def _act(self, asked: Asked) -> tuple[int, Any]:
        crm = self.server.crm
        if act := crm.acts.get(f"{asked.method} {asked.path}"):
            return act(asked)
        if asked.path in crm.answers or asked.path in crm.statuses:
            found = crm.answers.get(asked.path, {"error": "so it is"})
            return crm.statuses.get(asked.path, 200), found(asked) if callable(found) else found
        return self._act_on_rows(asked)

    def _act_on_rows(self, asked: Asked) -> tuple[int, Any]:
        crm = self.server.crm
        kind, _, row_id = asked.path.strip("/").partition("/")
        if kind not in crm.rows:
            return 200, {"path": asked.path}
        if asked.method == "PATCH":
            return 200, crm.update(kind, row_id, asked.json)
        if asked.method in {"POST", "PUT"}:
            is_json = self.headers.get("Content-Type", "") == "application/json"
            values = asked.json if is_json else {"text": asked.body.decode("latin-1")}
            return 201, crm.create(kind, values, self.headers.get("Idempotency-Key", ""))
        if row_id:
            found = crm.find(kind, {"id": row_id})
            return (200, found[0]) if found else (404, {"error": "not found"})
        return 200, {"items": [] if crm.lags else crm.find(kind, asked.query)}

    def _answer(self, status: int, content: Any, **headers: str) -> None:
        if isinstance(content, Plain):
            self._raw(status, content.body, **content.headers)
            return
        body = json.dumps(content).encode()
        self._raw(status, body, **{"Content-Type": "application/json", **headers})

    def _raw(self, status: int, body: bytes, **headers: str) -> None:
        with suppress(OSError):
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

    def _outlast(self) -> None:
        """Wait for longer than the client does."""
        if not expire(self.client_address[1]):
            self.server.crm.closing.wait(1.2)
            return
        self.connection.settimeout(PATIENT_S)
        with suppress(OSError):
            self.connection.recv(1)  # its end

    def _hang(self) -> None:
        expire(self.client_address[1])
        self.server.crm.closing.wait()  # a client that has no deadline waits until its test is given up
        self.close_connection = True

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _drip(self, head: bytes) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.wfile.write(head)
            while not self.server.crm.closing.wait(0.05):
                self.wfile.write(b"x")

    def _drip_headers(self) -> None:
        self._drip(b"HTTP/1.1 200 OK\r\nX-Slow: ")

    def _drip_body(self) -> None:
        self._drip(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")

    def _500(self) -> None:
        self._answer(500, {"error": "broken"})

    def _503(self) -> None:
        self._answer(503, {"error": "busy"}, Retry_After="7")

    def _429(self) -> None:
        self._answer(429, {"error": "slower"}, Retry_After="7")

    def _412(self) -> None:
        self._answer(412, {"error": "changed"})

    def _409(self) -> None:
        self._answer(409, {"error": "there"})

    def _422(self) -> None:
        self._answer(422, {"error": "no"})

    def _401(self) -> None:
        self._answer(401, {"error": "who?"})

    def _no_id(self) -> None:
        self._answer(201, {"message": "made"})

    def _html(self) -> None:
        self._raw(200, b"<h1>Maintenance</h1>", Content_Type="text/html")

    def _redirect(self) -> None:
        self._raw(302, b"", Location="http://169.254.169.254/latest")

    def _bomb(self) -> None:
        self._raw(200, gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")


class FaultyServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, crm: FaultyCrm) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.crm = crm
        crm.port = self.server_port

    def handle_error(self, *_: Any) -> None:
        pass
