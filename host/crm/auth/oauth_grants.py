"""Builds the requests of the two OAuth grants, and reads the token answers.

Source: RFC 6749; RFC 7636; RFC 9700; docs/reference/generic-api.md, Authentication.
"""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from host.addresses import web_url
from host.crm.http.answer import Answer
from host.crm.response import json_path
from host.crm.settings.auth import OAuth2Auth
from host.errors import CrmAnswerError
from host.gate import writing

_CLIENT_AUTH = {"body": "client_secret_post", "basic": "client_secret_basic"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_FINAL = frozenset(
    {
        "access_denied",
        "invalid_client",
        "invalid_client_secret",  # as Zoho names it
        "invalid_code",  # as Zoho names invalid_grant
        "invalid_grant",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
    }
)
_LATER = frozenset({"server_error", "slow_down", "temporarily_unavailable"})
_ERROR = re.compile(r"[a-z][a-z_]{0,39}")
_MARGIN_S = 30
_LONGEST_S = 365 * 24 * 3600.0
_TOKEN = re.compile(r"[!-~]{1,16384}")


@dataclass(frozen=True)
class TokenRequest:
    """A POST to the token URL; its body holds secrets."""

    url: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Granted:
    """The tokens that the authorization server issued."""

    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    """Empty: none was issued, and the previous one stays valid."""
    base_url: str = ""
    """Empty: the answer has none."""
    good_for_s: float | None = None
    """How long the access token is used before it is refreshed; None: until the CRM refuses it."""


@dataclass(frozen=True)
class Refused:
    """The authorization server issued no token; without secrets."""

    reason: str
    is_final: bool
    """Whether a retry with the same grant is useless."""
    is_later: bool = False
    """Whether a retry later may succeed."""


def fingerprint(auth: OAuth2Auth) -> str:
    """Return a hash of the OAuth settings; tokens are valid only for the settings that they were issued for.

    With client credentials it also covers secret and scope: a new token can be fetched without a person.
    """
    parts = [auth.grant, auth.authorization_url, auth.token_url, auth.client_id]
    if auth.grant == "client_credentials":
        parts += [auth.client_secret.get_secret_value(), auth.scope]
    return hashlib.sha256(writing.typed(parts).encode()).hexdigest()


def authorization_url(auth: OAuth2Auth, *, redirect_uri: str, state: str, verifier: str | None) -> str:
    """Return the URL for the admin's browser.

    Args:
        auth: With an authorization URL.
        redirect_uri: Our callback; sent only if the settings say so.
        state: `<nonce>.<the admin's fixed value>`.
        verifier: Of PKCE; None without PKCE.
    """
    challenge = create_s256_code_challenge(verifier) if verifier else None
    return str(
        prepare_grant_uri(
            auth.authorization_url,
            auth.client_id,
            "code",
            redirect_uri=redirect_uri if auth.include_redirect_url else None,
            scope=auth.scope or None,
            state=state,
            access_type=auth.access_type or None,
            code_challenge=challenge,
            code_challenge_method="S256" if challenge else None,
        )
    )


def for_code(auth: OAuth2Auth, code: str, *, redirect_uri: str, verifier: str | None) -> TokenRequest:
    """Return the request that exchanges a code for tokens."""
    sent = redirect_uri if auth.include_redirect_url else None
    return _request(auth, "authorization_code", redirect_uri=sent, code=code, code_verifier=verifier)


def for_refresh(auth: OAuth2Auth, refresh_token: str) -> TokenRequest:
    """Return the request that exchanges a refresh token for new tokens."""
    return _request(auth, "refresh_token", refresh_token=refresh_token)


def for_client(auth: OAuth2Auth) -> TokenRequest:
    """Return the request of the client-credentials grant."""
    return _request(auth, "client_credentials", scope=auth.scope)


def read(auth: OAuth2Auth, answer: Answer) -> Granted | Refused:
    """Read the answer of the token URL.

    An error in a 200 counts as an error.
    """
    content = _json(answer)
    token = content.get("access_token")
    if 200 <= answer.status < 300 and isinstance(token, str) and token:
        if not is_sendable(token):
            return Refused("the token URL gave an access token that no header can carry", is_final=False)
        refresh_token = content.get("refresh_token")
        return Granted(
            token,
            refresh_token if isinstance(refresh_token, str) else "",
            _base_url(auth, answer),
            _good_for_s(content.get("expires_in")),
        )
    return _refused(answer, content.get("error"))


def is_sendable(token: str) -> bool:
    """Tell whether an access token fits into a header: visible ASCII, limited length."""
    return _TOKEN.fullmatch(token) is not None


def _request(auth: OAuth2Auth, grant: str, *, redirect_uri: str | None = None, **given: str | None) -> TokenRequest:
    body = prepare_token_request(grant, redirect_uri=redirect_uri, **given)
    client = ClientAuth(auth.client_id, auth.client_secret.get_secret_value(), _CLIENT_AUTH[auth.client_auth])
    url, headers, body = client.prepare("POST", auth.token_url, dict(_FORM), body)
    return TokenRequest(url, headers, body.encode())


def _json(answer: Answer) -> dict[str, Any]:
    try:
        content = json_path.json_of("token", answer)
    except CrmAnswerError:
        return {}
    return content if isinstance(content, dict) else {}


def _base_url(auth: OAuth2Auth, answer: Answer) -> str:
    if not auth.base_url_from_token:
        return ""
    try:
        found = json_path.located("token", answer, auth.base_url_from_token)
        return web_url(found) if isinstance(found, str) else ""
    except (CrmAnswerError, ValueError):
        return ""


def _good_for_s(expires_in: Any) -> float | None:
    """Return the lifetime minus a margin for a request in progress; at least half of a short lifetime."""
    try:
        seconds = float(expires_in)
    except (TypeError, ValueError):
        return None
    return min(max(seconds - _MARGIN_S, seconds / 2), _LONGEST_S) if seconds > 0 else None


def _refused(answer: Answer, error: Any) -> Refused:
    code = error if isinstance(error, str) and _ERROR.fullmatch(error) else ""
    reason = f"the token URL answered {answer.status}" + (f", {code}" if code else "")
    if code in _LATER or answer.status in {408, 425, 429} or answer.status >= 500:
        return Refused(reason, is_final=False, is_later=True)
    return Refused(reason, is_final=code in _FINAL or answer.status in {400, 401})
