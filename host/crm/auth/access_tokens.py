"""Provides access tokens: fetches or refreshes them on demand, one refresh at a time.

When several threads or processes find the token expired, one refreshes it; the others wait and read the result. The
result is saved before it is used, so a rotated refresh token is never lost.

Source: RFC 9700; docs/reference/generic-api.md, Authentication.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from ulid import ULID

from host.clock import Clock
from host.crm.auth import oauth_grants
from host.crm.auth.oauth_grants import Refused, TokenRequest
from host.crm.auth.token_store import StoredConnection, TokenStore
from host.crm.http.answer import Answer
from host.crm.settings.auth import OAuth2Auth
from host.errors import CrmAuthError, CrmError, CrmTimeoutError, CrmUnavailableError

LEASE_MARGIN = timedelta(seconds=5)
_POLL_S = 0.05

NOT_CONNECTED = "the CRM is not connected: an admin opens Developer Settings and presses Connect"
RECONNECT = "the connection to the CRM needs reconnecting: an admin opens Developer Settings and presses Connect"

SendTokenRequest = Callable[[TokenRequest], Answer]
"""Sends a token request through the guarded client."""


@dataclass(frozen=True)
class Token:
    """An access token, and what came with it."""

    access_token: str = field(repr=False)
    base_url: str
    version: int
    """Of the connection; distinguishes a refused token from its successor."""


@dataclass(frozen=True)
class TokenNeed:
    """The request that needs a token, and how long fetching may take."""

    auth: OAuth2Auth
    endpoint: str
    """`create_account`, for error messages."""
    timeout_s: float
    rejected: int | None = None
    """The version whose access token the CRM has just refused."""


class Tokens:
    """Provides access tokens; safe with many threads and processes."""

    def __init__(self, store: TokenStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._refreshing = threading.Lock()

    def token(self, need: TokenNeed, send: SendTokenRequest) -> Token:
        """Return a token that can be used now.

        Raises:
            CrmAuthError: The CRM is not connected, or the connection needs a person.
            CrmUnavailableError: The authorization server can't be reached; nothing was sent to the endpoint.
        """
        found = self._usable_token(need)
        if found is not None:
            return found
        deadline = time.monotonic() + need.timeout_s
        if not self._refreshing.acquire(timeout=need.timeout_s):
            raise _busy_error(need)
        try:
            return self._refresh_or_wait(need, send, deadline)
        finally:
            self._refreshing.release()

    def _usable_token(self, need: TokenNeed) -> Token | None:
        """Return the stored token; None when it must be refreshed first."""
        stored = self._store.read()
        if stored is None or stored.fingerprint != oauth_grants.fingerprint(need.auth):
            stored = None
        if stored is not None and stored.state == "needs_reconnect":
            raise CrmAuthError(need.endpoint, f"{RECONNECT} ({stored.reason})")
        if stored is not None and stored.is_usable(self._clock.now()) and stored.version != need.rejected:
            return Token(stored.access_token, stored.base_url, stored.version)
        if need.auth.grant == "authorization_code" and (stored is None or stored.state != "connected"):
            raise CrmAuthError(need.endpoint, NOT_CONNECTED)
        return None

    def _refresh_or_wait(self, need: TokenNeed, send: SendTokenRequest, deadline: float) -> Token:
        fingerprint, lasts = oauth_grants.fingerprint(need.auth), timedelta(seconds=need.timeout_s) + LEASE_MARGIN
        while True:
            found = self._usable_token(need)
            if found is not None:
                return found
            leased = self._store.lease(str(ULID()), fingerprint, lasts)
            if leased is not None:
                return self._refresh(leased, need, send)
            if time.monotonic() >= deadline:
                raise _busy_error(need)
            time.sleep(_POLL_S)  # another process refreshes it

    def _refresh(self, leased: StoredConnection, need: TokenNeed, send: SendTokenRequest) -> Token:
        try:
            found = self._usable_token(need)  # another process may have finished before this one got the lease
            if found is not None:
                return found
            request = self._request(leased, need)
            answer = oauth_grants.read(need.auth, _send(need, request, send))
            if isinstance(answer, Refused):
                raise self._handle_refusal(leased, need, answer)
            self._store.save(leased, answer)
        finally:
            self._store.release(leased)
        found = self._usable_token(need)
        if found is None:
            raise _busy_error(need)
        return found

    def _request(self, leased: StoredConnection, need: TokenNeed) -> TokenRequest:
        if need.auth.grant == "client_credentials":
            return oauth_grants.for_client(need.auth)
        if leased.refresh_token:
            return oauth_grants.for_refresh(need.auth, leased.refresh_token)
        if need.rejected is not None and leased.is_usable(self._clock.now()):
            # a 401 of one endpoint doesn't end the connection
            raise CrmAuthError(need.endpoint, "the access token was refused, and there is no refresh token", status=401)
        reason = "the access token has expired, and the CRM gave no refresh token"
        self._store.fail(leased, reason)
        raise CrmAuthError(need.endpoint, f"{RECONNECT} ({reason})")

    def _handle_refusal(self, leased: StoredConnection, need: TokenNeed, answer: Refused) -> CrmError:
        if answer.is_later:
            return CrmUnavailableError(need.endpoint, f"no access token: {answer.reason}", sent=False)
        if answer.is_final:
            self._store.fail(leased, answer.reason)
            return CrmAuthError(need.endpoint, f"{RECONNECT} ({answer.reason})")
        return CrmAuthError(need.endpoint, f"no access token: {answer.reason}")


def _send(need: TokenNeed, request: TokenRequest, send: SendTokenRequest) -> Answer:
    """Send a token request; its errors state that nothing was sent to the endpoint."""
    try:
        return send(request)
    except (CrmTimeoutError, CrmUnavailableError) as error:
        raise CrmUnavailableError(need.endpoint, f"no access token: {error.reason}", sent=False) from error
    except CrmError as error:
        raise CrmAuthError(need.endpoint, f"no access token: {error.reason}") from error


def _busy_error(need: TokenNeed) -> CrmUnavailableError:
    return CrmUnavailableError(need.endpoint, "no access token yet: it is being refreshed", sent=False)
