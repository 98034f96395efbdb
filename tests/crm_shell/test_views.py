"""The shell's page in the whole application."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from crm_shell.views import relay
from host import services as wiring
from host.app import create_app
from host.config import Config
from host.services import Services
from host.settings.document.model import Settings
from host.users import directory
from static import build
from tests.databases import lay_tables

PASSWORD = "correct horse"
SECURE = "https://127.0.0.1"  # the cookie is for secure connections
CRM = "https://crm.example"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    build.build(build.ROOT)
    config = Config.from_env({}, data=tmp_path)
    services = wiring.build(config)
    lay_tables(services.database)
    with services.database.write() as connection:
        directory.upsert(connection, "agent@example.com", name="James Bond", roles=["agent"], password=PASSWORD)
    yield create_app(config, services).test_client()
    services.stop()


def test_whoever_is_signed_out_signs_in_first_and_comes_back(client: FlaskClient) -> None:
    answer = client.get("/shell/", headers={"Accept": "text/html"}, base_url=SECURE)
    assert answer.status_code == 303
    assert answer.location == "/?next=/shell/"


def test_the_page_has_both_adapters_its_airlock_first_and_nothing_inline(client: FlaskClient) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/", base_url=SECURE).text)
    assert token
    form = {"email": "agent@example.com", "password": PASSWORD, "csrf_token": token[1]}
    client.post("/sign-in", data=form, base_url=SECURE)
    answer = client.get("/shell/", base_url=SECURE)
    assert answer.status_code == 200
    text = answer.text
    assert re.findall(r'<iframe name="(\w+)"[^>]* src="([^"]+)" allow="([^"]+)"', text) == [
        (f"{kind}_adapter", f"/agent/?type={kind}&amp;from=custom", "microphone; camera; geolocation")
        for kind in ("call", "chat")
    ]
    scripts = re.findall(r"<script([^>]*)>([^<]*)</script>", text)
    assert "page-config" in scripts[0][0]
    assert "/js/bus.js" in scripts[1][0]
    assert json.loads(scripts[0][1])["adapters"] == [
        {"name": "call_adapter", "origin": None},
        {"name": "chat_adapter", "origin": None},
    ]
    assert all(not body for attributes, body in scripts if "application/json" not in attributes)
    assert not re.search(r"\s(style|on\w+)=", text)
    assert "'wasm-unsafe-eval'" in answer.headers["Content-Security-Policy"]
    config = re.search(r'type="mpy" src="[^"]+" config="([^"]+)"', text)
    assert config
    assert "./host/wire/events.py" in json.loads(unescape(config[1]))["files"].values()


def displayed(client: FlaskClient) -> object:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/", base_url=SECURE).text)
    if token:
        form = {"email": "agent@example.com", "password": PASSWORD, "csrf_token": token[1]}
        client.post("/sign-in", data=form, base_url=SECURE)
    text = client.get("/shell/", base_url=SECURE).text
    config = re.search(r'id="page-config">([^<]*)<', text)
    assert config
    return json.loads(config[1])["display"]


@pytest.mark.parametrize(
    ("section", "tab"),
    [
        ({"enabled": False, "url": "https://crm.example/"}, None),
        (
            {"enabled": True, "url": "https://crm.example/?who={AGENT_EMAIL}"},
            {"label": "Starter CRM", "url": "https://crm.example/?who=agent%40example.com", "reason": ""},
        ),
        (
            {"enabled": True, "url": "https://crm.example/{AGENT_CUSTOM_ID}"},
            {
                "label": "Starter CRM",
                "url": None,
                "reason": "The CRM's page can't be shown: {AGENT_CUSTOM_ID} has no value.",
            },
        ),
    ],
)
def test_the_crms_own_page_is_a_tab_where_the_admin_wants_it(
    client: FlaskClient, section: dict[str, object], tab: object
) -> None:
    host: Services = client.application.extensions["patchbay"]
    host.settings.import_file({"version": 1, "crm": {"name": "Starter CRM"}, "display_crm": section})
    assert displayed(client) == tab


@pytest.mark.parametrize(("is_on", "expected"), [(False, None), (True, [CRM])])
def test_events_are_handed_on_where_the_admin_wants_it(is_on: bool, expected: list[str] | None) -> None:
    settings = Settings.model_validate({"embedding": {"allowed_origins": [CRM], "relay_events": is_on}})
    handed_on = relay(settings)
    assert (handed_on and handed_on["origins"]) == expected
    assert handed_on is None or "CRM_Record_Pop" in handed_on["types"]
