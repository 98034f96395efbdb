"""Connects the CRM by OAuth: from the "Connect" button to the callback; also disconnects it.

Source: RFC 6749; RFC 7636; RFC 9700; docs/reference/generic-api.md, Authentication.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Literal

from host.clock import Clock
from host.crm.auth import oauth_grants, oauth_states
from host.crm.auth.clients import ClientSource
from host.crm.auth.oauth_grants import Refused, TokenRequest
from host.crm.auth.oauth_states import PendingAuthorization, Requester
from host.crm.auth.signed_client import TOKEN
from host.crm.auth.token_store import NAME, Cipher, TokenStore
from host.crm.settings.auth import OAuth2Auth
from host.crm.settings.crm import CrmSettings
from host.db.engine import Database
from host.errors import ConfigError, CrmAuthError, CrmUnavailableError, NotAllowedError, RequestError
from host.gate import strict, writing

CALLBACK = "/portal/settings/crm/oauth/callback"
VERIFIER_BYTES = 48
"""64 characters; RFC 7636 wants 43 to 128."""

NOT_YOURS = (
    "This answer belongs to no connection that you have begun here in the last ten minutes; "
    "press Connect again in Developer Settings."
)

Status = Literal["not_needed", "not_connected", "connected", "needs_reconnect"]


@dataclass(frozen=True)
class ConnectionState:
    """The state of the connection to the CRM."""

    status: Status
    reason: str = ""
    """Why it must be reconnected."""
    since: datetime | None = None
    """When it was connected."""
    needs_person: bool = False
    """Whether an admin must grant access in a browser (authorization-code grant)."""


class CrmOAuth:
    """The connection to the CRM, for the pages and commands that open and close it."""

    def __init__(
        self,
        database: Database,
        cipher: Cipher,
        clock: Clock,
        settings: Callable[[], CrmSettings],
        *,
        clients: ClientSource,
        public_url: str,
        callback: str = CALLBACK,
        name: str = NAME,
    ) -> None:
        """Keep the dependencies.

        Args:
            database: Stores states and tokens.
            cipher: Encrypts them.
            clock: The time.
            settings: Returns the current settings of the CRM.
            clients: Provides the client for token requests.
            public_url: The base of the redirect URI.
            callback: The path of the redirect URI.
            name: Of the connection, as in `TokenStore`.
        """
        self._database = database
        self._cipher = cipher
        self._clock = clock
        self._settings = settings
        self._clients = clients
        self._store = TokenStore(database, cipher, clock, name)
        self.redirect_uri = public_url + callback

    def state(self) -> ConnectionState:
        """Return the state of the connection."""
        auth = self._settings().auth
        if self._settings().type == "none" or not isinstance(auth, OAuth2Auth):
            return ConnectionState("not_needed")
        stored, needs_person = self._store.read(), auth.grant == "authorization_code"
        if (
            stored is None
            or stored.fingerprint != oauth_grants.fingerprint(auth)
            or stored.state in {"new", "disconnected"}
        ):
            return ConnectionState("not_connected", needs_person=needs_person)
        status: Status = "connected" if stored.state == "connected" else "needs_reconnect"
        return ConnectionState(status, stored.reason, stored.connected_at, needs_person)

    def authorization_url(self, requester: Requester | None) -> str:
        """Begin an authorization; return the URL that the admin's browser must open within ten minutes.

        Args:
            requester: Only this sign-in may finish it; None (command line): any signed-in admin may.

        Raises:
            ConfigError: The settings need no authorization, or have no authorization URL.
        """
        auth = self._auth()
        if auth.grant != "authorization_code":
            raise ConfigError('crm.auth.grant: found "client_credentials", which needs nobody to authorize it')
        if not auth.authorization_url:
            raise ConfigError("crm.auth.authorization_url: is empty; give the CRM's authorization URL")
        verifier = token_urlsafe(VERIFIER_BYTES) if auth.pkce else None
        with self._database.write() as connection:
            nonce = oauth_states.begin(
                connection,
                self._clock.now(),
                fingerprint=oauth_grants.fingerprint(auth),
                verifier=self._cipher.encrypt(writing.typed(verifier)) if verifier else None,
                requester=requester,
            )
        state = f"{nonce}.{auth.state}"
        return oauth_grants.authorization_url(auth, redirect_uri=self.redirect_uri, state=state, verifier=verifier)

    def finish(self, state: str, code: str, *, sign_in_hash: str) -> None:
        """Exchange the returned code for tokens, and store them.

        Raises:
            NotAllowedError: The state is unknown, used, expired, altered or of another sign-in.
            CrmAuthError: The CRM rejects the code.
            CrmUnavailableError: The CRM can't be reached.
        """
        auth = self._auth()
        pending = self._redeem(auth, state, sign_in_hash)
        verifier = strict.read(self._cipher.decrypt(pending.verifier)) if pending.verifier else None
        self._fetch_tokens(auth, oauth_grants.for_code(auth, code, redirect_uri=self.redirect_uri, verifier=verifier))

    def give_up(self, state: str, *, sign_in_hash: str) -> None:
        """Invalidate the state of an authorization that the CRM or the admin has refused.

        Raises:
            NotAllowedError: As in `finish`.
        """
        self._redeem(self._auth(), state, sign_in_hash)

    def connect_client(self) -> None:
        """Fetch a token by client credentials, without a person.

        Raises:
            ConfigError: The settings name another grant.
            CrmAuthError: The CRM refuses.
            CrmUnavailableError: The CRM can't be reached.
        """
        auth = self._auth()
        if auth.grant != "client_credentials":
            raise ConfigError('crm.auth.grant: found "authorization_code", which somebody has to authorize')
        self._fetch_tokens(auth, oauth_grants.for_client(auth))

    def disconnect(self) -> None:
        """Delete the tokens."""
        self._store.disconnect()

    def _auth(self) -> OAuth2Auth:
        auth = self._settings().auth
        if not isinstance(auth, OAuth2Auth):
            raise ConfigError(f'crm.auth.method: found "{auth.method}"; only "oauth2" is connected')
        return auth

    def _redeem(self, auth: OAuth2Auth, state: str, sign_in_hash: str) -> PendingAuthorization:
        nonce, dot, fixed = state.partition(".")
        if not dot or not compare_digest(fixed.encode(), auth.state.encode()):
            raise NotAllowedError(NOT_YOURS)
        with self._database.write() as connection:
            pending = oauth_states.redeem(connection, nonce, self._clock.now(), sign_in_hash=sign_in_hash)
        if pending is None:
            raise NotAllowedError(NOT_YOURS)
        if pending.fingerprint != oauth_grants.fingerprint(auth):
            raise RequestError("The CRM's OAuth settings have changed since; press Connect again.")
        return pending

    def _fetch_tokens(self, auth: OAuth2Auth, request: TokenRequest) -> None:
        answer = oauth_grants.read(auth, self._clients.of(self._settings()).request_token(request))
        if isinstance(answer, Refused):
            if answer.is_later:
                raise CrmUnavailableError(TOKEN, answer.reason, sent=False)
            raise CrmAuthError(TOKEN, answer.reason)
        self._store.connect(oauth_grants.fingerprint(auth), answer)
