"""Developer Settings: the connection test of the external storage, and "Link & Save"."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from host import services as wiring
from host.app import create_app
from host.config import Config
from host.db.engine import Database
from host.errors import StorageError
from host.queues import tree
from host.services import Services
from host.storage import gcs_link
from host.storage.gcs_link import Google
from host.users import directory
from tests.databases import lay_migrated_tables
from tests.host.crm.auth import oauth_server
from tests.host.crm.auth.oauth_server import CLIENT_ID, CLIENT_SECRET, OAuthServer
from tests.host.web.people import PAGE, PASSWORD, csrf_token, sign_in

STORAGE = "/portal/settings/developer/storage"
CALLBACK = "/portal/settings/storage/oauth/callback"
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def server() -> Iterator[OAuthServer]:
    with oauth_server.running() as known:
        known.registered = f"http://127.0.0.1:8000{CALLBACK}"
        yield known


@pytest.fixture
def services(tmp_path: Path, server: OAuthServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setattr(gcs_link, "Google", lambda: Google(f"{server.url}/authorize", f"{server.url}/token"))
    config = Config.from_env({}, data=tmp_path)
    database = Database(config.database_url)
    lay_migrated_tables(database)
    database.close()
    built = wiring.build(config)
    with built.database.write() as connection:
        tree.upsert(connection, ("Support",))
        for role in ("admin", "supervisor"):
            directory.upsert(connection, f"{role}@example.com", name="M", roles=[role], password=PASSWORD)
    yield built
    built.stop()


@pytest.fixture
def app(services: Services) -> Flask:
    app = create_app(services.config, services)
    app.testing = True
    return app


def client_of(app: Flask, role: str = "admin") -> FlaskClient:
    client = app.test_client()
    assert sign_in(client, f"{role}@example.com").status_code == 303
    return client


def post(client: FlaskClient, action: str) -> TestResponse:
    return client.post(f"{STORAGE}/{action}", headers={**JSON, "X-CSRF-Token": csrf_token(client)})


def granted(answer: TestResponse) -> str:
    """Go where the answer leads, grant access; return the path that the browser is led back to."""
    assert answer.json
    back = requests.get(answer.json["url"], allow_redirects=False, timeout=60).headers["Location"]
    return back.removeprefix("http://127.0.0.1:8000")


def use_google(services: Services) -> None:
    gcs = {"bucket": "files", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    services.settings.import_file({"external_storage": {"backend": "gcs", "gcs": gcs}})


def test_the_test_says_that_all_is_well(app: Flask) -> None:
    answer = post(client_of(app), "test")

    assert answer.json == {
        "done": ["connect", "sign_in", "write", "read", "rename", "delete"],
        "failed": "",
        "reason": "",
        "words": "connect, sign_in, write, read, rename, delete: fine",
        "host_key": "",
    }


def test_the_test_names_the_step_that_fails(app: Flask, services: Services) -> None:
    use_google(services)
    answer = post(client_of(app), "test")

    assert answer.json is not None
    assert (answer.json["failed"], answer.json["done"]) == ("sign_in", [])
    assert "press Link & Save" in answer.json["reason"]


@pytest.mark.parametrize("action", ["test", "link", "unlink"])
def test_only_admins_may(app: Flask, action: str) -> None:
    assert post(client_of(app, "supervisor"), action).status_code == 403


def test_an_admin_links_an_account(app: Flask, services: Services, server: OAuthServer) -> None:
    use_google(services)
    admin = client_of(app)
    assert services.storage.link.state().status == "not_connected"
    answer = post(admin, "link")
    assert admin.get(granted(answer), headers=PAGE).status_code == 303

    assert services.storage.link.state().status == "connected"
    assert server.is_good(services.storage.link.token())
    assert services.crm_oauth.state().status == "not_needed"
    assert server.authorizations[-1]["access_type"] == "offline"

    post(admin, "unlink")
    assert services.storage.link.state().status == "not_connected"
    with pytest.raises(StorageError, match="sign_in: no Google account is linked"):
        services.storage.link.token()


def test_a_refused_token_is_renewed(app: Flask, services: Services, server: OAuthServer) -> None:
    use_google(services)
    admin = client_of(app)
    answer = post(admin, "link")
    admin.get(granted(answer), headers=PAGE)
    before = services.storage.link.token()
    server.expire()

    after = services.storage.link.token(is_refused=True)
    assert after != before
    assert server.is_good(after)


def test_a_link_belongs_to_the_sign_in_that_began_it(app: Flask, services: Services) -> None:
    use_google(services)
    answer = post(client_of(app), "link")

    assert client_of(app).get(granted(answer), headers=PAGE).status_code == 403


def test_access_that_was_not_granted_is_told(app: Flask, services: Services) -> None:
    use_google(services)
    admin = client_of(app)
    answer = post(admin, "link")
    assert answer.json is not None
    state = requests.Request("GET", answer.json["url"]).prepare().url or ""
    state = state.partition("state=")[2].partition("&")[0]
    refused = admin.get(f"{CALLBACK}?state={state}&error=access_denied", headers=PAGE)

    assert (refused.status_code, "did not grant access" in refused.text) == (400, True)
    assert admin.get(f"{CALLBACK}?state={state}&error=access_denied", headers=PAGE).status_code == 403
    assert admin.get(CALLBACK, headers=PAGE).status_code == 400
