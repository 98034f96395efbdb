from typing import Any

import pytest

from host.field_mapping.values import day_of, instant_of, mapped
from tests.host.field_mapping.mappings import CUSTOM_DATA, mapping


def test_an_entry_becomes_what_the_crm_adaptor_gets() -> None:
    [found] = mapped([mapping()], CUSTOM_DATA).values
    assert {found.key: found.as_json()} == {"device": {"crm_field": "device", "type": "text", "value": "iOS"}}


def test_the_key_matches_too_and_the_label_comes_first() -> None:
    data = {"device": {"label": "Other", "value": 1}, "other": {"label": "device", "value": 2}}
    assert [each.value for each in mapped([mapping(custom_data_label="device", type="number")], data).values] == [2]
    data["other"]["label"] = "x"
    assert [each.value for each in mapped([mapping(custom_data_label="device", type="number")], data).values] == [1]


@pytest.mark.parametrize("data", [{}, {"device": {"value": None}}, {"device": {"value": ""}}])
def test_what_has_no_value_is_left_out_without_a_word(data: dict[str, Any]) -> None:
    found = mapped([mapping(custom_data_label="device")], data)
    assert (found.values, found.notes) == ((), ())


@pytest.mark.parametrize(
    ("type_", "given", "sent"),
    [
        ("text", "iOS", "iOS"),
        ("text", 12, "12"),
        ("text", 12.5, "12.5"),
        ("text", True, "true"),
        ("number", 12, 12),
        ("number", " 12 ", 12),
        ("number", "-12.50", -12.5),
        ("number", "1e3", 1000.0),
        ("checkbox", True, True),
        ("checkbox", "Yes", True),
        ("checkbox", 0, False),
        ("checkbox", "off", False),
        ("date", "2026-05-01", "2026-05-01"),
        ("date", "2026-05-01T10:00:12Z", "2026-05-01T10:00:12+00:00"),
        ("date", 1777629612, "2026-05-01T10:00:12+00:00"),
        ("date", 1777629612000, "2026-05-01T10:00:12+00:00"),
        ("dropdown", "Gold", "Gold"),
        ("dropdown", 3, "3"),
    ],
)
def test_the_type_decides_what_is_sent(type_: str, given: object, sent: object) -> None:
    [found] = mapped([mapping(type=type_)], {"x": {"label": "Device Type", "value": given}}).values
    assert (found.value, type(found.value)) == (sent, type(sent))


@pytest.mark.parametrize(
    ("type_", "given"),
    [
        ("number", "many"),
        ("number", "1_000"),
        ("number", "nan"),
        ("number", "inf"),
        ("number", True),
        ("checkbox", "maybe"),
        ("checkbox", 2),
        ("date", "tomorrow"),
        ("date", "2026-02-30"),
        ("date", False),
        ("date", 1e300),
    ],
)
def test_a_value_of_another_type_is_left_out_and_the_trace_says_so_without_it(type_: str, given: object) -> None:
    found = mapped([mapping(type=type_)], {"x": {"label": "Device Type", "value": given}})
    assert found.values == ()
    [note] = found.notes
    assert note.startswith('field mapping "Device" (device) is left out: its value is not ')
    assert str(given) not in note


def test_a_date_is_a_day_or_an_instant() -> None:
    assert day_of("2026-05-01T23:30:00-05:00") == "2026-05-01"
    assert instant_of("2026-05-01T23:30:00-05:00") == "2026-05-02T04:30:00.000Z"
    assert instant_of("2026-05-01") == "2026-05-01T00:00:00.000Z"
