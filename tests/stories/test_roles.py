"""Every route with every role and none: who may, stands in one table."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from host import services as wiring
from host.app import create_app
from host.company import company_key
from host.config import Config
from host.db.engine import Database
from host.db.tables import heartbeats
from host.queues import tree
from host.services import Services
from host.users import company_keys, directory
from host.users.roles import ROLES, Role
from host.web.api.register import OPERATIONS
from tests.databases import lay_migrated_tables
from tests.host.web.api.conftest import basic
from tests.host.web.people import PASSWORD, csrf_token, sign_in

Who = frozenset[str]

NOBODY = "nobody"
ANYONE: Who = frozenset({NOBODY, *ROLES})
SIGNED_IN: Who = frozenset(ROLES)
AGENTS: Who = frozenset({"agent"})
ADMINS: Who = frozenset({"admin"})
SUPERVISORS: Who = frozenset({"supervisor"})
OVERSEERS: Who = frozenset({"admin", "supervisor"})
BY_TICKET: Who = frozenset({"whoever brings a ticket"})
CHATTING: Who = frozenset({"whoever has a chat in this browser"})
COMPANY: Who = frozenset({"whoever has the company's key"})  # who calls the platform API signs in nowhere

PLATFORM_API = ("POST /batch", *(f"{each.method} {each.rule}" for each in OPERATIONS))
PREFIXES = ("/manager/api/v1", "/apps/api/v1", "/api/v1")

ROUTES: dict[str, Who] = {
    "GET /": ANYONE,
    "POST /sign-in": ANYONE,
    "GET /sign-in/popup": ANYONE,  # signed out, it is the sign-in form
    "POST /sign-in/popup": SIGNED_IN,
    "POST /sign-in/code": ANYONE,
    "POST /sign-out": ANYONE,
    "POST /sign-out-everywhere": ANYONE,
    "GET /sign-ins": SIGNED_IN,
    "POST /sign-ins/<name>/end": SIGNED_IN,
    "GET /openapi.json": ANYONE,
    "GET /schemas/session-metadata.json": ANYONE,
    "GET /healthz": ANYONE,
    "GET /readyz": ANYONE,
    "GET /metrics": COMPANY,
    "GET /embed.js": ANYONE,
    "POST /csp-reports": ANYONE,
    "GET /consumer.js": ANYONE,
    "GET /files/<key>": SIGNED_IN,
    "GET /files/content/<signature>/<name>": ANYONE,  # whose link an hour-old signature makes valid
    "GET /portal/deliveries": OVERSEERS,
    "GET /portal/sessions/<int:session_id>/trace": OVERSEERS,
    "POST /portal/sessions/<int:session_id>/join": SUPERVISORS,
    "POST /portal/sessions/<int:session_id>/leave": SUPERVISORS,
    "POST /portal/sessions/<int:session_id>/reassign": SUPERVISORS,
    "POST /portal/agents/<int:agent_id>/status": SUPERVISORS,
    "POST /portal/deliveries/<int:intent_id>/again": OVERSEERS,
    "POST /portal/deliveries/<int:intent_id>/discard": OVERSEERS,
    "POST /portal/deliveries/discard": OVERSEERS,
    "POST /portal/deliveries/<int:intent_id>/exists": OVERSEERS,
    "POST /portal/deliveries/<int:intent_id>/send-again": OVERSEERS,
    "POST /portal/deliveries/files/again": OVERSEERS,
    "POST /portal/deliveries/files/<int:delivery_id>/again": OVERSEERS,
    "POST /portal/deliveries/files/<int:delivery_id>/discard": OVERSEERS,
    "POST /portal/deliveries/jobs/<int:job_id>/again": OVERSEERS,
    "POST /portal/deliveries/unshown/<int:noted_id>/seen": OVERSEERS,
    "POST /portal/deliveries/webhooks/<key>/again": OVERSEERS,
    "POST /portal/deliveries/webhooks/<key>/<int:delivery_id>/again": OVERSEERS,
    "POST /portal/deliveries/webhooks/<key>/discard": OVERSEERS,
    "GET /portal/settings/developer": ADMINS,
    "POST /portal/settings/developer/crm/connect": ADMINS,
    "POST /portal/settings/developer/crm/pages": ADMINS,
    "POST /portal/settings/developer/crm/disconnect": ADMINS,
    "GET /portal/settings/crm/oauth/callback": ADMINS,
    "POST /portal/settings/developer/storage/test": ADMINS,
    "POST /portal/settings/developer/storage/link": ADMINS,
    "POST /portal/settings/developer/storage/unlink": ADMINS,
    "GET /portal/settings/storage/oauth/callback": ADMINS,
    "GET /api/crm/accounts": AGENTS,
    "POST /api/crm/accounts": AGENTS,
    "GET /api/crm/accounts/<account_id>": AGENTS,
    "GET /api/crm/records": AGENTS,
    "POST /api/crm/records": AGENTS,
    "GET /api/crm/records/<record_id>": AGENTS,
    "PATCH /api/crm/records/<record_id>": AGENTS,
    "POST /api/crm/records/<record_id>/comments": AGENTS,
    "POST /api/crm/records/<record_id>/files": AGENTS,
    "GET /crm_custom_fields": ADMINS,
    "POST /crm_custom_fields": ADMINS,
    "PUT /crm_custom_fields/<int:mapping_id>": ADMINS,
    "DELETE /crm_custom_fields/<int:mapping_id>": ADMINS,
    "GET /shell/": SIGNED_IN,
    "POST /shell/can-frame": AGENTS,
    "GET /shell/listeners/<digest>/<module>.py": SIGNED_IN,
    "GET /agent/": AGENTS | {NOBODY},  # signed out, it is the sign-in form
    "POST /agent/ticket": AGENTS,
    "GET /agent/sessions/<int:session_id>/trace": AGENTS,
    "GET /agent/sessions/<int:session_id>/messages": AGENTS,
    "GET /agent/attachments/<int:attachment_id>": AGENTS,
    "GET /agent/calls/recent": AGENTS,
    "GET /agent/sessions/<int:session_id>/quick-replies": AGENTS,
    "GET /agent/sessions/<int:session_id>/targets": AGENTS,
    "POST /agent/sessions/<int:session_id>/attachments": AGENTS,
    "GET /agent/socket": BY_TICKET,
    "GET /consumer/": ANYONE,
    "POST /consumer/chats": ANYONE,
    "POST /consumer/form": ANYONE,
    "POST /consumer/ticket": CHATTING,
    "GET /consumer/messages": CHATTING,
    "POST /consumer/new": ANYONE,
    "GET /consumer/attachments/<int:attachment_id>": CHATTING,
    "POST /consumer/attachments": CHATTING,
    "POST /consumer/rating": CHATTING,
    "GET /consumer/socket": BY_TICKET,
    **{route.replace(" ", f" {prefix}"): COMPANY for route in PLATFORM_API for prefix in PREFIXES},
}


def _needs_token(route: str) -> bool:
    """The sign-in form checks by itself; reports only count; the company's key is not what a browser sends unasked."""
    without = {"POST /sign-in", "POST /csp-reports", "POST /consumer/attachments"}  # the last asks for the chat first
    return route.startswith("POST ") and route not in without and ROUTES[route] != COMPANY


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Services]]:
    config = Config.from_env({}, data=tmp_path_factory.mktemp("data"))
    database = Database(config.database_url)
    lay_migrated_tables(database)
    database.close()
    services = wiring.build(config)
    services.bus.start()
    with services.database.write() as connection:
        tree.upsert(connection, ("Support", "Web"))
        worker = {"process_id": "worker", "kind": "worker", "alive_at": services.clock.now()}
        connection.execute(insert(heartbeats).values(worker))
    yield create_app(config, services), services
    services.stop()


