"""An agent who is signed in, and a CRM that does wrong what real ones do wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from host import services as wiring
from host.app import create_app
from host.config import Config
from host.db.engine import Database
from host.queues import tree
from host.services import Services
from host.users import directory
from tests.databases import lay_migrated_tables
from tests.host.crm.conftest import running
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.web.people import PASSWORD, csrf_token, sign_in

PHONE = [{"name": "phone", "value": "{PHONE_NUMBER}"}, {"name": "email", "value": "{EMAIL}"}]
RECORD = [
    {"name": "account_id", "value": "{ACCOUNT_ID}"},
    {"name": "subject", "value": "{TICKET_SUBJECT}"},
    {"name": "status", "value": "{STATUS}"},
    {"name": "session", "value": "{SESSION_ID}"},
    {"name": "agent", "value": "{AGENT_EMAIL}"},
]


@dataclass
class Desk:
    """An agent who is signed in, with the token of his page."""

    client: FlaskClient
    token: str
    crm: FaultyCrm
    services: Services

    def ask(self, method: str, path: str, **given: Any) -> TestResponse:
        headers = {"X-CSRF-Token": self.token, **given.pop("headers", {})}
        return self.client.open(f"/api/crm/{path}", method=method, headers=headers, **given)


@pytest.fixture(scope="module")
def crm() -> Iterator[FaultyCrm]:
    with running() as faulty:
        yield faulty


@pytest.fixture(scope="module")
def signed_in(crm: FaultyCrm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    config = Config.from_env({}, data=tmp_path_factory.mktemp("data"))
    database = Database(config.database_url)
    lay_migrated_tables(database)
    database.close()
    services = wiring.build(config)
    with services.database.write() as connection:
        tree.upsert(connection, ("Support",))
        directory.upsert(connection, "agent@example.com", name="James Bond", roles=["agent"], password=PASSWORD)
    client = create_app(config, services).test_client()
    sign_in(client)
    yield Desk(client, csrf_token(client), crm, services)
    services.stop()


@pytest.fixture
def desk(signed_in: Desk) -> Desk:
    signed_in.crm.asked.clear()
    signed_in.crm.faults.clear()
    signed_in.crm.keys.clear()
    signed_in.crm.acts.clear()
    signed_in.crm.answers.clear()
    signed_in.crm.ignores_filters = False
    for rows in signed_in.crm.rows.values():
        rows.clear()
    configure(signed_in)
    return signed_in


def configure(desk: Desk, **endpoints: Any) -> None:
    url = desk.crm.url
    known: dict[str, Any] = {
        "find_account_by_query": {"url": f"{url}/accounts", "parameters": PHONE, "response_location": "items"},
        "find_account_by_id": {"url": f"{url}/accounts/{{ACCOUNT_ID}}"},
        "create_account": {
            "url": f"{url}/accounts",
            "parameters": [{"name": "name", "value": "{NAME}"}, *PHONE],
        },
        "find_record_by_query": {
            "url": f"{url}/records",
            "parameters": [{"name": "account_id", "value": "{ACCOUNT_ID}"}],
            "response_location": "items",
        },
        "find_record_by_id": {"url": f"{url}/records/{{RECORD_ID}}"},
        "create_record": {"url": f"{url}/records", "method": "POST", "parameters": RECORD},
        "update_record": {"url": f"{url}/changed/{{RECORD_ID}}", "method": "POST", "parameters": RECORD},
        "add_comment": {
            "url": f"{url}/comments",
            "method": "POST",
            "text_format": "html",
            "parameters": [{"name": "body", "value": "{COMMENT_BODY}"}, {"name": "record", "value": "{RECORD_ID}"}],
        },
        "upload_file": {
            "url": f"{url}/comments",
            "method": "POST",
            "type": "base64",
            "parameters": [{"name": "data", "value": "{FILE_DATA}"}, {"name": "name", "value": "{FILE_NAME}"}],
            "attachment": {"type": "id", "location": "id", "url": f"{url}/files/{{ATTACHMENT_ID}}"},
        },
        **endpoints,
    }
    crm = {
        "type": "custom",
        "auth": {"method": "headers", "headers": [{"key": "X-Api-Key", "value": "planted-key"}]},
        "allowed_hosts": [desk.crm.host],
        "page_hosts": [desk.crm.host],
        "allow_private_addresses": True,
        "timeout_s": 1,
        "account_lookup_url": f"{url}/pages/accounts/{{ACCOUNT_ID}}",
        "record_lookup_url": f"{url}/pages/records/{{RECORD_ID}}",
        "endpoints": {name: value for name, value in known.items() if value is not None},
    }
    desk.services.settings.import_file({"version": 1, "crm": crm})
