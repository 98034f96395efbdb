"""Against https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/ and .../users/user_fields/."""

from typing import Any

import pytest

from host.errors import CrmRejectedError, CrmUnavailableError
from host.field_mapping.zendesk import Zendesk
from tests.host.field_mapping.mappings import mapped_value, mapping

LISTS: dict[str, Any] = {
    "/api/v2/ticket_fields.json": {
        "ticket_fields": [
            {"id": 34, "type": "subject", "title": "Subject", "active": True},
            {"id": 360021, "type": "text", "title": "Device Type", "active": True},
            {
                "id": 360022,
                "type": "tagger",
                "title": "Tier",
                "active": True,
                "custom_field_options": [{"id": 1, "name": "Gold member", "value": "tier_gold"}],
            },
            {"id": 360023, "type": "date", "title": "Born", "active": True},
            {"id": 360029, "type": "text", "title": "Old one", "active": False},
        ],
        "next_page": "https://acme.zendesk.com/api/v2/ticket_fields.json?page=2",
    },
    "https://acme.zendesk.com/api/v2/ticket_fields.json?page=2": {
        "ticket_fields": [
            {"id": 360030, "type": "integer", "title": "Age", "active": True},
            {"id": 360031, "type": "text", "title": "Twice", "active": True},
            {"id": 360032, "type": "text", "title": "twice ", "active": True},
        ],
        "next_page": None,
    },
    "/api/v2/user_fields.json": {
        "user_fields": [{"id": 7, "key": "device", "title": "Device Type", "active": True}],
        "meta": {"has_more": False},
    },
    "/api/v2/custom_objects/session/fields.json": {
        "custom_object_fields": [{"id": 9, "key": "device", "title": "Device Type", "active": True}],
    },
}


def read(path: str) -> Any:
    return LISTS[path]


def test_a_ticket_gets_ids_and_values() -> None:
    values = [
        mapped_value("Device Type", "iOS"),
        mapped_value("360030", 42, type="number"),
        mapped_value("tier", "gold MEMBER", type="dropdown"),
        mapped_value("Born", "1968-04-13T10:00:00+00:00", type="date"),
    ]
    found = Zendesk().fields(values, "record", read)
    assert found.content == {
        "custom_fields": [
            {"id": 360021, "value": "iOS"},
            {"id": 360030, "value": 42},
            {"id": 360022, "value": "tier_gold"},
            {"id": 360023, "value": "1968-04-13"},
        ]
    }
    assert found.inside == ("ticket", "request")


@pytest.mark.parametrize("name", ["Device Type", "device", "7"])
def test_a_user_gets_keys_and_values(name: str) -> None:
    found = Zendesk().fields([mapped_value(name, "iOS", target="account")], "account", read)
    assert (found.content, found.inside) == ({"user_fields": {"device": "iOS"}}, ("user",))


def test_a_custom_object_gets_keys_and_values() -> None:
    value = mapped_value("Device Type", "iOS", target="session", object="session")
    found = Zendesk().fields([value], "session", read)
    assert found.content == {"custom_object_fields": {"device": "iOS"}}
    assert found.inside == ("custom_object_record",)


def test_an_unknown_field_is_told_when_it_is_saved() -> None:
    assert Zendesk().unknown(mapping("Device Type"), read) is None
    assert "no such title, key or id in /api/v2/ticket_fields.json" in (Zendesk().unknown(mapping("Nope"), read) or "")
    assert Zendesk().unknown(mapping("Old one"), read) is not None


def test_a_title_of_two_fields_needs_an_id() -> None:
    assert "give one of their ids: 360031, 360032" in (Zendesk().unknown(mapping("Twice"), read) or "")
    assert Zendesk().unknown(mapping("360032"), read) is None


def test_a_field_that_has_gone_is_left_out_and_the_others_are_sent() -> None:
    found = Zendesk().fields([mapped_value("Gone", "x"), mapped_value("Age", 42, type="number")], "record", read)
    assert found.content == {"custom_fields": [{"id": 360030, "value": 42}]}
    assert found.notes == ['field mapping "Device" (Gone) is left out: Zendesk has 0 fields of this name']


def test_a_list_that_may_not_be_read_costs_the_fields_only() -> None:
    def refused(path: str) -> Any:
        raise CrmRejectedError("create_record", "answered 403", status=403)

    found = Zendesk().fields([mapped_value("Age", 42)], "record", refused)
    assert found.content == {}
    assert found.notes == ["no custom field is sent: the list of fields can't be read (answered 403)"]


def test_a_zendesk_that_is_down_is_tried_again() -> None:
    def down(path: str) -> Any:
        raise CrmUnavailableError("create_record", "answered 503", sent=False)

    with pytest.raises(CrmUnavailableError):
        Zendesk().fields([mapped_value("Age", 42)], "record", down)


@pytest.mark.parametrize("answer", [None, [], {"ticket_fields": None}, {"ticket_fields": [None, {"id": "x"}]}])
def test_an_odd_list_has_no_fields(answer: object) -> None:
    found = Zendesk().fields([mapped_value("Age", 42)], "record", lambda _: answer)
    assert found.content == {}