@pytest.fixture(scope="module")
def clients(built: tuple[Flask, Services]) -> dict[str, FlaskClient]:
    app, services = built
    found = {NOBODY: app.test_client()}
    for role in ROLES:
        found[role] = _signed_in(app, services, role)
    return found


@pytest.fixture(scope="module")
def rules(built: tuple[Flask, Services]) -> dict[str, Rule]:
    app, _services = built
    return {
        f"{method} {rule.rule}": rule
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or {"GET"}) - {"HEAD", "OPTIONS"}
    }


def test_every_route_stands_in_the_table(rules: dict[str, Rule]) -> None:
    assert sorted(rules) == sorted(ROUTES)


@pytest.mark.parametrize("who", [NOBODY, *ROLES])
@pytest.mark.parametrize("route", [route for route, allowed in ROUTES.items() if allowed != BY_TICKET])
def test_a_route_lets_in_whom_the_table_says(clients: dict[str, FlaskClient], route: str, who: str) -> None:
    answer = _try(clients[who], route)
    assert answer.status_code < 500
    assert _is_refused(answer) == (who not in ROUTES[route]), answer.status


@pytest.mark.parametrize("route", [route for route, allowed in ROUTES.items() if allowed == BY_TICKET])
def test_a_socket_is_nothing_without_an_upgrade(clients: dict[str, FlaskClient], route: str) -> None:
    assert clients["agent"].get(_path(route)).status_code == 400


