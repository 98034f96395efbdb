"""The access token that requests carry: fetched or refreshed when it is needed, by one at a time.

Of fifty threads and any number of processes that find it expired, one refreshes; the others wait and read.
What a refresh brings is saved before anybody uses it, so a refresh token that rotates is never lost.

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
from host.crm.auth.token_store import Kept, TokenStore
from host.crm.http.answer import Answer
from host.crm.settings.auth import OAuth2Auth
from host.errors import CrmAuthError, CrmError, CrmTimeoutError, CrmUnavailableError

LEASE_MARGIN = timedelta(seconds=5)
_LOOK_AGAIN_S = 0.05

NOT_CONNECTED = "the CRM is not connected: an admin opens Developer Settings and presses Connect"
RECONNECT = "the connection to the CRM needs reconnecting: an admin opens Developer Settings and presses Connect"

Ask = Callable[[TokenRequest], Answer]
"""Sends a token request through the guarded client."""


@dataclass(frozen=True)
class Token:
    """What a request is signed with."""

    access_token: str = field(repr=False)
    base_url: str
    version: int
    """Of the connection: tells a token that was refused from its successor."""


@dataclass(frozen=True)
class Need:
    """Who needs a token, and how long that may take."""

    auth: OAuth2Auth
    endpoint: str
    """`create_account`, for error messages."""
    timeout_s: float
    rejected: int | None = None
    """The version whose access token the CRM has just refused."""


class Tokens:
    """Hands out access tokens; safe to use from many threads, and beside other processes."""

    def __init__(self, store: TokenStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._refreshing = threading.Lock()

    def token(self, need: Need, ask: Ask) -> Token:
        """Return a token that can be used now.

        Raises:
            CrmAuthError: Nobody has connected the CRM, or the connection needs a person.
            CrmUnavailableError: The authorization server can't be reached; nothing was sent to the endpoint.
        """
        found = self._known(need)
        if found is not None:
            return found
        deadline = time.monotonic() + need.timeout_s
        if not self._refreshing.acquire(timeout=need.timeout_s):
            raise _busy(need)
        try:
            return self._renewed(need, ask, deadline)
        finally:
            self._refreshing.release()

    def _known(self, need: Need) -> Token | None:
        """Return the stored token, None when it has to be renewed first."""
        kept = self._store.read()
        if kept is None or kept.fingerprint != oauth_grants.fingerprint(need.auth):
            kept = None
        if kept is not None and kept.state == "needs_reconnect":
            raise CrmAuthError(need.endpoint, f"{RECONNECT} ({kept.reason})")
        if kept is not None and kept.is_usable(self._clock.now()) and kept.version != need.rejected:
            return Token(kept.access_token, kept.base_url, kept.version)
        if need.auth.grant == "authorization_code" and (kept is None or kept.state != "connected"):
            raise CrmAuthError(need.endpoint, NOT_CONNECTED)
        return None

    def _renewed(self, need: Need, ask: Ask, deadline: float) -> Token:
        fingerprint, lasts = oauth_grants.fingerprint(need.auth), timedelta(seconds=need.timeout_s) + LEASE_MARGIN
        while True:
            found = self._known(need)
            if found is not None:
                return found
            leased = self._store.lease(str(ULID()), fingerprint, lasts)
            if leased is not None:
                return self._with_lease(leased, need, ask)
            if time.monotonic() >= deadline:
                raise _busy(need)
            time.sleep(_LOOK_AGAIN_S)  # another process refreshes it

    def _with_lease(self, leased: Kept, need: Need, ask: Ask) -> Token:
        try:
            found = self._known(need)  # somebody may have finished just before we got the lease
            if found is not None:
                return found
            request = self._request(leased, need)
            answer = oauth_grants.read(need.auth, _asked(need, request, ask))
            if isinstance(answer, Refused):
                raise self._refused(leased, need, answer)
            self._store.save(leased, answer)
        finally:
            self._store.give_back(leased)
        found = self._known(need)
        if found is None:
            raise _busy(need)
        return found

    def _request(self, leased: Kept, need: Need) -> TokenRequest:
        if need.auth.grant == "client_credentials":
            return oauth_grants.for_client(need.auth)
        if leased.refresh_token:
            return oauth_grants.for_refresh(need.auth, leased.refresh_token)
        if need.rejected is not None and leased.is_usable(self._clock.now()):
            # one endpoint's 401 is not yet the end of the connection
            raise CrmAuthError(need.endpoint, "the access token was refused, and there is no refresh token", status=401)
        reason = "the access token has expired, and the CRM gave no refresh token"
        self._store.fail(leased, reason)
        raise CrmAuthError(need.endpoint, f"{RECONNECT} ({reason})")

    def _refused(self, leased: Kept, need: Need, answer: Refused) -> CrmError:
        if answer.is_later:
            return CrmUnavailableError(need.endpoint, f"no access token: {answer.reason}", sent=False)
        if answer.is_final:
            self._store.fail(leased, answer.reason)
            return CrmAuthError(need.endpoint, f"{RECONNECT} ({answer.reason})")
        return CrmAuthError(need.endpoint, f"no access token: {answer.reason}")


def _asked(need: Need, request: TokenRequest, ask: Ask) -> Answer:
    """Send a token request; its failures say that nothing has reached the endpoint itself."""
    try:
        return ask(request)
    except (CrmTimeoutError, CrmUnavailableError) as error:
        raise CrmUnavailableError(need.endpoint, f"no access token: {error.reason}", sent=False) from error
    except CrmError as error:
        raise CrmAuthError(need.endpoint, f"no access token: {error.reason}") from error


def _busy(need: Need) -> CrmUnavailableError:
    return CrmUnavailableError(need.endpoint, "no access token yet: it is being refreshed", sent=False)
