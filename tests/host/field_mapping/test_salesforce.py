"""Against https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_sobject_create.htm."""

import pytest

from host.field_mapping.salesforce import Salesforce
from tests.host.field_mapping.mappings import mapped_value, mapping, no_reading


def test_fields_stand_on_the_object_with_the_ending_of_custom_fields() -> None:
    values = [
        mapped_value("Device_Type", "iOS"),
        mapped_value("Age__c", 42, type="number"),
        mapped_value("VIP", value=True, type="checkbox"),
        mapped_value("Born", "1968-04-13T10:00:00+00:00", type="date"),
    ]
    found = Salesforce().fields(values, "record", no_reading)
    assert found.content == {"Device_Type__c": "iOS", "Age__c": 42, "VIP__c": True, "Born__c": "1968-04-13"}
    assert (found.inside, found.notes) == ((), [])


def test_a_long_text_is_cut_and_the_trace_says_so() -> None:
    found = Salesforce().fields([mapped_value("Story", "é" * 300)], "account", no_reading)
    assert found.content == {"Story__c": "é" * 255}
    assert found.notes == ['field mapping "Device" (Story) has 300 characters: cut to 255']


@pytest.mark.parametrize("name", ["Device Type", "1st", "Device-Type", "Gerät", "Case.Device"])
def test_a_name_that_no_field_has_is_wrong(name: str) -> None:
    assert "the Field Name such as Device_Type" in (Salesforce().problem(mapping(name)) or "")


def test_a_name_with_a_name_space_is_fine() -> None:
    assert Salesforce().problem(mapping("acme__Device__c")) is None
