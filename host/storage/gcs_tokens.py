"""Access tokens for Google Cloud Storage.

Source: docs/reference/files.md, Google Cloud Storage; RFC 7523.
"""

import threading
import time
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urlencode

from host.errors import StorageError
from host.gate import lenient
from host.storage import bucket_client
from host.storage.bucket_client import BucketClient
from host.storage.gcs_key import ServiceAccountKey
from host.storage.settings import ExternalStorage

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
MARGIN_S = 60
REFUSED = frozenset({400, 401, 403})


class TokenSource(Protocol):
    """Gives access tokens; thread-safe."""

    def token(self, *, is_refused: bool = False) -> str:
        """Return an access token that can be sent now.

        Args:
            is_refused: Whether the last one was refused, so that a new one is needed.

        Raises:
            StorageError: Of the step `sign_in`.
        """
        ...


class ServiceAccountTokens:
    """Exchanges statements that are signed with a service account's key for access tokens."""

    def __init__(self, settings: ExternalStorage) -> None:
        """Read the key.

        Raises:
            StorageError: It can't be read.
        """
        try:
            self._key = ServiceAccountKey.read(settings.gcs.service_account_key.get_secret_value())
        except ValueError as error:
            raise StorageError("sign_in", f"service_account_key {error}") from error
        uri = self._key.token_uri
        self._client = BucketClient(settings.policy(bucket_client.name_of(uri), bucket_client.host_of(uri)))
        self._lock = threading.Lock()
        self._token, self._good_until = "", 0.0

    def token(self, *, is_refused: bool = False) -> str:
        """Return the token that is kept, or a new one."""
        with self._lock:
            if is_refused or time.monotonic() >= self._good_until:
                self._token, good_for_s = self._fetch()
                self._good_until = time.monotonic() + good_for_s - MARGIN_S
            return self._token

    def _fetch(self) -> tuple[str, float]:
        form = {"grant_type": GRANT, "assertion": self._key.assertion(datetime.now(UTC))}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._client.send(
            "sign_in", "POST", self._key.token_uri, headers=headers, body=urlencode(form).encode(), expected=REFUSED
        )
        if answer.status in REFUSED:
            raise StorageError("sign_in", "Google refuses the service account's key")
        try:
            found = lenient.read(answer.body.decode())
            return str(found["access_token"]), float(found.get("expires_in", 0))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StorageError("sign_in", "the token URL answered something that is no token") from error
