"""The key file of a Google service account.

Source: https://cloud.google.com/iam/docs/keys-create-delete; RFC 7523.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwt
from joserfc.jwk import RSAKey

from host import hosts
from host.addresses import is_plain_http, web_url
from host.gate import lenient

SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"
LIFETIME = timedelta(hours=1)
NEEDED = ("client_email", "private_key", "token_uri")


@dataclass(frozen=True)
class ServiceAccountKey:
    """What a key file says."""

    email: str
    token_uri: str
    private_key: str = field(repr=False)
    key_id: str = ""

    @classmethod
    def read(cls, text: str) -> "ServiceAccountKey":
        """Read a key file.

        Raises:
            ValueError: It is none; says what it lacks, without what it holds.
        """
        given = _object(text)
        missing = [name for name in NEEDED if not isinstance(given.get(name), str) or not given[name]]
        if missing:
            raise ValueError(f"is no key file of a service account: it lacks {', '.join(missing)}")
        _check_key(given["private_key"])
        key_id = given.get("private_key_id")
        uri = web_url(given["token_uri"])
        if is_plain_http(uri) and not hosts.is_loopback(urlsplit(uri).hostname or ""):
            raise ValueError("is no key file of a service account: its token_uri is not https")
        return cls(given["client_email"], uri, given["private_key"], key_id if isinstance(key_id, str) else "")

    def assertion(self, now: datetime) -> str:
        """Return the signed statement that is exchanged for an access token.

        Args:
            now: Of the real clock, which Google compares.
        """
        claims = {
            "iss": self.email,
            "scope": SCOPE,
            "aud": self.token_uri,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
        }
        return jwt.encode({"alg": "RS256", "kid": self.key_id}, claims, RSAKey.import_key(self.private_key))


def _object(text: str) -> Mapping[str, Any]:
    try:
        given = lenient.read(text)
    except ValueError:
        given = None
    if isinstance(given, dict):
        return given
    raise ValueError("is no JSON object; needed: the whole key file of a service account")


def _check_key(pem: str) -> None:
    try:
        is_fine = isinstance(load_pem_private_key(pem.encode(), None), RSAPrivateKey)
    except (ValueError, TypeError):
        is_fine = False
    if not is_fine:
        raise ValueError("is no key file of a service account: its private_key is no RSA key")
