"""Opens a connection to an SFTP server: checked address, pinned host key, sign-in.

fsspec has a back end for SFTP, which neither pins a server's key, nor bounds a step in time, nor checks the address.

Source: docs/reference/files.md, SFTP.
"""

import base64
import hashlib
import io
import logging
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm

from host.crm.http.connection import Dialer
from host.crm.http.deadline import PendingRequest
from host.crm.http.resolver import Resolver
from host.crm.http.ssrf_guard import Policy
from host.errors import CrmError, StorageError
from host.storage.settings import Sftp, SftpAddress
from host.storage.stall_limit import STALL_S, stall_limit

KEY_CLASSES: tuple[type[paramiko.PKey], ...] = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
RSA_SIGNATURES = ("rsa-sha2-512", "rsa-sha2-256")

logging.getLogger("paramiko").setLevel(logging.CRITICAL)  # what fails is raised here; it would be logged as well

Result = TypeVar("Result")

_resolver = Resolver()


@dataclass(frozen=True)
class SftpConnection:
    """A signed-in connection."""

    client: paramiko.SFTPClient
    transport: paramiko.Transport
    sock: socket.socket
    host_key: str
    """`ssh-ed25519 AAAA...`, as the server has proved it."""

    def close(self) -> None:
        """Close it."""
        self.transport.close()


def connect(sftp: Sftp, policy: Policy, *, trust_any_key: bool = False) -> SftpConnection:
    """Connect and sign in.

    Args:
        sftp: The settings.
        policy: Which addresses are allowed.
        trust_any_key: Whether a host key is accepted while none is pinned: for the connection test alone.

    Raises:
        StorageError: Of the step `connect` or `sign_in`.
    """
    if not sftp.host_key and not trust_any_key:
        reason = "the server's host key isn't known yet; test the connection, which stores it"
        raise StorageError("connect", reason)
    address = sftp.address
    sock = _dial(address, policy)
    transport = None
    try:
        with stall_limit(sock):
            transport = paramiko.Transport(sock)
            host_key = _begin(transport, sftp.host_key)
            _sign_in(transport, sftp)
            client = _step("sign_in", lambda: paramiko.SFTPClient.from_transport(transport))
    except BaseException:
        (transport or sock).close()
        raise
    if client is None:
        raise StorageError("sign_in", "the server offers no SFTP")
    return SftpConnection(client, transport, sock, host_key)


def fingerprint(host_key: str) -> str:
    """Return `SHA256:...`, as `ssh-keygen -l` shows it."""
    digest = hashlib.sha256(base64.b64decode(host_key.split()[1])).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def private_key(text: str, passphrase: str) -> paramiko.PKey:
    """Read a private key, PEM or OpenSSH.

    Raises:
        StorageError: It is no key that we know, or the passphrase doesn't fit.
    """
    needs_passphrase = False
    for key_class in KEY_CLASSES:
        try:
            return key_class.from_private_key(io.StringIO(text.strip() + "\n"), passphrase or None)
        except paramiko.PasswordRequiredException:
            needs_passphrase = True
        except (paramiko.SSHException, ValueError, TypeError, UnsupportedAlgorithm, IndexError):
            continue
    if needs_passphrase:
        raise StorageError("sign_in", "the private key needs its passphrase")
    reason = "the private key can't be read: it is no Ed25519, ECDSA or RSA key, or the passphrase doesn't fit"
    raise StorageError("sign_in", reason)


def _dial(address: SftpAddress, policy: Policy) -> socket.socket:
    pending = PendingRequest("sftp", time.monotonic() + STALL_S)
    try:
        return Dialer(policy, _resolver).dial(address.host, address.port, pending)
    except CrmError as error:
        raise StorageError("connect", error.reason) from error


def _begin(transport: paramiko.Transport, pinned: str) -> str:
    """Agree on keys, and compare the server's with the pinned one before anything secret is sent."""
    transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = STALL_S
    if pinned:
        kind = pinned.split(maxsplit=1)[0]
        transport.get_security_options().key_types = RSA_SIGNATURES if kind == "ssh-rsa" else (kind,)
    _step("connect", lambda: transport.start_client(timeout=STALL_S))
    key = _step("connect", transport.get_remote_server_key)
    found = f"{key.get_name()} {key.get_base64()}"
    if pinned and found != " ".join(pinned.split()[:2]):
        reason = (
            f"the server's host key has changed: pinned is {fingerprint(pinned)}, found {fingerprint(found)}. "
            "If the server has a new key, empty external_storage.sftp.host_key and test the connection"
        )
        raise StorageError("connect", reason)
    return found


def _sign_in(transport: paramiko.Transport, sftp: Sftp) -> None:
    """Sign in by key, by password, or by both where the server wants both."""
    password, key_text = sftp.password.get_secret_value(), sftp.private_key.get_secret_value()
    if not sftp.username or not (password or key_text):
        raise StorageError("sign_in", "the settings name no username, or neither a password nor a private key")
    left: list[str] = []
    if key_text:
        key = private_key(key_text, sftp.passphrase.get_secret_value())
        try:
            left = _step("sign_in", lambda: transport.auth_publickey(sftp.username, key))
        except StorageError:
            if not password or not transport.is_active():
                raise
            left = ["password"]
    if password and not transport.is_authenticated():
        left = _step("sign_in", lambda: transport.auth_password(sftp.username, password))
    if not transport.is_authenticated():
        raise StorageError("sign_in", f"the server also wants: {', '.join(left) or 'another proof'}")


def _step(step: str, action: Callable[[], Result]) -> Result:
    """Translate the library's errors."""
    try:
        return action()
    except paramiko.BadAuthenticationType as error:
        raise StorageError(step, f"the server takes only: {', '.join(error.allowed_types)}") from error
    except paramiko.AuthenticationException as error:
        raise StorageError(step, "the server refused the username, password or key") from error
    except paramiko.IncompatiblePeer as error:
        raise StorageError(
            step, "no common algorithm, or the host key is of another kind than the pinned one"
        ) from error
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise StorageError(step, f"the connection broke ({type(error).__name__})") from error
