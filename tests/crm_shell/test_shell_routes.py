"""What the shell's page asks for beside itself: listener files, and whether a page lets itself be framed."""

import json
import re
from collections.abc import Iterator
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from crm_shell.vendor_files import VendorFile
from host import services as wiring
from host.app import create_app
from host.config import Config
from host.crm.http.client import GuardedClient
from host.crm.http.ssrf_guard import Policy
from host.queues import tree
from host.services import Services
from host.users import directory
from static import build
from tests.databases import lay_tables
from tests.host.crm.tls_crm import tls_crm
from tests.host.web.people import PASSWORD, csrf_token, sign_in
from tests.serving import served

MINE = b"from patchbay import on\n"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    build.build(build.ROOT)
    services = wiring.build(Config.from_env({}, data=tmp_path))
    lay_tables(services.database)
    with services.database.write() as connection:
        tree.upsert(connection, ("Support", "Web"))
        directory.upsert(connection, "agent@example.com", name="James Bond", roles=["agent"], password=PASSWORD)
    (tmp_path / "listeners").mkdir()
    (tmp_path / "listeners/mine.py").write_bytes(MINE)
    (tmp_path / "listeners/secret.py").write_bytes(b"KEY = 1\n")
    services.settings.import_file({"version": 1, "listeners": {"files": ["listeners/mine.py", "listeners/gone.py"]}})
    yield services
    services.stop()


@pytest.fixture
def stranger(services: Services) -> FlaskClient:
    client = create_app(services.config, services).test_client()
    client.environ_base["wsgi.url_scheme"] = "https"  # the cookie is for secure connections
    return client


@pytest.fixture
def agent(stranger: FlaskClient) -> FlaskClient:
    assert sign_in(stranger).status_code == 303
    return stranger


class Forbidding(BaseHTTPRequestHandler):
    """A page that lets nobody frame it."""

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("X-Frame-Options", "DENY")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def crm() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Forbidding)
    with served(server):
        yield f"127.0.0.1:{server.server_port}"


def test_the_page_lists_the_files_and_says_which_are_missing(agent: FlaskClient) -> None:
    text = agent.get("/shell/").text
    given = re.search(r'id="page-config">([^<]*)<', text)
    assert given
    listed = json.loads(given[1])["listeners"]
    assert listed == {"modules": ["mine"], "problems": ["listeners/gone.py: there is no such file"]}
    config = re.search(r'type="mpy" src="[^"]+" config="([^"]+)"', text)
    assert config
    url = f"/shell/listeners/{VendorFile('mine', MINE).digest}/mine.py"
    assert json.loads(unescape(config[1]))["files"][url] == "./vendor_listeners/mine.py"
    answer = agent.get(url)
    assert (answer.data, answer.mimetype) == (MINE, "text/x-python")
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"


def test_a_file_that_has_changed_meanwhile_comes_as_it_is_and_is_not_kept(agent: FlaskClient) -> None:
    answer = agent.get("/shell/listeners/000000000000/mine.py")
    assert answer.data == MINE
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_file_that_has_gone_meanwhile_raises_in_the_page_and_stops_nothing_else(agent: FlaskClient) -> None:
    answer = agent.get("/shell/listeners/000000000000/gone.py")
    assert answer.status_code == 200
    assert answer.text == "raise OSError('listeners/gone.py: there is no such file')\n"


