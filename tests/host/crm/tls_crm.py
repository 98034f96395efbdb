"""A TLS server on loopback that requests client certificates, and certificates for both sides."""

import datetime as dt
import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.serving import served


def certificate(path: Path, name: str) -> Path:
    """Write a key and a self-signed certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    today = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + made.public_bytes(encoding))
    return path


@dataclass
class TlsCrm:
    """The server's address, and its visitors."""

    host: str
    ca_bundle: Path
    client_certificate: Path
    visitors: list[str | None] = field(default_factory=list)
    """The name in each visitor's certificate; None without one."""


class _Page(BaseHTTPRequestHandler):
    server: "_Server"

    def do_HEAD(self) -> None:
        connection: Any = self.connection
        shown = connection.getpeercert() or {}
        names = [value for pairs in shown.get("subject", ()) for key, value in pairs if key == "commonName"]
        self.server.crm.visitors.append(next(iter(names), None))
        self.send_response(200)
        self.send_header("X-Frame-Options", "DENY")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    crm: TlsCrm


@contextmanager
def tls_crm(folder: Path) -> Iterator[TlsCrm]:
    """Serve the page during a test."""
    own, visitor = certificate(folder / "crm.pem", "crm"), certificate(folder / "visitor.pem", "visitor")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)
    context.load_verify_locations(visitor)
    context.verify_mode = ssl.CERT_OPTIONAL
    server = _Server(("127.0.0.1", 0), _Page)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.crm = TlsCrm(f"127.0.0.1:{server.server_port}", own, visitor)
    with served(server):
        yield server.crm
