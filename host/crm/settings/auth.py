"""Settings `crm.auth`: the methods of authentication at the CRM's API.

Source: docs/reference/generic-api.md, Authentication.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic import StrictBool as Switch

from host.addresses import web_url, web_url_or_empty
from host.crm.settings.endpoint_parts import Name
from host.schema import Secret, Section


class AuthHeader(Section):
    """A header that is sent with every request; its value is a secret."""

    key: Name
    value: Secret


class _Auth(Section):
    headers: tuple[AuthHeader, ...] = ()
    """Sent in addition to the headers of the method."""


class HeadersAuth(_Auth):
    """Only the fixed headers."""

    method: Literal["headers"] = "headers"


class BasicAuth(_Auth):
    """User name and password."""

    method: Literal["basic"] = "basic"
    username: str
    password: Secret


class BearerAuth(_Auth):
    """A fixed token."""

    method: Literal["bearer"] = "bearer"
    token: Secret


class OAuth2Auth(_Auth):
    """Tokens of the authorization-code or client-credentials grant."""

    method: Literal["oauth2"] = "oauth2"
    authorization_url: Annotated[str, AfterValidator(web_url_or_empty)] = ""
    token_url: Annotated[str, AfterValidator(web_url)]
    client_id: Name
    client_secret: Secret
    scope: str = ""
    state: str = ""
    access_type: str = ""
    include_redirect_url: Switch = True
    pkce: Switch = True
    scheme: str = "Bearer"
    client_auth: Literal["body", "basic"] = "body"
    grant: Literal["authorization_code", "client_credentials"] = "authorization_code"
    base_url_from_token: str = ""
    """Path in the token answer to the value of `{BASE_URL}`; empty: none."""


AuthSettings = Annotated[HeadersAuth | BasicAuth | BearerAuth | OAuth2Auth, Field(discriminator="method")]