@pytest.mark.parametrize("route", [route for route in ROUTES if _needs_token(route)])
def test_nothing_changes_without_the_csrf_token(clients: dict[str, FlaskClient], route: str) -> None:
    answer = clients["agent"].post(_path(route), headers={"Accept": "application/json"})
    assert answer.status_code == 400


@pytest.mark.parametrize("route", ROUTES)
def test_every_answer_has_a_policy(clients: dict[str, FlaskClient], route: str) -> None:
    policy = _try(clients[NOBODY], route).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")


OF_THE_COMPANY = [route for route, allowed in ROUTES.items() if allowed == COMPANY]
KEYS: dict[str, tuple[str, ...]] = {"read": ("read",), "write": ("write",), "both": ("read", "write"), "removed": ()}


@pytest.fixture(scope="module")
def company_headers(built: tuple[Flask, Services]) -> dict[str, dict[str, str]]:
    """What each key sends."""
    _app, services = built
    found = {}
    with services.database.write() as connection:
        for name, scopes in KEYS.items():
            made, secret = company_keys.add(connection, name, scopes or ("read", "write"), services.clock.now())
            found[name] = basic(made.key, secret)
            if not scopes:
                company_keys.remove(connection, made.key)
    first = company_key(services.config)
    return {**found, "first": basic(first.key, first.secret), "foreign": basic("company-000000000000", first.secret)}


@pytest.mark.parametrize("name", [*KEYS, "first", "foreign"])
@pytest.mark.parametrize("route", OF_THE_COMPANY)
def test_a_company_key_opens_what_its_scopes_say(
    built: tuple[Flask, Services], company_headers: dict[str, dict[str, str]], route: str, name: str
) -> None:
    method = route.partition(" ")[0]
    scopes = ("read", "write") if name == "first" else KEYS.get(name, ())
    headers = {"Accept": "application/json", **company_headers[name]}
    answer = built[0].test_client().open(_path(route), method=method, headers=headers)
    if not scopes:
        assert answer.status_code in {401, 429}  # guesses are counted
    elif route.endswith("/batch"):
        assert not _is_refused(answer), answer.status  # the scopes count for its operations
    else:
        assert _is_refused(answer) == (("read" if method == "GET" else "write") not in scopes), answer.status


def test_a_key_that_may_only_read_changes_nothing(
    built: tuple[Flask, Services], company_headers: dict[str, dict[str, str]]
) -> None:
    client = built[0].test_client()

    def calls(name: str) -> list[int]:
        return [call["id"] for call in client.get("/api/v1/calls", headers=company_headers[name]).get_json()]

    before = calls("first")
    for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
        answer = client.open("/api/v1/calls", method=method, headers=company_headers["read"], json={})
        assert answer.status_code in {403, 405}, method
    sent = client.post("/api/v1/calls", headers=company_headers["read"], json={}).get_json()
    assert (sent["error"], sent["message"]) == ("not_allowed", "This company key may read, not write.")
    assert calls("read") == before


def _try(client: FlaskClient, route: str) -> TestResponse:
    method = route.partition(" ")[0]
    headers = {"Accept": "application/json"}
    if method == "GET":
        return client.get(_path(route), headers=headers, query_string={"type": "chat"})
    if "sign-out" in route:  # would end the sign-in that the other tests share
        client = client.application.test_client()
    token = csrf_token(client)
    return client.open(_path(route), method=method, headers={**headers, "X-CSRF-Token": token})


def _path(route: str) -> str:
    return re.sub(r"<[^>]+>", "4711", route.partition(" ")[2])


def _is_refused(answer: TestResponse) -> bool:
    leads_to_sign_in = answer.status_code in {302, 303} and (answer.location or "").startswith("/?next=")
    return answer.status_code in {401, 403} or leads_to_sign_in


def _signed_in(app: Flask, services: Services, role: Role) -> FlaskClient:
    email = f"{role}@example.com"
    with services.database.write() as connection:
        directory.upsert(connection, email, name=role.title(), roles=[role], password=PASSWORD)
    client = app.test_client()
    assert sign_in(client, email).status_code == 303
    return client
