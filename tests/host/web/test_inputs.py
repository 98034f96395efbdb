"""All inputs of the whole application with invalid text: each answers, and names what is wrong."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from host import services as wiring
from host.app import create_app
from host.config import Config
from host.db.engine import Database
from host.queues import tree
from tests.clock import FrozenClock

DEEP = "[" * 100_000
NONCE = "n" * 20


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Iterator[Flask]:
    config = Config.from_env({"DATABASE_URL": database.url}, data=tmp_path)
    services = wiring.build(config, clock=FrozenClock())
    with services.database.write() as connection:
        tree.upsert(connection, ("Sales",))
    made = create_app(config, services)
    made.config["WTF_CSRF_ENABLED"] = False
    yield made
    services.stop()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def send(client: FlaskClient, path: str, text: str) -> tuple[int, Any]:
    headers = {"Origin": client.application.extensions["patchbay"].config.public_url}
    response = client.post(path, data=text, content_type="application/json", headers=headers)
    return response.status_code, json.loads(response.text)


@pytest.mark.parametrize("path", ["/sign-in/code", "/consumer/chats"])
@pytest.mark.parametrize("text", [DEEP, '{"a":' * 100_000, "{", "[]", '"x"', "12", "\xff"])
def test_what_is_no_json_object_is_a_400(client: FlaskClient, path: str, text: str) -> None:
    status, problem = send(client, path, text)
    assert (status, problem["error"]) == (400, "bad_request")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/sign-in/code", {"code": "\ud800", "nonce": NONCE}, "code"),
        ("/sign-in/code", {"code": "x", "nonce": "\x00"}, "nonce"),
        ("/consumer/chats", {"name": "\ud800", "queue": "Sales"}, "name"),
        ("/consumer/chats", {"name": "a\x00", "queue": "Sales"}, "name"),
        ("/consumer/chats", {"name": ["x"], "queue": "Sales"}, "name"),
        ("/consumer/chats", {"queue": "Sales", "custom_data": {"a": "\ud800"}}, "custom_data.a"),
        ("/consumer/chats", {"queue": "Sales", "custom_data": '{"a": "\\ud800"}'}, "custom_data.a"),
        ("/consumer/chats", {"queue": "Sales", "custom_data": {"a": 10**30}}, "custom_data.a"),
        ("/consumer/chats", {"queue": "Sales", "custom_data": '{"a": 1e999}'}, "custom_data.a"),
        ("/consumer/chats", {"queue": "Sales", "custom_data": '{"a": 1, "a": 2}'}, "custom_data"),
    ],
)
def test_what_no_text_may_hold_is_named(client: FlaskClient, path: str, body: dict[str, Any], field: str) -> None:
    status, problem = send(client, path, json.dumps(body))
    assert (status, list(problem["fields"])) == (422, [field])


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"custom_data": '{"a": "\\ud800"}'}, "custom_data.a"),
        ({"name": "Ada\x00"}, "name"),
        ({"name": "Ada\nLovelace"}, "name"),
        ({"name": "Ada\x85L"}, "name"),
        ({"queue": "Sales\x00"}, "queue"),
        ({"custom_data_jwt": "\x00"}, "custom_data_jwt"),
    ],
)
def test_a_form_is_shown_again_with_what_is_wrong(client: FlaskClient, form: dict[str, str], field: str) -> None:
    response = client.post("/consumer/chats", data={"queue": "Sales", **form})
    assert response.status_code == 422
    assert field in response.text


@pytest.mark.parametrize("path", ["/", "/consumer/", "/sign-in/popup", "/agent/"])
@pytest.mark.parametrize("query", ["next=%00", "name=%1b", "x%00=1", "type=call%00"])
def test_a_control_character_in_a_query_is_named(client: FlaskClient, path: str, query: str) -> None:
    assert client.get(f"{path}?{query}").status_code == 422


def test_half_a_character_in_a_query_is_read_as_what_it_is_not(client: FlaskClient) -> None:
    assert client.get("/consumer/?name=%ED%A0%80").status_code == 200


@pytest.mark.parametrize("email", ["\x00", "agent\x00@example.com", "\x1b"])
def test_nobody_signs_in_with_a_control_character(client: FlaskClient, email: str) -> None:
    assert client.post("/sign-in", data={"email": email, "password": "x"}).status_code == 422


@pytest.mark.parametrize("number", ["9223372036854775808", "9" * 30, "9" * 5000])
def test_a_number_that_no_database_knows_is_no_address(client: FlaskClient, number: str) -> None:
    assert client.get(f"/agent/sessions/{number}/trace").status_code == 404
    assert client.post(f"/portal/deliveries/{number}/again").status_code in {400, 404}
