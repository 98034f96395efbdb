import pytest

from host.field_mapping.generic import Generic
from tests.host.field_mapping.mappings import mapped_value, mapping, no_reading


def test_a_dotted_name_nests() -> None:
    values = [mapped_value("properties.device", "iOS"), mapped_value("properties.age", 42), mapped_value(r"a\.b", 1)]
    found = Generic().fields(values, "record", no_reading)
    assert found.content == {"properties": {"device": "iOS", "age": 42}, "a.b": 1}


def test_two_mappings_of_one_place_keep_the_first() -> None:
    values = [mapped_value("device", "iOS"), mapped_value("device.os", 1), mapped_value("device", "Android")]
    found = Generic().fields(values, "record", no_reading)
    assert found.content == {"device": "iOS"}
    assert len(found.notes) == 2


@pytest.mark.parametrize("name", ["a..b", ".a", "a."])
def test_a_name_with_an_empty_part_is_wrong(name: str) -> None:
    assert "allowed: a name such as device" in (Generic().problem(mapping(name)) or "")
