"""Links a Google account by OAuth ("Link & Save"), and gives its access tokens.

Source: docs/reference/files.md, Google Cloud Storage; https://developers.google.com/identity/protocols/oauth2/web-server.
"""

from collections.abc import Callable
from dataclasses import dataclass

from host import hosts
from host.clock import Clock
from host.crm.auth.access_tokens import TokenNeed, Tokens
from host.crm.auth.clients import Clients
from host.crm.auth.oauth_connection import ConnectionState, CrmOAuth
from host.crm.auth.oauth_states import Requester
from host.crm.auth.token_store import Cipher, TokenStore
from host.crm.settings.auth import OAuth2Auth
from host.crm.settings.crm import CrmSettings
from host.db.engine import Database
from host.errors import ConfigError, CrmAuthError, CrmError, StorageError
from host.storage.gcs_key import SCOPE
from host.storage.settings import ExternalStorage

NAME = "storage"
CALLBACK = "/portal/settings/storage/oauth/callback"
TIMEOUT_S = 10
LINK = "press Link & Save in Developer Settings"


@dataclass(frozen=True)
class Google:
    """Where Google asks people, and where it gives tokens."""

    authorization_url: str = "https://accounts.google.com/o/oauth2/v2/auth?prompt=consent"
    """Without `prompt=consent`, an account that is linked again gets no refresh token."""
    token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address


class GcsLink:
    """The linked account; a `TokenSource`."""

    def __init__(
        self,
        database: Database,
        cipher: Cipher,
        clock: Clock,
        settings: Callable[[], ExternalStorage],
        *,
        public_url: str,
        google: Google | None = None,
    ) -> None:
        """Keep the dependencies.

        Args:
            database: Stores states and tokens.
            cipher: Encrypts them.
            clock: The time.
            settings: Returns the current settings.
            public_url: The base of the redirect URI.
            google: For tests.
        """
        self._settings = settings
        self._google = google or Google()
        self._tokens = Tokens(TokenStore(database, cipher, clock, NAME), clock)
        self._clients = Clients(self._tokens)
        self._version: int | None = None
        self._oauth = CrmOAuth(
            database,
            cipher,
            clock,
            self._connection,
            clients=self._clients,
            public_url=public_url,
            callback=CALLBACK,
            name=NAME,
        )

    @property
    def redirect_uri(self) -> str:
        """What an admin enters at Google."""
        return self._oauth.redirect_uri

    def state(self) -> ConnectionState:
        """Return the state of the link; `not_needed` with another back end or a service account."""
        settings = self._settings()
        if settings.backend != "gcs" or settings.gcs.service_account_key.get_secret_value():
            return ConnectionState("not_needed")
        if not settings.gcs.client_id:
            return ConnectionState("not_connected", needs_person=True)
        return self._oauth.state()

    def authorization_url(self, requester: Requester | None) -> str:
        """Begin to link; return where the admin's browser must go within ten minutes.

        Args:
            requester: Only this sign-in may finish it; None (command line): any signed-in admin may.

        Raises:
            ConfigError: The settings name no OAuth client.
        """
        return self._oauth.authorization_url(requester)

    def finish(self, state: str, code: str, *, sign_in_hash: str) -> None:
        """Exchange the returned code for tokens; raises as `CrmOAuth.finish`."""
        self._oauth.finish(state, code, sign_in_hash=sign_in_hash)

    def give_up(self, state: str, *, sign_in_hash: str) -> None:
        """Invalidate the state of a link that was refused; raises as `finish`."""
        self._oauth.give_up(state, sign_in_hash=sign_in_hash)

    def unlink(self) -> None:
        """Delete the tokens."""
        self._oauth.disconnect()

    def token(self, *, is_refused: bool = False) -> str:
        """Return an access token; see `TokenSource.token`."""
        try:
            connection = self._connection()
            client = self._clients.of(connection)
            auth = connection.auth
            assert isinstance(auth, OAuth2Auth)  # noqa: S101 - made so below
            need = TokenNeed(auth, NAME, TIMEOUT_S, self._version if is_refused else None)
            found = self._tokens.token(need, client.request_token)
        except ConfigError as error:
            raise StorageError("sign_in", str(error)) from error
        except CrmAuthError as error:
            raise StorageError("sign_in", f"no Google account is linked, or it has withdrawn: {LINK}") from error
        except CrmError as error:
            raise StorageError("sign_in", error.reason) from error
        self._version = found.version
        return found.access_token

    def _connection(self) -> CrmSettings:
        """Return the link as a connection that OAuth knows."""
        gcs = self._settings().gcs
        if not gcs.client_id:
            raise ConfigError("external_storage.gcs.client_id: is empty; give the client id of an OAuth client")
        host = hosts.of_url(self._google.token_url)
        auth = OAuth2Auth(
            authorization_url=self._google.authorization_url,
            token_url=self._google.token_url,
            client_id=gcs.client_id,
            client_secret=gcs.client_secret,
            scope=SCOPE,
            access_type="offline",
        )
        is_local = hosts.is_loopback(hosts.without_port(host))
        return CrmSettings(
            type="custom", auth=auth, timeout_s=TIMEOUT_S, allowed_hosts=(host,), allow_private_addresses=is_local
        )
