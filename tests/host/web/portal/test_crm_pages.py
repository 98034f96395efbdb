"""Developer Settings: the links to the CRM's pages are saved as a whole, and the display page is asked before."""

from collections.abc import Iterator
from html import unescape
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from host import services as wiring
from host.app import create_app
from host.config import Config
from host.queues import tree
from host.services import Services
from host.users import directory
from tests.databases import lay_tables
from tests.host.orchestration.test_display_crm import Pages
from tests.host.web.people import PAGE, PASSWORD, post, sign_in
from tests.serving import served

DEVELOPER = "/portal/settings/developer"
PHONE = "https://crm.example/find?phone={ANI}"


@pytest.fixture(scope="module")
def crm() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    with served(server):
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = wiring.build(Config.from_env({}, data=tmp_path))
    lay_tables(services.database)
    with services.database.write() as connection:
        tree.upsert(connection, ("Support",))
        directory.upsert(connection, "admin@example.com", name="M", roles=["admin"], password=PASSWORD)
    services.settings.import_file({"version": 1, "crm": {"allow_private_addresses": True}})
    yield services
    services.stop()


@pytest.fixture
def admin(services: Services) -> FlaskClient:
    client = create_app(services.config, services).test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    assert sign_in(client, "admin@example.com").status_code == 303
    return client


def send(admin: FlaskClient, action: str = "save", **fields: str) -> TestResponse:
    return post(admin, f"{DEVELOPER}/crm/pages", action=action, **fields)


def test_lookup_urls_are_saved_and_shown(admin: FlaskClient, services: Services) -> None:
    answer = send(admin, phone=PHONE, sdk="", url="")
    assert (answer.status_code, answer.location) == (303, f"{DEVELOPER}?saved=1#crm-pages")
    assert services.settings.current().lookup_urls.phone == PHONE
    page = unescape(admin.get(f"{DEVELOPER}?saved=1", headers=PAGE).text)
    assert "Saved." in page
    assert f'value="{PHONE}"' in page


def test_what_is_wrong_stands_at_its_field_and_nothing_is_saved(admin: FlaskClient, services: Services) -> None:
    answer = send(admin, phone="https://crm.example/{ACCOUNT_ID}", sdk=PHONE, enabled="on", url="")
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert "{ACCOUNT_ID} is not available here" in page
    assert "Is empty; needed: the page to show" in page
    assert page.count('aria-invalid="true"') == 2
    assert f'value="{PHONE}"' in page  # what was typed is kept
    assert services.settings.current().lookup_urls.sdk == ""


def test_a_page_that_forbids_frames_is_told_before_it_is_saved(
    admin: FlaskClient, services: Services, crm: str
) -> None:
    fields = {"phone": PHONE, "sdk": "", "enabled": "on", "url": f"{crm}/home"}
    answer = send(admin, **fields)
    assert answer.status_code == 200
    assert "forbids it (X-Frame-Options)" in answer.text
    assert "Save Changes saves it as it is" in answer.text
    assert services.settings.current().display_crm.url == ""
    assert send(admin, **fields, told=f"{crm}/home").status_code == 303
    assert services.settings.current().display_crm.url == f"{crm}/home"
    assert send(admin, **fields).status_code == 303  # it has not changed


def test_a_page_that_may_be_framed_is_saved_at_once(admin: FlaskClient, services: Services, crm: str) -> None:
    assert send(admin, enabled="on", url=f"{crm}/open").status_code == 303
    assert services.settings.current().display_crm.enabled


def test_checking_saves_nothing(admin: FlaskClient, services: Services, crm: str) -> None:
    assert "The page may be framed" in send(admin, "check", enabled="on", url=f"{crm}/open").text
    assert "there is no page to try" in send(admin, "check").text
    assert services.settings.current().display_crm.url == ""
