"""A small authorization server on loopback, and an API that accepts its tokens.

A code is valid once, for its client, redirect URI and PKCE challenge. Refresh tokens rotate; a reused old token
revokes the whole family, as RFC 9700 requires.
"""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.serving import served

CLIENT_ID = "patchbay"
CLIENT_SECRET = "planted-client-secret"
NO_REDIRECT = ""


@dataclass
class Family:
    """The tokens of one authorization."""

    access: set[str] = field(default_factory=set)
    refresh: str = ""
    spent: set[str] = field(default_factory=set)
    is_revoked: bool = False


@dataclass
class Code:
    redirect_uri: str
    challenge: str


@dataclass
class OAuthServer:
    """The state of the server, and switches for tests."""

    port: int = 0
    registered: str = "http://127.0.0.1:8000/portal/settings/crm/oauth/callback"
    expires_in: int | None = 3600
    gives_refresh_tokens: bool = True
    takes_old_refresh_tokens: bool = False
    """Whether old refresh tokens stay valid for a while, as with some vendors."""
    fails_with: tuple[int, dict[str, Any]] | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    """Further keys of the token answer."""
    before_token: Callable[[], object] = str
    codes: dict[str, Code] = field(default_factory=dict)
    families: list[Family] = field(default_factory=list)
    token_requests: list[dict[str, str]] = field(default_factory=list)
    authorizations: list[dict[str, str]] = field(default_factory=list)
    api_requests: list[dict[str, str]] = field(default_factory=list)
    """Headers."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def expire(self) -> None:
        """Invalidate all access tokens."""
        with self.lock:
            for family in self.families:
                family.access.clear()

    def is_good(self, access_token: str) -> bool:
        return any(access_token in family.access for family in self.families if not family.is_revoked)

    def authorize(self, query: dict[str, str]) -> str | None:
        """Return the redirect URL; None when the client or its redirect URI is wrong."""
        self.authorizations.append(query)
        sent = query.get("redirect_uri", NO_REDIRECT)
        wants_code = query.get("response_type") == "code" and query.get("client_id") == CLIENT_ID
        if not wants_code or sent not in {NO_REDIRECT, self.registered}:
            return None
        if query.get("code_challenge") and query.get("code_challenge_method") != "S256":
            return None
        code = secrets.token_urlsafe(16)
        self.codes[code] = Code(sent, query.get("code_challenge", ""))
        return f"{self.registered}?{urlencode({'code': code, 'state': query.get('state', '')})}"

    def token(self, form: dict[str, str], basic: str) -> tuple[int, dict[str, Any]]:
        """Answer a token request."""
        with self.lock:
            self.token_requests.append(form)
            if self.fails_with:
                return self.fails_with
            if not _is_client(form, basic):
                return 401, {"error": "invalid_client"}
            family = self._family(form)
            if family is None:
                return 400, {"error": "invalid_grant"}
            if family not in self.families:
                self.families.append(family)
            return 200, self._pair(family, refreshes=form["grant_type"] != "client_credentials")

    def _family(self, form: dict[str, str]) -> Family | None:
        match form.get("grant_type"):
            case "authorization_code":
                return self._by_code(form)
            case "refresh_token":
                return self._by_refresh(form)
            case "client_credentials":
                return Family()
            case _:
                return None

    def _by_code(self, form: dict[str, str]) -> Family | None:
        code = self.codes.pop(form.get("code", ""), None)
        if code is None or code.redirect_uri != form.get("redirect_uri", NO_REDIRECT):
            return None
        return Family() if _proves(code.challenge, form.get("code_verifier", "")) else None

    def _by_refresh(self, form: dict[str, str]) -> Family | None:
        given = form.get("refresh_token", "")
        for family in self.families:
            if given and given == family.refresh and not family.is_revoked:
                return family
            if given in family.spent:
                if self.takes_old_refresh_tokens:
                    return family
                family.is_revoked = True
        return None

    def _pair(self, family: Family, *, refreshes: bool) -> dict[str, Any]:
        access = "planted-access-" + secrets.token_hex(8)
        family.access.add(access)
        answer: dict[str, Any] = {"access_token": access, "token_type": "Bearer", **self.extra}
        if self.expires_in is not None:
            answer["expires_in"] = self.expires_in
        if refreshes and self.gives_refresh_tokens:
            family.spent.add(family.refresh)
            family.refresh = answer["refresh_token"] = "planted-refresh-" + secrets.token_hex(8)
        return answer

    def api(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        """Answer an API request: accounts, for a valid token."""
        self.api_requests.append(headers)
        if not self.is_good(headers.get("Authorization", "").removeprefix("Bearer ")):
            return 401, {"error": "invalid_token"}
        with self.lock:
            if method == "POST":
                self.rows.append({"id": len(self.rows) + 1, **json.loads(body)})
                return 201, self.rows[-1]
        return 200, {"items": self.rows, "authorization": headers["Authorization"]}


def _is_client(form: dict[str, str], basic: str) -> bool:
    if basic:
        return base64.b64decode(basic).decode() == f"{CLIENT_ID}:{CLIENT_SECRET}"
    return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)


def _proves(challenge: str, verifier: str) -> bool:
    if not challenge:
        return not verifier
    digest = hashlib.sha256(verifier.encode()).digest()
    return secrets.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        known, parts = self.server.known, urlsplit(self.path)
        if parts.path != "/authorize":
            self._answer(*known.api("GET", parts.path, dict(self.headers.items()), b""))
            return
        target = known.authorize(dict(parse_qsl(parts.query, keep_blank_values=True)))
        if target is None:
            self._answer(400, {"error": "invalid_request"})
            return
        self.send_response(302)
        self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        known = self.server.known
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if urlsplit(self.path).path != "/token":
            self._answer(*known.api("POST", self.path, dict(self.headers.items()), body))
            return
        known.before_token()
        basic = self.headers.get("Authorization", "").removeprefix("Basic ")
        self._answer(*known.token(dict(parse_qsl(body.decode())), basic))

    def _answer(self, status: int, content: Any) -> None:
        body = json.dumps(content).encode()
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, known: OAuthServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.known = known
        known.port = self.server_port

    def handle_error(self, *_: Any) -> None:
        pass


@contextmanager
def running() -> Iterator[OAuthServer]:
    """Run a server."""
    known = OAuthServer()
    server = _Server(known)
    with served(server):
        yield known
