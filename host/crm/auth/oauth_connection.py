"""Connect the CRM by OAuth: an admin presses "Connect", grants access there, and comes back to our callback.

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
from host.crm.auth.oauth_states import Begun, Requester
from host.crm.auth.signed_client import TOKEN
from host.crm.auth.token_store import Cipher, TokenStore
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
    """How the connection to the CRM stands."""

    status: Status
    reason: str = ""
    """Why it needs reconnecting."""
    since: datetime | None = None
    """When it was connected."""
    needs_person: bool = False
    """Whether an admin has to grant access in a browser: the authorization-code grant."""


class CrmOAuth:
    """The connection to the CRM, for the pages and commands that make and end it."""

    def __init__(
        self,
        database: Database,
        cipher: Cipher,
        clock: Clock,
        settings: Callable[[], CrmSettings],
        *,
        clients: ClientSource,
        public_url: str,
    ) -> None:
        """Keep what it works with.

        Args:
            database: Where states and tokens are.
            cipher: Encrypts them.
            clock: The time.
            settings: Returns the CRM's settings as they are now.
            clients: Gives the client that token requests go through.
            public_url: The only thing that the redirect URI is made of.
        """
        self._database = database
        self._cipher = cipher
        self._clock = clock
        self._settings = settings
        self._clients = clients
        self._store = TokenStore(database, cipher, clock)
        self.redirect_uri = public_url + CALLBACK

    def state(self) -> ConnectionState:
        """Return how the connection stands."""
        auth = self._settings().auth
        if self._settings().type == "none" or not isinstance(auth, OAuth2Auth):
            return ConnectionState("not_needed")
        kept, needs_person = self._store.read(), auth.grant == "authorization_code"
        if kept is None or kept.fingerprint != oauth_grants.fingerprint(auth) or kept.state in {"new", "disconnected"}:
            return ConnectionState("not_connected", needs_person=needs_person)
        status: Status = "connected" if kept.state == "connected" else "needs_reconnect"
        return ConnectionState(status, kept.reason, kept.connected_at, needs_person)

    def authorization_url(self, requester: Requester | None) -> str:
        """Begin an authorization; return where the admin's browser has to go, within ten minutes.

        Args:
            requester: Only this sign-in may end it; None: begun on the command line, any signed-in admin may.

        Raises:
            ConfigError: The settings need no authorization, or say not where.
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
        """Exchange the code that came back for tokens, and keep them.

        Raises:
            NotAllowedError: The state is unknown, used, expired, altered or another sign-in's.
            CrmAuthError: The CRM takes the code for none of its own.
            CrmUnavailableError: It can't be reached.
        """
        auth = self._auth()
        begun = self._redeemed(auth, state, sign_in_hash)
        verifier = strict.read(self._cipher.decrypt(begun.verifier)) if begun.verifier else None
        self._keep(auth, oauth_grants.for_code(auth, code, redirect_uri=self.redirect_uri, verifier=verifier))

    def give_up(self, state: str, *, sign_in_hash: str) -> None:
        """Use the state up of an authorization that the CRM or the admin has refused.

        Raises:
            NotAllowedError: As in `finish`.
        """
        self._redeemed(self._auth(), state, sign_in_hash)

    def connect_client(self) -> None:
        """Get a token by client credentials, for which nobody has to grant anything.

        Raises:
            ConfigError: The settings say something else.
            CrmAuthError: The CRM refuses.
            CrmUnavailableError: It can't be reached.
        """
        auth = self._auth()
        if auth.grant != "client_credentials":
            raise ConfigError('crm.auth.grant: found "authorization_code", which somebody has to authorize')
        self._keep(auth, oauth_grants.for_client(auth))

    def disconnect(self) -> None:
        """Forget the tokens."""
        self._store.disconnect()

    def _auth(self) -> OAuth2Auth:
        auth = self._settings().auth
        if not isinstance(auth, OAuth2Auth):
            raise ConfigError(f'crm.auth.method: found "{auth.method}"; only "oauth2" is connected')
        return auth

    def _redeemed(self, auth: OAuth2Auth, state: str, sign_in_hash: str) -> Begun:
        nonce, dot, fixed = state.partition(".")
        if not dot or not compare_digest(fixed.encode(), auth.state.encode()):
            raise NotAllowedError(NOT_YOURS)
        with self._database.write() as connection:
            begun = oauth_states.redeem(connection, nonce, self._clock.now(), sign_in_hash=sign_in_hash)
        if begun is None:
            raise NotAllowedError(NOT_YOURS)
        if begun.fingerprint != oauth_grants.fingerprint(auth):
            raise RequestError("The CRM's OAuth settings have changed since; press Connect again.")
        return begun

    def _keep(self, auth: OAuth2Auth, request: TokenRequest) -> None:
        answer = oauth_grants.read(auth, self._clients.of(self._settings()).ask(request))
        if isinstance(answer, Refused):
            if answer.is_later:
                raise CrmUnavailableError(TOKEN, answer.reason, sent=False)
            raise CrmAuthError(TOKEN, answer.reason)
        self._store.connect(oauth_grants.fingerprint(auth), answer)
