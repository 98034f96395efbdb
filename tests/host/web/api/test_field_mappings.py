"""`/crm_custom_fields` with the company's key and with an admin's sign-in."""

from typing import Any

import pytest
from flask import Flask

from host.users import directory
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.web.api.conftest import Answer, Gateway, basic
from tests.host.web.crm_desk import crm
from tests.host.web.people import PASSWORD, csrf_token, sign_in

__all__ = ["crm"]

PATH = "/crm_custom_fields"
GIVEN = {"title": "Device", "crm_field": "device", "custom_data_label": "Device Type"}
WHOLE = {"id": 1, **GIVEN, "target": "record", "object": "", "type": "text"}


@pytest.fixture
def gateway(app: Flask, gateway: Gateway) -> Gateway:
    gateway.prefix = ""
    return gateway


def put(gateway: Gateway, mapping_id: int, body: object) -> Answer:
    return gateway.send("PUT", f"{PATH}/{mapping_id}", json=body)


def test_a_mapping_is_made_listed_changed_and_removed(gateway: Gateway) -> None:
    made = gateway.post(PATH, GIVEN)
    assert (made.status_code, made.json) == (201, WHOLE)
    assert gateway.get(PATH).json == [WHOLE]
    changed = put(gateway, 1, {"type": "number", "crm_field": "age"})
    assert (changed.status_code, changed.json) == (200, {**WHOLE, "type": "number", "crm_field": "age"})
    removed = gateway.send("DELETE", f"{PATH}/1")
    assert (removed.status_code, removed.text) == (204, "")
    assert gateway.get(PATH).json == []


def test_what_was_read_can_be_sent_back_under_its_own_address(gateway: Gateway) -> None:
    gateway.post(PATH, GIVEN)
    assert put(gateway, 1, gateway.get(PATH).json[0]).json == WHOLE
    assert put(gateway, 1, {**WHOLE, "id": 2}).json["fields"]["id"] == (
        "found 2; it must be 1, as in the address, or missing"
    )
    assert put(gateway, 1, {}).json == WHOLE


def test_an_id_is_never_given_again(gateway: Gateway) -> None:
    gateway.post(PATH, GIVEN)
    gateway.send("DELETE", f"{PATH}/1")
    assert gateway.post(PATH, GIVEN).json["id"] == 2


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_an_unknown_id_is_not_found(gateway: Gateway, method: str) -> None:
    answer = gateway.send(method, f"{PATH}/7", json={"title": "x"} if method == "PUT" else None)
    assert (answer.status_code, answer.json["message"]) == (404, "There is no field mapping 7.")


def test_the_same_twice_is_a_conflict(gateway: Gateway) -> None:
    gateway.post(PATH, GIVEN)
    again = gateway.post(PATH, {**GIVEN, "title": "Another", "type": "dropdown"})
    assert (again.status_code, again.json["error"]) == (409, "taken")
    assert "Field mapping 1 has this crm_field" in again.json["message"]
    assert gateway.post(PATH, {**GIVEN, "target": "account"}).status_code == 201
    assert put(gateway, 2, {"target": "record"}).status_code == 409
    assert put(gateway, 1, {"title": "New"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        ({"title": "x", "crm_field": "y"}, "custom_data_label", "is missing"),
        ({**GIVEN, "title": ""}, "title", "at least 1"),
        ({**GIVEN, "title": "  "}, "title", "only blanks"),
        ({**GIVEN, "crm_field": "x" * 256}, "crm_field", "has 256 characters; allowed: 255"),
        ({**GIVEN, "crm_field": "a..b"}, "crm_field", "allowed: a name such as device"),
        ({**GIVEN, "target": "case"}, "target", "'record'"),
        ({**GIVEN, "type": "json"}, "type", "'text'"),
        ({**GIVEN, "target": "session"}, "object", "is empty"),
        ({**GIVEN, "object": "Case"}, "object", "allowed only with"),
        ({**GIVEN, "label": "x"}, "label", "unknown"),
        ({**GIVEN, "crm_field": 3}, "crm_field", "allowed: a text"),
    ],
)
def test_wrong_fields_are_named(gateway: Gateway, body: dict[str, Any], field: str, says: str) -> None:
    answer = gateway.post(PATH, body)
    assert answer.status_code == 422
    assert says in answer.json["fields"][field]
    assert gateway.get(PATH).json == []


def test_a_mapping_stands_in_the_settings_file_and_comes_back_with_its_id(gateway: Gateway) -> None:
    settings = gateway.services.settings
    gateway.post(PATH, GIVEN)
    exported = settings.export()["field_mappings"]
    assert exported == [WHOLE]
    settings.import_file({"field_mappings": [{**GIVEN, "crm_field": "other"}, GIVEN]})
    assert [each["id"] for each in gateway.get(PATH).json] == [2, 1]
    settings.import_file({"field_mappings": exported})
    assert gateway.get(PATH).json == [WHOLE]


def test_zendesk_is_asked_for_the_field_before_it_is_saved(gateway: Gateway, crm: FaultyCrm) -> None:
    record = {"url": f"{crm.url}/records", "method": "POST"}
    endpoints = {
        "find_account_by_query": {"url": f"{crm.url}/accounts"},
        "create_account": {**record, "url": f"{crm.url}/accounts"},
        "create_record": record,
    }
    section = {"type": "custom", "custom_fields": "zendesk", "endpoints": endpoints, "allowed_hosts": [crm.host]}
    gateway.services.settings.import_file({"crm": {**section, "allow_private_addresses": True}})
    crm.answers["/api/v2/ticket_fields.json"] = {"ticket_fields": [{"id": 36, "title": "Device"}]}
    refused = gateway.post(PATH, {**GIVEN, "crm_field": "Nope"})
    assert refused.json["fields"] == {
        "crm_field": "found 'Nope'; Zendesk has no such title, key or id in /api/v2/ticket_fields.json"
    }
    assert gateway.post(PATH, {**GIVEN, "crm_field": "device"}).status_code == 201
    crm.statuses["/api/v2/ticket_fields.json"] = 503
    crm.answers.clear()
    down = put(gateway, 1, {"crm_field": "36"})
    assert (down.status_code, down.json["retryable"]) == (502, True)
    assert gateway.get(PATH).json[0]["crm_field"] == "device"


def test_an_admin_needs_the_csrf_token_and_nobody_else_gets_in(gateway: Gateway) -> None:
    client = gateway.client
    assert client.get(PATH).status_code == 401
    with gateway.services.database.write() as connection:
        directory.upsert(connection, "admin@example.com", name="M", roles=["admin"], password=PASSWORD)
        directory.upsert(connection, "boss@example.com", name="B", roles=["supervisor"], password=PASSWORD)
    sign_in(client, "admin@example.com")
    headers = {"X-CSRF-Token": csrf_token(client)}
    assert client.get(PATH).status_code == 200
    assert client.post(PATH, json=GIVEN).status_code == 400
    assert client.post(PATH, json=GIVEN, headers=headers).status_code == 201
    other = gateway.client.application.test_client()
    sign_in(other, "boss@example.com")
    assert other.get(PATH).status_code == 403
    assert other.get(PATH, headers=basic()).status_code == 200
