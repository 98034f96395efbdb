from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from host.db.tables import sign_ins
from host.settings.document.model import Settings
from host.settings.document.sections import SignIn
from host.users import directory, status, tickets
from host.users.authenticate import authenticate
from host.users.directory import User
from host.web.sign_in import known_devices
from tests.host.web.conftest import AddUser, FakeServices
from tests.host.web.people import PAGE, csrf_token, post, sign_in


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits before their password is checked; the tests of `authenticate` show how long they would."""
    assert authenticate.__kwdefaults__
    monkeypatch.setitem(authenticate.__kwdefaults__, "pause", lambda _seconds: None)


def test_shows_the_form_to_who_is_signed_out(client: FlaskClient) -> None:
    page = client.get("/", headers=PAGE)
    assert page.status_code == 200
    for part in ('<label for="sign-in-email">E-mail', '<label for="sign-in-password">Password', ">Sign in</button>"):
        assert part in page.text


def test_leads_an_agent_to_the_shell(client: FlaskClient, agent: User) -> None:
    answer = sign_in(client)
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/", headers=PAGE).location == "/shell/"


def test_leads_back_to_where_the_form_stood(client: FlaskClient, agent: User) -> None:
    form = client.get("/agent/?type=chat&from=custom", headers=PAGE).text
    assert 'name="next" value="/agent/?type=chat&amp;from=custom"' in form
    assert sign_in(client, next_path="/agent/?type=chat&from=custom").location == "/agent/?type=chat&from=custom"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example",
        "javascript:alert(1)",
        "shell/",
        "/no/such/page",
        "/sign-out",
    ],
)
def test_leads_nowhere_but_to_our_own_pages(client: FlaskClient, agent: User, elsewhere: str) -> None:
    assert sign_in(client, next_path=elsewhere).location == "/"
    assert client.get("/", query_string={"next": elsewhere}, headers=PAGE).location == "/shell/"


def test_shows_whoever_has_no_place_what_there_is(client: FlaskClient, add_user: AddUser) -> None:
    add_user("admin@example.com", "admin")
    sign_in(client, "admin@example.com")
    page = client.get("/", headers=PAGE)
    assert page.status_code == 200
    assert ">Sign out</button>" in page.text
    assert 'href="/shell/"' in page.text


def test_keeps_the_email_and_says_what_is_wrong(client: FlaskClient, agent: User) -> None:
    page = sign_in(client, password="wrong")
    assert page.status_code == 401
    assert "go together" in page.text
    assert 'value="agent@example.com"' in page.text
    assert "wrong" not in page.text.replace("wrong-", "")


def test_unknown_emails_get_the_same_words_as_wrong_passwords(client: FlaskClient, agent: User) -> None:
    known, unknown = sign_in(client, password="no"), sign_in(client, email="ghost@example.com", password="no")
    assert (known.status_code, unknown.status_code) == (401, 401)
    assert known.text.count("go together") == unknown.text.count("go together") == 1


def test_an_empty_field_gets_its_error_beside_it(client: FlaskClient) -> None:
    page = sign_in(client, email="", password="")
    assert page.status_code == 422
    for name in ("email", "password"):
        assert f'aria-invalid="true" aria-describedby="sign-in-{name}-error"' in page.text


def test_what_was_typed_is_escaped(client: FlaskClient) -> None:
    page = sign_in(client, email='"><script>alert(1)</script>', password="no")
    assert "<script>" not in page.text


def test_deactivated_people_are_strangers(client: FlaskClient, services: FakeServices, agent: User) -> None:
    with services.database.write() as connection:
        directory.upsert(connection, agent.email, is_active=False)
    assert sign_in(client).status_code == 401


def test_deactivating_ends_what_is_running(client: FlaskClient, services: FakeServices, agent: User) -> None:
    sign_in(client)
    with services.database.write() as connection:
        directory.upsert(connection, agent.email, is_active=False)
    assert client.get("/shell/", headers=PAGE).location == "/?next=/shell/"


def test_a_sign_in_lasts_as_long_as_the_settings_say(client: FlaskClient, services: FakeServices, agent: User) -> None:
    services.settings.settings = Settings(sign_in=SignIn(idle_minutes=1000))
    sign_in(client)
    services.clock.forward(timedelta(hours=11, minutes=59))
    assert client.get("/shell/", headers=PAGE).status_code == 200
    services.clock.forward(timedelta(minutes=1))
    assert client.get("/shell/", headers=PAGE).status_code == 303


def test_more_wrong_passwords_wait_ever_longer_and_say_so(
    client: FlaskClient, services: FakeServices, agent: User
) -> None:
    for _ in range(6):
        assert sign_in(client, password="no").status_code == 401
    refused = sign_in(client)
    assert refused.status_code == 429
    assert "Wait 6 seconds, then try again." in refused.text
    assert refused.headers["Retry-After"] == "6"
    services.clock.forward(timedelta(seconds=6))
    assert sign_in(client).status_code == 303


def test_a_browser_that_is_known_is_slowed_down_by_nobody_else(app: Flask, agent: User) -> None:
    known, stranger = app.test_client(), app.test_client()
    assert sign_in(known).status_code == 303
    known.post("/sign-out", data={"csrf_token": csrf_token(known)})
    for _ in range(6):
        assert sign_in(stranger, password="no").status_code == 401
    assert sign_in(stranger).status_code == 429
    assert sign_in(known).status_code == 303


def test_the_cookie_of_a_known_browser_opens_nothing_and_can_not_be_made_up(app: Flask, agent: User) -> None:
    client, other = app.test_client(), app.test_client()
    sign_in(client)
    cookie = client.get_cookie(known_devices.COOKIE)
    assert cookie
    assert (cookie.secure, cookie.http_only, cookie.same_site) == (True, True, "None")
    other.set_cookie(known_devices.COOKIE, cookie.value)
    assert other.get("/shell/", headers=PAGE).status_code == 303
    other.set_cookie(known_devices.COOKIE, f"{cookie.value}x")
    assert sign_in(other).status_code == 303


def test_a_success_starts_the_count_again(client: FlaskClient, agent: User) -> None:
    for _ in range(2):
        for _ in range(4):
            sign_in(client, password="no")
        assert sign_in(client).status_code == 303


def test_a_stale_form_is_shown_again_fresh(client: FlaskClient, agent: User) -> None:
    form = {"csrf_token": "stale", "email": agent.email, "password": "correct horse"}
    page = client.post("/sign-in", data=form, headers=PAGE)
    assert page.status_code == 400
    assert "out of date" in page.text
    assert 'value="agent@example.com"' in page.text


def test_a_stale_form_beside_a_fresh_sign_in_leads_on(client: FlaskClient, agent: User) -> None:
    stale = csrf_token(client)
    sign_in(client)
    form = {"csrf_token": stale, "email": agent.email, "password": "x", "next": "/agent/?type=call"}
    assert client.post("/sign-in", data=form, headers=PAGE).location == "/agent/?type=call"


def test_signing_in_makes_a_new_token_and_ends_the_old_one(
    client: FlaskClient, services: FakeServices, agent: User
) -> None:
    before = csrf_token(client)
    sign_in(client)
    sign_in(client)
    with client.session_transaction() as session:
        assert set(session) <= {"token", "csrf_token"}
    with services.database.read() as connection:
        assert len(connection.execute(select(sign_ins)).all()) == 1
    assert client.post("/sign-out", data={"csrf_token": before}, headers=PAGE).status_code == 400


def test_the_cookie_works_in_frames_and_nowhere_else(client: FlaskClient, agent: User) -> None:
    cookie = sign_in(client).headers.getlist("Set-Cookie")[-1]
    name, *attributes = cookie.split("; ")
    assert name.startswith("__Host-patchbay=")
    assert set(attributes) == {"Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned"}


def test_signing_out_ends_it_on_the_server(client: FlaskClient, services: FakeServices, agent: User) -> None:
    sign_in(client)
    kept = client.get_cookie("__Host-patchbay")
    assert kept
    assert post(client, "/sign-out").location == "/"
    client.set_cookie("__Host-patchbay", kept.value)
    assert client.get("/shell/", headers=PAGE).location == "/?next=/shell/"


def test_signing_out_everywhere_ends_the_other_browsers_too(app: Flask, agent: User) -> None:
    here, there = app.test_client(), app.test_client()
    sign_in(here)
    sign_in(there)
    post(here, "/sign-out-everywhere")
    assert there.get("/shell/", headers=PAGE).status_code == 303


def test_who_signs_out_for_good_is_offline(app: Flask, services: FakeServices, agent: User) -> None:
    here, there = app.test_client(), app.test_client()
    sign_in(here)
    sign_in(there)
    with services.database.write() as connection:
        status.set_status(connection, agent.id, "Available", services.clock.now())
    post(here, "/sign-out")
    assert _status(services, agent) == "Available"
    post(there, "/sign-out")
    assert _status(services, agent) == "Offline"


def test_signing_out_twice_does_no_harm(client: FlaskClient) -> None:
    assert post(client, "/sign-out").status_code == 303


def test_an_agent_gets_a_ticket_for_the_socket(client: FlaskClient, services: FakeServices, agent: User) -> None:
    sign_in(client)
    answer = client.post("/agent/ticket", headers={"X-CSRF-Token": csrf_token(client)})
    with services.database.write() as connection:
        used = tickets.redeem(connection, answer.json["ticket"], "socket", services.clock.now())  # type: ignore[index]
    assert used
    assert used.user_id == agent.id


def test_no_ticket_without_sign_in_role_or_csrf(client: FlaskClient, add_user: AddUser) -> None:
    assert client.post("/agent/ticket", headers={"X-CSRF-Token": csrf_token(client)}).status_code == 401
    add_user("admin@example.com", "admin")
    sign_in(client, "admin@example.com")
    assert client.post("/agent/ticket", headers={"X-CSRF-Token": csrf_token(client)}).status_code == 403
    assert client.post("/agent/ticket").status_code == 400


def _status(services: FakeServices, user: User) -> str:
    with services.database.read() as connection:
        found = directory.by_id(connection, user.id)
    assert found
    return found.status
