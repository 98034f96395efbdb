"""Against https://developer.kustomer.com/kustomer-api-docs/reference/createconversation (`custom`)."""

import pytest

from host.field_mapping.kustomer import Kustomer
from tests.host.field_mapping.mappings import mapped_value, mapping, no_reading


def test_the_ending_follows_the_type() -> None:
    values = [
        mapped_value("device", "iOS"),
        mapped_value("ageNum", 42, type="number"),
        mapped_value("vip", value=True, type="checkbox"),
        mapped_value("born", "1968-04-13", type="date"),
        mapped_value("tierTree", "gold", type="dropdown"),
    ]
    assert Kustomer().fields(values, "account", no_reading).content == {
        "custom": {
            "deviceStr": "iOS",
            "ageNum": 42,
            "vipBool": True,
            "bornAt": "1968-04-13T00:00:00.000Z",
            "tierTree": "gold",
        }
    }


@pytest.mark.parametrize(("name", "type_"), [("deviceStr", "number"), ("seenAt", "text"), ("vipBool", "dropdown")])
def test_the_ending_of_another_type_is_wrong(name: str, type_: str) -> None:
    assert f"not that of the type {type_}" in (Kustomer().problem(mapping(name, type=type_)) or "")


@pytest.mark.parametrize("name", ["Device Type", "1st", "a.b"])
def test_a_name_with_other_characters_is_wrong(name: str) -> None:
    assert "letters, digits and _" in (Kustomer().problem(mapping(name)) or "")


@pytest.mark.parametrize(("name", "type_"), [("device", "text"), ("noteTxt", "text"), ("At", "date"), ("x", "date")])
def test_other_names_are_fine(name: str, type_: str) -> None:
    assert Kustomer().problem(mapping(name, type=type_)) is None
