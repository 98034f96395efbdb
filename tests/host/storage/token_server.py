"""Gives access tokens to a service account, and checks the signature of what it says."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from tests.serving import served

EMAIL = "patchbay@project.iam.gserviceaccount.com"


@dataclass
class TokenServer:
    url: str = ""
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    claims: list[dict[str, Any]] = field(default_factory=list)
    """Of each token that was given."""

    @property
    def key_file(self) -> str:
        """What an admin downloads from Google."""
        pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return json.dumps(
            {
                "type": "service_account",
                "client_email": EMAIL,
                "private_key_id": "1",
                "private_key": pem.decode(),
                "token_uri": self.url,
            }
        )


class _Handler(BaseHTTPRequestHandler):
    known: TokenServer

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        public = self.known.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        try:
            claims = jwt.decode(form["assertion"], RSAKey.import_key(public)).claims
        except JoseError:
            self._answer(400, {"error": "invalid_grant"})
            return
        self.known.claims.append(claims)
        token = f"access-{len(self.known.claims)}"
        self._answer(200, {"access_token": token, "expires_in": 3600, "token_type": "Bearer"})

    def _answer(self, status: int, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def token_server() -> Iterator[TokenServer]:
    """Run a server during the block."""
    known = TokenServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"known": known}))
    known.url = f"http://127.0.0.1:{server.server_port}/token"
    with served(server):
        yield known
