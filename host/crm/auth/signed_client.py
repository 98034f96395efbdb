"""The authenticated client: signs every request, and renews a refused access token once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from requests.auth import AuthBase

from host.crm.auth.access_tokens import NOT_CONNECTED, Token, TokenNeed, Tokens
from host.crm.auth.headers import HeadersSigner, signer
from host.crm.auth.oauth_grants import TokenRequest
from host.crm.http.answer import Answer
from host.crm.http.client import GuardedClient
from host.crm.settings.auth import AuthSettings, OAuth2Auth
from host.errors import CrmAuthError

UNAUTHORIZED = 401
TOKEN = "token"  # noqa: S105 - the name of the endpoint in messages


@dataclass
class SignedClient:
    """Sends the requests of one operation under the settings that it began with."""

    client: GuardedClient
    auth: AuthSettings
    timeout_s: float
    """Of a token request."""
    tokens: Tokens | None
    """None: OAuth can't be used here."""
    _used: set[str] = field(default_factory=set, repr=False)

    @property
    def secrets(self) -> frozenset[str]:
        """The access tokens that were sent; the trace masks them."""
        return frozenset(self._used)

    def base_url(self, endpoint: str) -> str:
        """Return the value of `{BASE_URL}`; empty when the token answer has none.

        Raises:
            CrmAuthError: There is no token.
            CrmUnavailableError: The token can't be fetched now.
        """
        if not isinstance(self.auth, OAuth2Auth) or not self.auth.base_url_from_token:
            return ""
        return self._token(self.auth, endpoint).base_url

    def send(
        self,
        endpoint: str,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout_s: float = 5,
        upload: bool = False,
        note: Callable[[str], object] = str,
    ) -> Answer:
        """Send one authenticated request; with OAuth a 401 renews the token, and the request is sent once more.

        Args:
            endpoint: See `GuardedClient.send`.
            method: See there.
            url: See there.
            headers: See there.
            body: See there.
            timeout_s: See there.
            upload: See there.
            note: Is called with remarks for the trace.

        Raises:
            CrmAuthError: There is no token, and only a person can provide one.
            CrmError: As in `GuardedClient.send`.
        """

        def send_with(auth: AuthBase) -> Answer:
            return self.client.send(
                endpoint, method, url, headers=headers, body=body, auth=auth, timeout_s=timeout_s, upload=upload
            )

        if not isinstance(self.auth, OAuth2Auth):
            return send_with(signer(self.auth))
        token = self._token(self.auth, endpoint)
        answer = send_with(self._signer(self.auth, token))
        if answer.status != UNAUTHORIZED:
            return answer
        token = self._token(self.auth, endpoint, rejected=token.version)
        note("the access token was refused: it is renewed, and the request sent once more")
        return send_with(self._signer(self.auth, token))

    def request_token(self, request: TokenRequest) -> Answer:
        """Send a token request, under the same policy and deadline."""
        return self.client.send(
            TOKEN, "POST", request.url, headers=request.headers, body=request.body, timeout_s=self.timeout_s
        )

    def _token(self, auth: OAuth2Auth, endpoint: str, rejected: int | None = None) -> Token:
        if self.tokens is None:
            raise CrmAuthError(endpoint, NOT_CONNECTED)
        token = self.tokens.token(TokenNeed(auth, endpoint, self.timeout_s, rejected), self.request_token)
        self._used.add(token.access_token)
        return token

    def _signer(self, auth: OAuth2Auth, token: Token) -> AuthBase:
        beside = {header.key: header.value.get_secret_value() for header in auth.headers}
        return HeadersSigner({**beside, "Authorization": f"{auth.scheme} {token.access_token}"})
