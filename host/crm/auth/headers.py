"""Fixed headers: API keys, bearer tokens, whatever a CRM wants."""

from collections.abc import Mapping

import requests
from requests.auth import AuthBase


class HeadersSigner(AuthBase):
    """Adds headers to a request."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign one request."""
        request.headers.update(self._headers)
        return request
