"""Token answers of any content: only usable values are accepted."""

import json
from datetime import timedelta

import pytest

from host.crm.auth import oauth_grants
from host.crm.auth.oauth_grants import Granted, Refused
from host.crm.http.answer import Answer
from host.crm.settings.auth import OAuth2Auth
from tests.clock import FrozenClock

AUTH = OAuth2Auth.model_validate(
    {
        "method": "oauth2",
        "authorization_url": "https://crm.example/authorize",
        "token_url": "https://crm.example/token",
        "client_id": "patchbay",
        "client_secret": "a secret",
    }
)


def answered(text: str | bytes) -> Granted | Refused:
    return oauth_grants.read(AUTH, Answer(200, {}, text if isinstance(text, bytes) else text.encode(), 1))


@pytest.mark.parametrize("expires_in", ["1e18", "1e999", "9" * 40, '"1e18"', '"inf"', "Infinity", str(2**62)])
def test_a_token_that_lasts_for_ever_is_used_for_a_year(expires_in: str) -> None:
    granted = answered(f'{{"access_token": "abc", "expires_in": {expires_in}}}')
    assert isinstance(granted, Granted)
    assert granted.good_for_s == 365 * 24 * 3600
    assert FrozenClock().now() + timedelta(seconds=granted.good_for_s)


@pytest.mark.parametrize(
    "expires_in", ["null", '"soon"', "NaN", "-1", "0", "[]", "{}", '"nan"', "-1e999", "true", '""']
)
def test_what_is_no_time_is_no_end(expires_in: str) -> None:
    granted = answered(f'{{"access_token": "abc", "expires_in": {expires_in}}}')
    assert isinstance(granted, Granted)
    assert granted.good_for_s is None or granted.good_for_s <= 1


@pytest.mark.parametrize(
    "token", ["a\r\nX-Evil: 1", "a\nb", "ключ", "a b", "\ud800", "a\x00", "\x85", "😀", "x" * 20_000, "a\tb"]
)
def test_a_token_that_no_header_can_carry_is_refused(token: str) -> None:
    refused = answered(json.dumps({"access_token": token}))
    assert isinstance(refused, Refused)
    assert token not in refused.reason


@pytest.mark.parametrize("text", ["", "<html>", "[" * 100_000, b"\xff\xfe", "[]", "12", '{"access_token": 12}', "null"])
def test_what_is_no_token_answer_is_refused(text: str | bytes) -> None:
    assert isinstance(answered(text), Refused)
