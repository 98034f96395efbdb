"""Authentication by fixed headers: API keys, Basic and bearer tokens."""

from base64 import b64encode
from collections.abc import Mapping

import requests
from requests.auth import AuthBase

from host.crm.settings.auth import BasicAuth, BearerAuth, HeadersAuth


class HeadersSigner(AuthBase):
    """Adds headers to a request."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the headers to one request."""
        request.headers.update(self._headers)
        return request


def signer(auth: HeadersAuth | BasicAuth | BearerAuth) -> AuthBase:
    """Return the signer for the method that the admin chose, including the fixed headers."""
    headers = {header.key: header.value.get_secret_value() for header in auth.headers}
    match auth:
        case BasicAuth():
            # not HTTPBasicAuth: it writes Latin-1, but CRMs read UTF-8
            pair = f"{auth.username}:{auth.password.get_secret_value()}".encode()
            headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
        case BearerAuth():
            headers["Authorization"] = f"Bearer {auth.token.get_secret_value()}"
        case _:
            pass
    return HeadersSigner(headers)
