"""Mappings and values for tests."""

from typing import Any

from host.field_mapping.settings import FieldMapping
from host.field_mapping.values import MappedValue, Value

CUSTOM_DATA: dict[str, dict[str, Any]] = {
    "device": {"label": "Device Type", "value": "iOS", "type": "string"},
    "age": {"label": "Age", "value": 42, "type": "number"},
    "vip": {"label": "VIP", "value": True, "type": "boolean"},
    "born": {"label": "Born", "value": "1968-04-13", "type": "date"},
}


def mapping(crm_field: str = "device", **more: Any) -> FieldMapping:
    return FieldMapping(**{"title": "Device", "custom_data_label": "Device Type", "crm_field": crm_field, **more})


def mapped_value(crm_field: str, value: Value, **more: Any) -> MappedValue:
    return MappedValue("device", mapping(crm_field, **more), value)


def no_reading(path: str) -> Any:
    raise AssertionError(f"{path} is read")
