"""Developer Settings: connecting the CRM by OAuth, in the whole application."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from host import services as wiring
from host.app import create_app
from host.config import Config
from host.crm.intents import trace
from host.crm.intents.trace import MASK
from host.db.engine import Database
from host.db.tables import metadata, traces
from host.queues import tree
from host.services import Services
from host.sessions import repository
from host.users import directory
from tests.databases import lay_migrated_tables
from tests.host.crm.auth import oauth_server
from tests.host.crm.auth.desk import crm_settings
from tests.host.crm.auth.oauth_server import CLIENT_SECRET, OAuthServer
from tests.host.web.people import PAGE, PASSWORD, csrf_token, sign_in
from tests.host.world import plan_start

DEVELOPER = "/portal/settings/developer"
CALLBACK = "/portal/settings/crm/oauth/callback"
JSON = {"Accept": "application/json"}


@dataclass
class Site:
    """A host with an OAuth CRM, and an admin who is signed in."""

    app: Flask
    services: Services
    server: OAuthServer

    def settings(self, **auth: Any) -> None:
        document = crm_settings(self.server.url, **auth).model_dump(mode="json", by_alias=True, exclude_unset=True)
        document["auth"]["client_secret"] = CLIENT_SECRET
        self.services.settings.import_file({"version": 1, "crm": document})

    def admin(self, email: str = "admin@example.com") -> FlaskClient:
        with self.services.database.write() as connection:
            directory.upsert(connection, email, name="M", roles=["admin", "agent"], password=PASSWORD)
        client = self.app.test_client()
        assert sign_in(client, email).status_code == 303
        return client


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    config = Config.from_env({}, data=tmp_path)
    database = Database(config.database_url)
    lay_migrated_tables(database)
    database.close()
    services = wiring.build(config)
    with services.database.write() as connection:
        tree.upsert(connection, ("Support",))
    with oauth_server.running() as server:
        site = Site(create_app(config, services), services, server)
        site.settings()
        yield site
        services.stop()


def press_connect(client: FlaskClient) -> TestResponse:
    return client.post(f"{DEVELOPER}/crm/connect", headers={**JSON, "X-CSRF-Token": csrf_token(client)})


def granted(answer: TestResponse) -> str:
    """Go where the answer leads, grant access; return the path that the browser is led back to."""
    assert answer.json
    back = requests.get(answer.json["url"], allow_redirects=False, timeout=60).headers["Location"]
    parts = urlsplit(back)
    return f"{parts.path}?{parts.query}"


def test_an_admin_connects_the_crm(site: Site) -> None:
    admin = site.admin()
    assert "Not connected" in admin.get(DEVELOPER, headers=PAGE).text
    answer = admin.get(granted(press_connect(admin)), headers=PAGE)
    assert (answer.status_code, answer.location) == (303, DEVELOPER)
    page = admin.get(DEVELOPER, headers=PAGE).text
    assert "Connected since" in page
    assert f"http://127.0.0.1:8000{CALLBACK}" in page


def test_the_redirect_uri_does_not_come_from_the_request(site: Site) -> None:
    admin = site.admin()
    headers = {**JSON, "X-CSRF-Token": csrf_token(admin), "X-Forwarded-Host": "evil.example", "Host": "localhost"}
    answer = admin.post(f"{DEVELOPER}/crm/connect", headers=headers)
    assert answer.json
    requests.get(answer.json["url"], allow_redirects=False, timeout=60)
    assert site.server.authorizations[0]["redirect_uri"] == f"http://127.0.0.1:8000{CALLBACK}"


def test_a_replayed_callback_is_refused(site: Site) -> None:
    admin = site.admin()
    back = granted(press_connect(admin))
    admin.get(back, headers=PAGE)
    assert admin.get(back, headers=PAGE).status_code == 403
    assert len(site.server.token_requests) == 1


def test_another_admin_cannot_end_what_this_one_began(site: Site) -> None:
    back = granted(press_connect(site.admin()))
    other = site.admin("m2@example.com")
    answer = other.get(back, headers=PAGE)
    assert answer.status_code == 403
    assert "press Connect again" in answer.text
    assert site.server.token_requests == []


def test_the_same_admin_in_another_sign_in_is_refused_too(site: Site) -> None:
    back = granted(press_connect(site.admin()))
    assert site.admin().get(back, headers=PAGE).status_code == 403


def test_who_is_signed_out_signs_in_first_and_comes_back(site: Site) -> None:
    url = site.services.crm_oauth.authorization_url(None)
    location = requests.get(url, allow_redirects=False, timeout=60).headers["Location"]
    back = location.removeprefix("http://127.0.0.1:8000")
    client = site.app.test_client()
    assert (client.get(back, headers=PAGE).location or "").startswith(f"/?next={CALLBACK}")
    site.admin()
    signed_in = sign_in(client, "admin@example.com", next_path=back)
    assert client.get(signed_in.location or "", headers=PAGE).location == DEVELOPER
    assert site.services.crm_oauth.state().status == "connected"


def test_access_that_was_not_granted_is_told_without_the_strangers_words(site: Site) -> None:
    admin = site.admin()
    state = granted(press_connect(admin)).partition("state=")[2]
    said = "error=access_denied&error_description=Call+our+hotline"
    answer = admin.get(f"{CALLBACK}?state={state}&{said}", headers=PAGE)
    assert answer.status_code == 400
    assert "did not grant access" in answer.text
    assert "hotline" not in answer.text
    assert admin.get(f"{CALLBACK}?state={state}&code=x", headers=PAGE).status_code == 403


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?state=x.y&code=z", "?error=access_denied"])
def test_an_incomplete_callback_is_refused(site: Site, query: str) -> None:
    answer = site.admin().get(CALLBACK + query, headers=JSON)
    assert answer.status_code in {400, 403}
    assert site.server.token_requests == []


def test_client_credentials_are_connected_at_once(site: Site) -> None:
    site.settings(grant="client_credentials")
    answer = press_connect(site.admin())
    assert answer.json == {"url": DEVELOPER}
    assert site.services.crm_oauth.state().status == "connected"


def test_a_connection_that_the_crm_took_back_is_told_on_the_page(site: Site) -> None:
    admin = site.admin()
    admin.get(granted(press_connect(admin)), headers=PAGE)
    site.server.expire()
    site.server.fails_with = (400, {"error": "invalid_grant"})
    session = site.services.clients.of(site.services.settings.current().crm)
    with pytest.raises(Exception, match="needs reconnecting"):
        session.send("find_account_by_query", "GET", f"{site.server.url}/api/accounts")
    page = admin.get(DEVELOPER, headers=PAGE).text
    assert "Needs reconnecting" in page
    assert "invalid_grant" in page


def test_disconnect_forgets(site: Site) -> None:
    admin = site.admin()
    admin.get(granted(press_connect(admin)), headers=PAGE)
    form = {"csrf_token": csrf_token(admin)}
    assert admin.post(f"{DEVELOPER}/crm/disconnect", data=form, headers=PAGE).location == DEVELOPER
    assert "Not connected" in admin.get(DEVELOPER, headers=PAGE).text


def test_without_oauth_there_is_nothing_to_connect(site: Site) -> None:
    crm = {"type": "custom", "name": "Ours", "auth": {"method": "bearer", "token": "t"}}
    site.services.settings.import_file({"version": 1, "crm": crm})
    admin = site.admin()
    page = admin.get(DEVELOPER, headers=PAGE).text
    assert "there is nothing to connect" in page
    assert 'id="crm-connect"' not in page
    answer = press_connect(admin)
    assert answer.json
    assert (answer.status_code, answer.json["error"]) == (422, "config")


def test_the_page_says_when_there_is_no_crm(site: Site) -> None:
    site.services.settings.import_file({"version": 1, "crm": {"type": "none"}})
    assert "No CRM is set up" in site.admin().get(DEVELOPER, headers=PAGE).text


def test_secrets_are_in_no_log_page_answer_trace_or_export(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    admin = site.admin()
    seen = [admin.get(DEVELOPER, headers=PAGE).text]
    pressed = press_connect(admin)
    seen.append(pressed.text)
    seen.append(admin.get(granted(pressed), headers=PAGE).text)
    site.server.expire()
    seen.append(_session_with_a_trace(site))
    seen += [admin.get(DEVELOPER, headers=PAGE).text, json.dumps(site.services.settings.export()), caplog.text]
    seen += [repr(site.services.settings.current()), repr(site.services.crm_oauth.state())]
    for family in site.server.families:
        assert family.refresh
    secrets = [CLIENT_SECRET, *_tokens(site.server), site.server.token_requests[0]["code_verifier"]]
    assert len(secrets) >= 5
    for text in seen:
        assert [secret for secret in secrets if secret in text] == []
    with site.services.database.read() as connection:
        dump = str([connection.execute(select(table)).all() for table in metadata.sorted_tables])
    assert [secret for secret in secrets if secret in dump] == []


def _tokens(server: OAuthServer) -> set[str]:
    sent = {request["Authorization"].removeprefix("Bearer ") for request in server.api_requests}
    return (
        sent
        | {family.refresh for family in server.families}
        | {spent for f in server.families for spent in f.spent if spent}
    )


def _session_with_a_trace(site: Site) -> str:
    """Run a session whose CRM repeats the token in its answer; return its trace as JSON."""
    session_id = _chat(site.services.database, site.services.clock.now())
    site.services.runner.run_session(session_id)
    with site.services.database.read() as connection:
        rows = trace.rows(connection, session_id)
        assert connection.execute(select(traces.c.id)).all()
    text = json.dumps([row.read_out for row in rows]) + str(rows)
    assert MASK in text
    return text


def _chat(database: Database, now: datetime) -> int:
    with database.write() as connection:
        queue_id = tree.upsert(connection, ("Support",)).id
        person = repository.find_or_add_end_user(connection, now, email="james.bond@agents.co")
        session = repository.insert(
            connection,
            now=now,
            channel="chat",
            type="messaging_web",
            status="queued",
            queue_id=queue_id,
            end_user_id=person.id,
        )
        plan_start(connection, session.id, now)
        return session.id


def test_rotated_keys_still_open_the_connection(site: Site) -> None:
    admin = site.admin()
    admin.get(granted(press_connect(admin)), headers=PAGE)
    begun = press_connect(admin)
    keys = (site.services.config.data / "secret-keys").read_text()
    # client secret, session key, tokens, one verifier
    assert site.services.settings.rotate() == 4
    assert (site.services.config.data / "secret-keys").read_text() != keys
    client = site.services.clients.of(site.services.settings.current().crm)
    assert client.send("find_account_by_query", "GET", f"{site.server.url}/api/accounts").status == 200
    assert admin.get(granted(begun), headers=PAGE).location == DEVELOPER
    assert create_app(site.services.config, site.services).secret_key == site.app.secret_key
