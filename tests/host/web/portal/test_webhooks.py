"""Webhooks on the page Deliveries."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from host import services as wiring
from host.app import create_app
from host.commands.doctor import examine
from host.config import Config
from host.db.engine import Database
from host.queues import tree
from host.services import Services
from host.sessions.calls import NewCall
from host.users import directory
from host.webhooks import deliveries, receivers
from host.webhooks.deliveries import Failure
from tests.databases import lay_migrated_tables
from tests.host.web.people import PAGE, PASSWORD, post, sign_in

DELIVERIES = "/portal/deliveries"
URL = "https://hooks.example/in?token=hush"
WEBHOOKS = [{"url": URL, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    config = Config.from_env({}, data=tmp_path)
    database = Database(config.database_url)
    lay_migrated_tables(database)
    database.close()
    built = wiring.build(config)
    built.settings.import_file({"webhooks": WEBHOOKS})
    with built.database.write() as connection:
        tree.upsert(connection, ("Developers",))
        directory.upsert(connection, "admin@example.com", name="M", roles=["admin"], password=PASSWORD)
    yield built
    built.stop()


@pytest.fixture
def app(services: Services) -> Flask:
    return create_app(services.config, services)


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    client = app.test_client()
    assert sign_in(client, "admin@example.com").status_code == 303
    return client


def fail(services: Services, *, is_final: bool = True) -> str:
    """Have one message that failed; return its webhook's key."""
    services.calls.start(NewCall(queue="Developers", name="James Bond"))
    [webhook], now = services.settings.current().webhooks, services.clock.now()
    with services.database.write() as connection:
        receivers.lease(connection, webhook.key, "owner", now)
        found = deliveries.due(connection, webhook.key, now, 1)
        deliveries.postpone(connection, [Failure(each, "answered 410", is_final) for each in found], now)
        receivers.let_rest(connection, webhook.key, now + timedelta(minutes=1))
    return webhook.key


def shown(client: FlaskClient) -> str:
    return client.get(DELIVERIES, headers=PAGE).text


def test_lists_webhooks_by_their_host_alone(services: Services, admin: FlaskClient) -> None:
    page = shown(admin)
    assert "hooks.example" in page
    assert "Nothing yet" in page
    assert "hush" not in page
    assert "Try again" not in page


def test_shows_state_tries_and_error_of_what_failed(services: Services, admin: FlaskClient) -> None:
    fail(services)
    page = shown(admin)
    assert "session.created of session 1" in page
    assert "<bdi>answered 410</bdi>. Failed after 1 try." in page
    assert "The last try failed. The next one comes not before" in page
    assert "James" not in page


def test_shows_what_is_tried_again(services: Services, admin: FlaskClient) -> None:
    fail(services, is_final=False)
    assert "Tried again by itself after 1 try." in shown(admin)


def test_tries_one_again_at_once(services: Services, admin: FlaskClient) -> None:
    key = fail(services)
    assert post(admin, f"{DELIVERIES}/webhooks/{key}/1/again").status_code == 303
    now = services.clock.now()
    with services.database.read() as connection:
        assert deliveries.is_any_due(connection, key, now)
        assert not receivers.get(connection, key).is_resting(now)
    assert post(admin, f"{DELIVERIES}/webhooks/{key}/2/again").status_code == 409


def test_tries_all_failed_again(services: Services, admin: FlaskClient) -> None:
    key = fail(services)
    answers = [post(admin, f"{DELIVERIES}/webhooks/{key}/again").status_code for _ in range(2)]
    assert answers == [303, 409]


def test_the_doctor_says_what_failed(services: Services) -> None:
    fail(services)
    [line] = [each.line() for each in examine(services.config) if "Webhook" in each.what]
    assert line.startswith("wrong  Webhook hooks.example: messages that have failed: 1; look at")


def test_discards_what_failed(services: Services, admin: FlaskClient) -> None:
    key = fail(services)
    assert post(admin, f"{DELIVERIES}/webhooks/{key}/discard").status_code == 303
    assert "answered 410" not in shown(admin)


def test_names_webhooks_that_the_settings_have_no_more(services: Services, admin: FlaskClient) -> None:
    fail(services)
    services.settings.import_file({"webhooks": []})
    page = shown(admin)
    assert "A webhook that the settings have no more" in page
    assert "Try again" not in page
    assert "Discard all failed" in page


@pytest.mark.parametrize("path", ["x/1/again", "x/again", "x/discard"])
def test_refuses_a_forged_form_and_other_roles(services: Services, app: Flask, admin: FlaskClient, path: str) -> None:
    assert admin.post(f"{DELIVERIES}/webhooks/{path}", headers=PAGE).status_code == 400
    with services.database.write() as connection:
        directory.upsert(connection, "agent@example.com", name="J", roles=["agent"], password=PASSWORD)
    agent = app.test_client()
    assert sign_in(agent).status_code == 303
    assert post(agent, f"{DELIVERIES}/webhooks/{path}").status_code == 403
