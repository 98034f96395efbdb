from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from host.users import directory
from host.users.directory import User
from tests.host.web.conftest import AddUser, FakeServices
from tests.host.web.people import PAGE, csrf_token, sign_in

NONCE = "0123456789abcdef0123456789abcdef"
WINDOW = f"/sign-in/popup?nonce={NONCE}"
OWN = {"Origin": "http://localhost"}
FOREIGN = {"Origin": "https://evil.example"}


@pytest.fixture
def frame(app: Flask) -> FlaskClient:
    """Another cookie jar: the frame's."""
    return app.test_client()


@pytest.fixture
def code(client: FlaskClient, agent: User) -> str:
    sign_in(client)
    return issued(client)


def issued(window: FlaskClient) -> str:
    answer = window.post(WINDOW, headers={"X-CSRF-Token": csrf_token(window)})
    assert answer.status_code == 200
    return str(answer.json["code"]) if answer.json else ""


def redeem(frame: FlaskClient, code: object, nonce: object = NONCE, headers: dict[str, str] = OWN) -> TestResponse:
    return frame.post("/sign-in/code", json={"code": code, "nonce": nonce}, headers=headers)


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/shell/", headers=PAGE).status_code == 200


def goes_on_at_once(client: FlaskClient, address: str = WINDOW) -> bool:
    page = client.get(address, headers=PAGE).text
    assert '"atOnce": ' in page
    return '"atOnce": true' in page


def test_the_window_shows_the_form_and_goes_on_by_itself_once(client: FlaskClient, agent: User) -> None:
    page = client.get(WINDOW, headers=PAGE).text
    assert f'name="next" value="{WINDOW}"' in page
    answer = sign_in(client, next_path=WINDOW)
    assert answer.location == WINDOW
    assert goes_on_at_once(client)
    assert not goes_on_at_once(client)


@pytest.mark.parametrize("address", [f"{WINDOW}&at_once=1", f"{WINDOW}&at_once", f"{WINDOW}&atOnce=true"])
def test_no_address_makes_the_window_go_on_by_itself(client: FlaskClient, agent: User, address: str) -> None:
    sign_in(client)
    assert not goes_on_at_once(client, address)


def test_who_signed_in_for_another_frame_says_first_that_it_is_them(client: FlaskClient, agent: User) -> None:
    sign_in(client, next_path=f"/sign-in/popup?nonce={'f' * 32}")
    assert not goes_on_at_once(client)
    assert not goes_on_at_once(client, f"/sign-in/popup?nonce={'f' * 32}")


def test_whoever_was_signed_in_before_says_that_it_is_he(client: FlaskClient, agent: User) -> None:
    sign_in(client)
    page = client.get(WINDOW, headers=PAGE).text
    assert '"atOnce": false' in page
    assert "Continue as <bdi>James Bond</bdi>" in page
    assert ">Sign out</button>" in page


def test_a_code_signs_the_frame_in_with_a_sign_in_of_its_own(
    client: FlaskClient, frame: FlaskClient, code: str
) -> None:
    assert not is_signed_in(frame)
    answer = redeem(frame, code)
    assert (answer.status_code, answer.json) == (200, {"signed_in": True})
    cookie = answer.headers.getlist("Set-Cookie")[-1]
    for part in ("__Host-patchbay=", "Secure", "HttpOnly", "SameSite=None", "Partitioned"):
        assert part in cookie
    assert is_signed_in(frame)
    client.post("/sign-out", headers={"X-CSRF-Token": csrf_token(client)})
    assert is_signed_in(frame)


def test_a_code_is_good_once(frame: FlaskClient, app: Flask, code: str) -> None:
    assert redeem(frame, code).status_code == 200
    replayed = redeem(app.test_client(), code)
    assert replayed.status_code == 401
    assert replayed.json
    assert "has been used" in replayed.json["message"]


def test_a_code_is_for_the_frame_that_made_the_nonce(frame: FlaskClient, code: str) -> None:
    assert redeem(frame, code, nonce="f" * 32).status_code == 401
    assert not is_signed_in(frame)
    assert redeem(frame, code).status_code == 200


def test_a_code_dies_with_the_sign_in_that_it_was_made_in(client: FlaskClient, frame: FlaskClient, code: str) -> None:
    client.post("/sign-out", data={"csrf_token": csrf_token(client)})
    assert redeem(frame, code).status_code == 401
    assert not is_signed_in(frame)


def test_a_code_lasts_30_seconds(frame: FlaskClient, services: FakeServices, code: str) -> None:
    services.clock.forward(timedelta(seconds=30))
    assert redeem(frame, code).status_code == 401


def test_a_code_is_nothing_for_who_was_deactivated_meanwhile(
    frame: FlaskClient, services: FakeServices, code: str
) -> None:
    with services.database.write() as connection:
        directory.upsert(connection, "agent@example.com", is_active=False)
    assert redeem(frame, code).status_code == 401


@pytest.mark.parametrize("headers", [FOREIGN, {}, {"Origin": "null"}])
def test_nobody_is_signed_in_from_another_origin(frame: FlaskClient, code: str, headers: dict[str, str]) -> None:
    answer = redeem(frame, code, headers=headers)
    assert (answer.status_code, answer.json and answer.json["error"]) == (400, "csrf")
    assert not is_signed_in(frame)


@pytest.mark.parametrize("code", [None, 7, ""])
def test_says_that_the_code_is_missing(frame: FlaskClient, code: object) -> None:
    answer = redeem(frame, code)
    assert answer.status_code == 400
    assert answer.json
    assert answer.json["message"].startswith("code: ")


@pytest.mark.parametrize("nonce", ["", "short", "f" * 129, "0123456789abcdef/../"])
def test_refuses_nonces_that_no_frame_of_ours_makes(client: FlaskClient, agent: User, nonce: str) -> None:
    page = client.get("/sign-in/popup", query_string={"nonce": nonce}, headers=PAGE)
    assert page.status_code == 400
    assert "nonce: must be 16 to 128" in page.text
    assert redeem(client, "code", nonce=nonce).status_code == 400


def test_only_the_signed_in_get_codes(client: FlaskClient) -> None:
    assert client.post(WINDOW, headers={"X-CSRF-Token": csrf_token(client)}).status_code == 401


def test_a_stale_form_in_a_sibling_frame_signs_in_all_the_same(app: Flask, agent: User) -> None:
    form = {"csrf_token": "stale", "email": "agent@example.com", "password": "correct horse", "next": "/agent/"}
    own, foreign = app.test_client(), app.test_client()
    assert own.post("/sign-in", data=form, headers={**PAGE, **OWN}).status_code == 303
    assert is_signed_in(own)
    refused = foreign.post("/sign-in", data=form, headers={**PAGE, **FOREIGN})
    assert refused.status_code == 400
    assert not is_signed_in(foreign)


def test_supervisors_have_windows_too(client: FlaskClient, frame: FlaskClient, add_user: AddUser) -> None:
    add_user("supervisor@example.com", "supervisor")
    sign_in(client, "supervisor@example.com")
    assert redeem(frame, issued(client)).status_code == 200
