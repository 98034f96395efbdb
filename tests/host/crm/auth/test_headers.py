from typing import Any

import pytest
import requests
from pydantic import TypeAdapter

from host.crm.auth.headers import signer
from host.crm.auth.signed_client import SignedClient
from host.crm.http.client import GuardedClient
from host.crm.http.ssrf_guard import Policy
from host.crm.settings.auth import AuthSettings
from host.errors import CrmAuthError

OAUTH = {"method": "oauth2", "token_url": "https://crm.example/token", "client_id": "x", "client_secret": "y"}


@pytest.mark.parametrize(
    ("auth", "headers"),
    [
        ({"method": "headers", "headers": [{"key": "X-Api-Key", "value": "k"}]}, {"X-Api-Key": "k"}),
        ({"method": "basic", "username": "api", "password": "pä"}, {"Authorization": "Basic YXBpOnDDpA=="}),
        ({"method": "bearer", "token": "t"}, {"Authorization": "Bearer t"}),
        (
            {"method": "bearer", "token": "t", "headers": [{"key": "X-Tenant", "value": "7"}]},
            {"Authorization": "Bearer t", "X-Tenant": "7"},
        ),
    ],
)
def test_a_method_signs_with_the_headers_beside_it(auth: dict[str, Any], headers: dict[str, str]) -> None:
    request = requests.Request("GET", "https://crm.example/", auth=signer(read(auth))).prepare()
    assert dict(request.headers) == headers


def test_oauth_that_nobody_has_connected_says_so() -> None:
    client = SignedClient(GuardedClient(Policy(frozenset())), read(OAUTH), 5, None)
    with pytest.raises(CrmAuthError, match="not connected"):
        client.send("create_account", "GET", "https://crm.example/")


def read(auth: dict[str, Any]) -> Any:
    return TypeAdapter(AuthSettings).validate_python(auth)
