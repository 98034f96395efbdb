"""Custom data in the fields of accounts and records, from the chat's start to what the CRM has."""

from typing import Any

import pytest

from host.field_mapping.settings import FieldMapping
from tests.host.crm.crm_settings import updating
from tests.host.crm.faulty_crm import Asked, FaultyCrm
from tests.host.crm.story import Story, Tell

DATA: dict[str, Any] = {
    "device": {"label": "Device Type", "value": "iOS", "type": "string"},
    "age": {"label": "Age", "value": "forty", "type": "string"},
    "secret": {"label": "Secret", "value": "shh", "invisible_to_agent": True},
}
DEVICE = FieldMapping(id=1, title="Device", crm_field="device", custom_data_label="Device Type")
OF_THE_ACCOUNT = FieldMapping(
    id=2, title="Secret", crm_field="more.secret", custom_data_label="secret", target="account"
)
AGE = FieldMapping(id=3, title="Age", crm_field="age", custom_data_label="Age", type="number")
FIELDS = {"ticket_fields": [{"id": 360021, "type": "text", "title": "Device", "active": True}]}


def told(story: Story, *mappings: FieldMapping) -> int:
    story.field_mappings = mappings
    session_id = story.answered(custom_data=DATA)
    story.end(session_id)
    return session_id


def writes(crm: FaultyCrm, path: str) -> list[Asked]:
    return [asked for asked in crm.asked if asked.path.startswith(path) and asked.method in {"POST", "PATCH"}]


def test_creates_and_updates_carry_the_mapped_fields(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm))
    session_id = told(story, DEVICE, OF_THE_ACCOUNT, AGE)
    [account] = writes(crm, "/accounts")
    assert (account.json["more"], account.json.get("device")) == ({"secret": "shh"}, None)
    record, *updates = writes(crm, "/records")
    assert [each.json["device"] for each in (record, *updates)] == ["iOS", "iOS", "iOS"]
    assert "age" not in record.json
    assert all("device" not in each.json for each in writes(crm, "/comments"))
    decisions = story.decisions_of(session_id)
    assert "custom data for the record: device -> device" in decisions
    assert 'field mapping "Age" (age) is left out: its value is not a number' in decisions


def test_reserved_keys_are_not_mapped(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm))
    reserved = "reserved_bad_actor"
    story.field_mappings = (DEVICE.model_copy(update={"custom_data_label": reserved}),)
    story.answered(custom_data={reserved: {"label": reserved, "value": True}})
    assert "device" not in writes(crm, "/records")[0].json


def test_zendesk_reads_its_list_once_and_gets_ids(crm: FaultyCrm, tell: Tell) -> None:
    crm.answers["/api/v2/ticket_fields.json"] = FIELDS
    story = tell(updating(crm, custom_fields="zendesk"))
    told(story, DEVICE.model_copy(update={"crm_field": "Device"}))
    record, *updates = writes(crm, "/records")
    sent = [{"id": 360021, "value": "iOS"}]
    assert [each.json["custom_fields"] for each in (record, *updates)] == [sent, sent, sent]
    [asked] = [asked for asked in crm.asked if asked.path == "/api/v2/ticket_fields.json"]
    assert (asked.headers["X-Api-Key"], asked.headers.get("Idempotency-Key")) == ("s3cret", None)


def test_a_record_waits_until_the_list_can_be_read(crm: FaultyCrm, tell: Tell) -> None:
    crm.statuses["/api/v2/ticket_fields.json"] = 503
    story = tell(updating(crm, custom_fields="zendesk"))
    story.field_mappings = (DEVICE.model_copy(update={"crm_field": "Device"}),)
    session_id = story.answered(custom_data=DATA)
    assert writes(crm, "/records") == []
    crm.answers["/api/v2/ticket_fields.json"] = FIELDS
    crm.statuses.clear()
    story.run(session_id, for_s=60)
    assert writes(crm, "/records")[0].json["custom_fields"] == [{"id": 360021, "value": "iOS"}]


@pytest.mark.parametrize("is_step", [False, True])
def test_an_object_of_the_session_gets_its_fields_in_the_request_that_is_about_it(
    crm: FaultyCrm, tell: Tell, *, is_step: bool
) -> None:
    about = DEVICE.model_copy(update={"target": "session", "object": "files"})
    step = {"url": f"{crm.url}/files", "method": "POST", "parameters": [{"name": "name", "value": "{SESSION_ID}"}]}
    settings = updating(crm)
    record = settings.endpoints.create_record
    assert record is not None
    if is_step:
        record = record.model_copy(update={"steps": (type(record)(**step, idempotency_header=""),)})
    endpoints = settings.endpoints.model_copy(update={"create_record": record})
    told(tell(settings.model_copy(update={"endpoints": endpoints})), about)
    assert all("device" not in each.json for each in writes(crm, "/records"))
    assert [each.json["device"] for each in writes(crm, "/files")] == (["iOS"] if is_step else [])
