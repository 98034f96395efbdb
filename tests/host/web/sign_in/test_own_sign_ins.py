"""The page of a user's own sign-ins, and when unused sign-ins end."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from host.db.tables import sign_ins as table
from host.users import sign_ins
from host.users.directory import User
from host.web.sign_in import browser_names
from tests.host.web.conftest import AddUser, FakeServices
from tests.host.web.people import PAGE, post, sign_in

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (WINDOWS, "Chrome on Windows"),
        (f"{WINDOWS} Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/18.0 Safari/605.1", "Safari on macOS"),
        ("curl/8", "Another browser"),
        ("", "Another browser"),
    ],
)
def test_a_browser_is_called_by_a_few_words(user_agent: str, name: str) -> None:
    assert browser_names.name_of(user_agent) == name


def test_lists_ones_own_and_ends_one(app: Flask, services: FakeServices, agent: User, add_user: AddUser) -> None:
    here, there, other = app.test_client(), app.test_client(), app.test_client()
    add_user("other@example.com", "admin")
    sign_in(there)
    services.clock.forward(timedelta(minutes=7))
    sign_in(here)
    sign_in(other, "other@example.com")
    text = here.get("/sign-ins", headers=PAGE).text
    assert text.count(">End<") == 2
    assert text.count("(this one)") == 1
    with services.database.read() as connection:
        last = connection.execute(select(table.c.token_hash).order_by(table.c.created_at).limit(1)).scalar_one()
    name = last[: sign_ins.NAME_LENGTH]
    assert post(other, f"/sign-ins/{name}/end").status_code == 404
    assert post(here, f"/sign-ins/{name}/end").location == "/sign-ins"
    assert there.get("/shell/", headers=PAGE).status_code == 303
    assert here.get("/shell/", headers=PAGE).status_code == 200
    assert post(here, f"/sign-ins/{name}/end").status_code == 404


def test_ending_this_one_signs_out(client: FlaskClient, services: FakeServices, agent: User) -> None:
    sign_in(client)
    with services.database.read() as connection:
        [mine] = sign_ins.of_user(connection, agent.id, services.clock.now(), timedelta.max)
    assert post(client, f"/sign-ins/{mine.name}/end").location == "/"
    assert client.get("/shell/", headers=PAGE).status_code == 303


def test_a_sign_in_that_is_not_used_ends(client: FlaskClient, services: FakeServices, agent: User) -> None:
    sign_in(client)
    for _ in range(3):
        services.clock.forward(timedelta(minutes=59))
        assert client.get("/shell/", headers=PAGE).status_code == 200
    services.clock.forward(timedelta(minutes=60))
    assert client.get("/shell/", headers=PAGE).status_code == 303
    assert client.get("/sign-ins", headers=PAGE).status_code == 303
