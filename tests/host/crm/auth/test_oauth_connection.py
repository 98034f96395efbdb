import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import select, text

from host.crm.auth.oauth_states import Requester
from host.db.tables import oauth_states, oauth_tokens
from host.errors import ConfigError, CrmAuthError, CrmUnavailableError, NotAllowedError, RequestError
from tests.clock import FrozenClock
from tests.host.crm.auth.desk import ADMIN, Desk, connect, crm_settings, granted, only, query_of
from tests.host.crm.auth.oauth_server import CLIENT_SECRET, OAuthServer

OTHER = Requester(1, "hash of another sign-in")


def test_an_admin_connects_and_requests_carry_the_token(connected: Desk, server: OAuthServer) -> None:
    assert connected.get().status == 200
    assert connected.oauth.state().status == "connected"
    [authorization] = server.authorizations
    assert authorization["response_type"] == "code"
    assert authorization["access_type"] == "offline"
    assert authorization["scope"] == "accounts.read accounts.write"
    assert authorization["redirect_uri"] == "http://127.0.0.1:8000/portal/settings/crm/oauth/callback"
    assert authorization["code_challenge_method"] == "S256"
    nonce, _, fixed = authorization["state"].partition(".")
    assert (len(nonce), fixed) == (43, "the admin's")
    [exchange] = server.token_requests
    assert exchange["redirect_uri"] == authorization["redirect_uri"]
    assert re.fullmatch(r"[A-Za-z0-9_-]{43,128}", exchange["code_verifier"])


def test_without_the_switch_the_redirect_uri_is_in_neither_request(desk: Desk, server: OAuthServer) -> None:
    desk.settings = crm_settings(server.url, include_redirect_url=False)
    connect(desk)
    assert "redirect_uri" not in server.authorizations[0]
    assert "redirect_uri" not in server.token_requests[0]


def test_without_pkce_nothing_of_it_is_sent(desk: Desk, server: OAuthServer) -> None:
    desk.settings = crm_settings(server.url, pkce=False)
    connect(desk)
    assert not {"code_challenge", "code_challenge_method"} & server.authorizations[0].keys()
    assert "code_verifier" not in server.token_requests[0]


def test_the_client_may_authenticate_by_basic(desk: Desk, server: OAuthServer) -> None:
    desk.settings = crm_settings(server.url, client_auth="basic")
    connect(desk)
    assert "client_secret" not in server.token_requests[0]
    assert desk.get().status == 200


def test_another_scheme_and_headers_beside_it_are_sent(connected: Desk, server: OAuthServer) -> None:
    beside = [{"key": "X-Tenant", "value": "7"}]
    connected.settings = crm_settings(server.url, scheme="Zoho-oauthtoken", headers=beside)
    connected.get()
    assert server.api_requests[0]["Authorization"].startswith("Zoho-oauthtoken planted-access-")
    assert server.api_requests[0]["X-Tenant"] == "7"
    assert "X-Tenant" not in str(server.token_requests)


def test_a_state_is_good_once(desk: Desk) -> None:
    back = granted(desk.oauth.authorization_url(ADMIN))
    desk.oauth.finish(only(back, "state"), only(back, "code"), sign_in_hash=ADMIN.sign_in_hash)
    with pytest.raises(NotAllowedError, match="press Connect again"):
        desk.oauth.finish(only(back, "state"), only(back, "code"), sign_in_hash=ADMIN.sign_in_hash)


@pytest.mark.parametrize(
    "altered",
    [
        lambda state: "",
        lambda state: "x" + state,
        lambda state: state.partition(".")[0],
        lambda state: state + "x",
        lambda state: state.partition(".")[2],
        lambda state: "nonce.the admin's",
    ],
)
def test_an_altered_state_is_refused_and_asks_nobody(
    desk: Desk, server: OAuthServer, altered: Callable[[str], str]
) -> None:
    back = granted(desk.oauth.authorization_url(ADMIN))
    with pytest.raises(NotAllowedError):
        desk.oauth.finish(altered(only(back, "state")), only(back, "code"), sign_in_hash=ADMIN.sign_in_hash)
    assert server.token_requests == []


def test_a_foreign_sign_in_cannot_use_a_state_nor_burn_it(desk: Desk) -> None:
    back = granted(desk.oauth.authorization_url(ADMIN))
    with pytest.raises(NotAllowedError):
        desk.oauth.finish(only(back, "state"), only(back, "code"), sign_in_hash=OTHER.sign_in_hash)
    desk.oauth.finish(only(back, "state"), only(back, "code"), sign_in_hash=ADMIN.sign_in_hash)
    assert desk.oauth.state().status == "connected"


def test_a_state_of_the_command_line_is_any_admins(desk: Desk) -> None:
    back = granted(desk.oauth.authorization_url(None))
    desk.oauth.finish(only(back, "state"), only(back, "code"), sign_in_hash=OTHER.sign_in_hash)
    assert desk.oauth.state().status == "connected"


def test_a_state_lasts_ten_minutes(desk: Desk, server: OAuthServer) -> None:
    back = granted(desk.oauth.authorization_url(ADMIN))
    assert isinstance(desk.clock, FrozenClock)
    desk.clock.forward(timedelta(minutes=10))
    with pytest.raises(NotAllowedError):
        desk.oauth.finish(only(back, "state"), only(back, "code"), sign_in_hash=ADMIN.sign_in_hash)
    assert server.token_requests == []


