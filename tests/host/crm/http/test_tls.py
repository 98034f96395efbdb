"""A CRM with TLS: a private certificate authority, and client certificates."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from host.commands.settings import lint
from host.crm.auth.clients import policy_of
from host.crm.http.client import GuardedClient
from host.crm.settings.crm import CrmSettings
from host.errors import CrmUnavailableError
from tests.serving import served


@dataclass(frozen=True)
class Authority:
    """Signs certificates."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def file(self) -> str:
        return str(self.folder / "authority.pem")

    def issue(self, name: str) -> str:
        """Return the path of a file with certificate and key."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        signed = certificate(name, key, self.certificate.subject).add_extension(names, critical=False)
        file = self.folder / f"{name}.pem"
        file.write_bytes(pem(signed.sign(self.key, hashes.SHA256())) + pem(key))
        return str(file)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return make_authority(tmp_path)


@pytest.mark.parametrize("asks_for_certificate", [False, True])
def test_a_private_authority_and_a_client_certificate_are_used(
    authority: Authority, asks_for_certificate: bool
) -> None:
    known = {"ca_bundle": authority.file, "client_certificate": authority.issue("client")}
    with crm(authority, asks_for_certificate=asks_for_certificate) as port:
        assert ask(port, **known) == 200


@pytest.mark.parametrize("known", ["nothing", "another authority"])
def test_a_crm_of_an_unknown_authority_is_not_asked(authority: Authority, tmp_path: Path, known: str) -> None:
    (tmp_path / "other").mkdir()
    bundle = "" if known == "nothing" else make_authority(tmp_path / "other").file
    with crm(authority) as port, pytest.raises(CrmUnavailableError, match="is not accepted"):
        ask(port, ca_bundle=bundle)


@pytest.mark.parametrize("known", ["nothing", "another authority"])
def test_a_crm_that_asks_for_a_certificate_gets_no_other(authority: Authority, tmp_path: Path, known: str) -> None:
    (tmp_path / "other").mkdir()
    certificate = "" if known == "nothing" else make_authority(tmp_path / "other").issue("client")
    with crm(authority, asks_for_certificate=True) as port, pytest.raises(CrmUnavailableError):
        ask(port, ca_bundle=authority.file, client_certificate=certificate)


def ask(port: int, **keys: str) -> int:
    given = {"allowed_hosts": [f"127.0.0.1:{port}"], "allow_private_addresses": True, **keys}
    assert lint({"crm": given})[0] == []
    client = GuardedClient(policy_of(CrmSettings.model_validate(given)))
    try:
        return client.send("find_account_by_id", "GET", f"https://127.0.0.1:{port}/").status
    finally:
        client.close()


@contextmanager
def crm(authority: Authority, *, asks_for_certificate: bool = False) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.issue("crm"))
    if asks_for_certificate:
        context.load_verify_locations(authority.file)
        context.verify_mode = ssl.CERT_REQUIRED
    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with served(server):
        yield server.server_address[1]


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """Do not log failed handshakes, which these tests cause."""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


def make_authority(folder: Path) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
    signed = (
        certificate("authority", key, name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "authority.pem").write_bytes(pem(signed))
    return Authority(folder, key, signed)


def certificate(name: str, key: ec.EllipticCurvePrivateKey, issuer: x509.Name) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
    )


def pem(thing: x509.Certificate | ec.EllipticCurvePrivateKey) -> bytes:
    if isinstance(thing, x509.Certificate):
        return thing.public_bytes(serialization.Encoding.PEM)
    return thing.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