@pytest.mark.parametrize("name", ["secret", "..%2Fsecret", "../secret", "%2e%2e/%2e%2e/demo", "mine.py%00"])
def test_a_file_that_the_settings_do_not_name_is_not_there(agent: FlaskClient, name: str) -> None:
    answer = agent.get(f"/shell/listeners/000000000000/{name}.py", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert b"KEY" not in answer.data


def test_strangers_get_no_listener_files(stranger: FlaskClient) -> None:
    answer = stranger.get("/shell/listeners/000000000000/mine.py", headers={"Accept": "application/json"})
    assert answer.status_code == 401


def test_pyodide_is_what_the_page_loads_when_the_settings_say_so(agent: FlaskClient, services: Services) -> None:
    services.settings.import_file({"version": 1, "listeners": {"runtime": "pyodide"}})
    text = agent.get("/shell/").text
    assert re.search(r'<script type="py" src="[^"]+" config="[^"]+pyodide\.mjs', text)
    assert '<mpy-config hidden type="json">' in text
    assert "micropython" not in text


def ask(agent: FlaskClient, given: object) -> tuple[int, dict[str, Any]]:
    headers = {"Accept": "application/json", "X-CSRF-Token": csrf_token(agent)}
    answer = agent.post("/shell/can-frame", json=given, headers=headers)
    found: dict[str, Any] = answer.get_json()
    return answer.status_code, found


def test_it_says_why_a_page_does_not_let_itself_be_framed(agent: FlaskClient, services: Services, crm: str) -> None:
    crm_settings = {"page_hosts": [crm], "allow_private_addresses": True}
    services.settings.import_file({"version": 1, "crm": crm_settings})
    assert ask(agent, {"url": f"http://{crm}/records/42"}) == (200, {"refusal": f"{crm} forbids it (X-Frame-Options)"})


@pytest.mark.parametrize("given", [{"url": "http://evil.example/"}, {"url": "javascript:1"}, {"url": 7}, {}, [], None])
def test_it_goes_to_page_hosts_only(agent: FlaskClient, given: object) -> None:
    status, found = ask(agent, given)
    assert status == 422
    assert "crm.page_hosts" in found["fields"]["url"]


@pytest.mark.parametrize("ancestors", [None, 7, "https://intranet.example", [], [7, None], ["https://evil.example"]])
def test_ancestors_that_cannot_be_ours_are_left_out(
    agent: FlaskClient, services: Services, crm: str, ancestors: object
) -> None:
    services.settings.import_file({"version": 1, "crm": {"page_hosts": [crm], "allow_private_addresses": True}})
    given = {"url": f"http://{crm}/records/42", "ancestors": ancestors}
    assert ask(agent, given) == (200, {"refusal": f"{crm} forbids it (X-Frame-Options)"})


def test_listed_ancestors_are_asked_for(agent: FlaskClient, services: Services, crm: str) -> None:
    intranet = "https://intranet.example"
    crm_settings = {"page_hosts": [crm], "allow_private_addresses": True}
    embedding = {"allowed_origins": [intranet]}
    services.settings.import_file({"version": 1, "crm": crm_settings, "embedding": embedding})
    own = services.config.public_url
    _, found = ask(agent, {"url": f"http://{crm}/records/42", "ancestors": [own, intranet]})
    assert found == {"refusal": f"{crm} forbids it to {own} (X-Frame-Options)"}


def test_it_looks_as_nobody_and_not_with_the_certificate_of_the_host(
    agent: FlaskClient, services: Services, tmp_path: Path
) -> None:
    with tls_crm(tmp_path) as crm:
        given = {"ca_bundle": str(crm.ca_bundle), "client_certificate": str(crm.client_certificate)}
        section = {"page_hosts": [crm.host], "allow_private_addresses": True, **given}
        services.settings.import_file({"version": 1, "crm": section})
        url = f"https://{crm.host}/records/42"
        assert ask(agent, {"url": url}) == (200, {"refusal": f"{crm.host} forbids it (X-Frame-Options)"})
        policy = Policy(frozenset({crm.host}), True, str(crm.ca_bundle), str(crm.client_certificate))
        GuardedClient(policy).send("framing check", "HEAD", url)
        assert crm.visitors == [None, "visitor"]


def test_it_is_for_agents(stranger: FlaskClient, services: Services) -> None:
    with services.database.write() as connection:
        directory.upsert(connection, "admin@example.com", name="M", roles=["admin"], password=PASSWORD)
    assert sign_in(stranger, "admin@example.com").status_code == 303
    status, _ = ask(stranger, {"url": "https://crm.example/"})
    assert status == 403
