"""The host's side of the OAuth connection, for tests against the small authorization server."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import requests
from sqlalchemy import update

from host.clock import Clock
from host.crm.auth.access_tokens import Tokens
from host.crm.auth.clients import Clients
from host.crm.auth.oauth_connection import CrmOAuth
from host.crm.auth.oauth_states import Requester
from host.crm.auth.token_store import TokenStore
from host.crm.settings.crm import CrmSettings
from host.db.engine import Database
from host.db.tables import oauth_tokens
from host.settings.secrets import Secrets
from tests.clock import FrozenClock
from tests.host.crm.auth.oauth_server import CLIENT_ID, CLIENT_SECRET

PUBLIC_URL = "http://127.0.0.1:8000"
ADMIN = Requester(1, "hash of the admin's sign-in")
KEY = "UEFUQ0hCQVlfVEVTVF9LRVlfMzJfQllURVNfTE9ORyE="
TIMEOUT_S = 5


def crm_settings(server_url: str, **changes: Any) -> CrmSettings:
    """Return settings for the server's API; `changes` are those of `auth`."""
    auth = {
        "method": "oauth2",
        "authorization_url": f"{server_url}/authorize",
        "token_url": f"{server_url}/token",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "scope": "accounts.read accounts.write",
        "state": "the admin's",
        "access_type": "offline",
        **changes,
    }
    accounts = f"{server_url}/api/accounts"
    return CrmSettings.model_validate(
        {
            "type": "custom",
            "auth": auth,
            "allowed_hosts": [urlsplit(server_url).netloc],
            "allow_private_addresses": True,
            "timeout_s": TIMEOUT_S,
            "endpoints": {
                "find_account_by_query": {
                    "url": accounts,
                    "parameters": [{"name": "email", "value": "{EMAIL}"}],
                    "response_location": "items",
                },
                "create_account": {"url": accounts, "parameters": [{"name": "email", "value": "{EMAIL}"}]},
            },
        }
    )


@dataclass
class Desk:
    """The OAuth objects of one process."""

    database: Database
    settings: CrmSettings
    clock: Clock = field(default_factory=lambda: FrozenClock(datetime.now(UTC)))

    def __post_init__(self) -> None:
        secrets = Secrets([KEY].copy)
        self.store = TokenStore(self.database, secrets, self.clock)
        self.clients = Clients(Tokens(self.store, self.clock))
        self.oauth = CrmOAuth(
            self.database, secrets, self.clock, lambda: self.settings, clients=self.clients, public_url=PUBLIC_URL
        )

    def get(self, **given: Any) -> Any:
        """Send one signed request."""
        url = self.settings.endpoints.find_account_by_query
        assert url
        client = self.clients.of(self.settings)
        return client.send("find_account_by_query", "GET", url.url, timeout_s=TIMEOUT_S, **given)

    def expire(self) -> None:
        """Make the stored access token expire."""
        with self.database.write() as connection:
            connection.execute(update(oauth_tokens).values(renew_at=self.clock.now()))


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def only(url: str, name: str) -> str:
    [value] = parse_qs(urlsplit(url).query, keep_blank_values=True)[name]
    return value


def connect(desk: Desk) -> None:
    back = granted(desk.oauth.authorization_url(ADMIN))
    desk.oauth.finish(only(back, "state"), only(back, "code"), sign_in_hash=ADMIN.sign_in_hash)


def granted(url: str) -> str:
    """Open the authorization URL and grant access; return the redirect URL."""
    answer = requests.get(url, allow_redirects=False, timeout=60)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]