def test_settings_that_changed_meanwhile_get_no_code(desk: Desk, server: OAuthServer) -> None:
    back = granted(desk.oauth.authorization_url(ADMIN))
    desk.settings = crm_settings(server.url, token_url=f"{server.url}/elsewhere")
    with pytest.raises(RequestError, match="have changed"):
        desk.oauth.finish(only(back, "state"), only(back, "code"), sign_in_hash=ADMIN.sign_in_hash)
    assert server.token_requests == []


def test_a_changed_redirect_is_refused(desk: Desk, server: OAuthServer) -> None:
    url = desk.oauth.authorization_url(ADMIN)
    evil = url.replace("127.0.0.1%3A8000", "evil.example")
    assert evil != url
    assert requests.get(evil, allow_redirects=False, timeout=60).status_code == 400
    back = granted(url)
    desk.oauth.redirect_uri = "https://evil.example/callback"
    with pytest.raises(CrmAuthError, match="invalid_grant"):
        desk.oauth.finish(only(back, "state"), only(back, "code"), sign_in_hash=ADMIN.sign_in_hash)


def test_a_code_is_nothing_without_its_verifier(desk: Desk, server: OAuthServer) -> None:
    back = granted(desk.oauth.authorization_url(ADMIN))
    form = {
        "grant_type": "authorization_code",
        "code": only(back, "code"),
        "redirect_uri": desk.oauth.redirect_uri,
        "client_id": "patchbay",
        "client_secret": CLIENT_SECRET,
    }
    stolen = requests.post(f"{server.url}/token", data=form, timeout=60)
    assert (stolen.status_code, stolen.json()) == (400, {"error": "invalid_grant"})


def test_a_code_of_another_authorization_does_not_go_with_this_state(desk: Desk) -> None:
    mine, injected = (granted(desk.oauth.authorization_url(ADMIN)) for _ in range(2))
    with pytest.raises(CrmAuthError, match="invalid_grant"):
        desk.oauth.finish(only(mine, "state"), only(injected, "code"), sign_in_hash=ADMIN.sign_in_hash)
    assert desk.oauth.state().status == "not_connected"


def test_a_server_that_is_down_leaves_things_as_they_were(desk: Desk, server: OAuthServer) -> None:
    server.fails_with = (503, {})
    back = granted(desk.oauth.authorization_url(ADMIN))
    with pytest.raises(CrmUnavailableError, match="503"):
        desk.oauth.finish(only(back, "state"), only(back, "code"), sign_in_hash=ADMIN.sign_in_hash)
    assert desk.oauth.state().status == "not_connected"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"authorization_url": ""}, "authorization_url"),
        ({"grant": "client_credentials"}, "needs nobody"),
    ],
)
def test_settings_that_cannot_be_authorized_say_why(
    desk: Desk, server: OAuthServer, changes: dict[str, Any], says: str
) -> None:
    desk.settings = crm_settings(server.url, **changes)
    with pytest.raises(ConfigError, match=says):
        desk.oauth.authorization_url(ADMIN)


def test_client_credentials_need_nobody(desk: Desk, server: OAuthServer) -> None:
    desk.settings = crm_settings(server.url, grant="client_credentials")
    assert desk.oauth.state().status == "not_connected"
    assert desk.get().status == 200
    assert desk.get().status == 200
    [asked] = server.token_requests
    assert (asked["grant_type"], asked["scope"]) == ("client_credentials", "accounts.read accounts.write")
    assert desk.oauth.state().status == "connected"


def test_disconnecting_forgets_the_tokens(connected: Desk) -> None:
    connected.oauth.disconnect()
    assert connected.oauth.state().status == "not_connected"
    with pytest.raises(CrmAuthError, match="not connected"):
        connected.get()


def test_tokens_are_nothing_in_another_set_up(connected: Desk, server: OAuthServer) -> None:
    connected.settings = crm_settings(server.url, client_id="another")
    assert connected.oauth.state().status == "not_connected"
    with pytest.raises(CrmAuthError, match="not connected"):
        connected.get()
    assert server.api_requests == []


def test_the_authorization_url_keeps_its_own_query(desk: Desk, server: OAuthServer) -> None:
    desk.settings = crm_settings(server.url, authorization_url=f"{server.url}/authorize?prompt=consent")
    assert query_of(desk.oauth.authorization_url(ADMIN))["prompt"] == "consent"


def test_the_database_holds_no_secret_in_the_clear(desk: Desk, server: OAuthServer) -> None:
    url = desk.oauth.authorization_url(ADMIN)
    back = granted(url)
    with desk.database.read() as connection:
        [pending] = connection.execute(select(oauth_states)).all()
    assert only(url, "state").partition(".")[0] not in str(pending)
    desk.oauth.finish(only(back, "state"), only(back, "code"), sign_in_hash=ADMIN.sign_in_hash)
    with desk.database.read() as connection:
        [kept] = connection.execute(select(oauth_tokens)).all()
        assert connection.scalar(text("SELECT count(*) FROM pb_oauth_states")) == 0
    assert server.token_requests[0]["code_verifier"] not in str(pending)
    assert "planted" not in str(kept)
