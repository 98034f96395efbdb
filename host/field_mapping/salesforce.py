"""Salesforce: `Name__c` on the object; texts have at most 255 characters.

Source: docs/reference/field-mapping.md, How each CRM takes the fields.
"""

import re
from collections.abc import Sequence
from typing import Any

from host.field_mapping.settings import FieldMapping, Target
from host.field_mapping.strategy import BodyFields, ReadJson
from host.field_mapping.values import MappedValue, day_of, named

CUSTOM = "__c"
LONGEST_TEXT = 255
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class Salesforce:
    """`Device_Type` and `Device_Type__c` are the same field."""

    def problem(self, mapping: FieldMapping) -> str | None:
        """Return what is wrong with a name: a character that no field of Salesforce has."""
        if _NAME.fullmatch(mapping.crm_field):
            return None
        right = "the Field Name such as Device_Type or Device_Type__c: letters, digits and _"
        return f"found {mapping.crm_field!r}; allowed: {right}"

    def unknown(self, _mapping: FieldMapping, _read: ReadJson) -> str | None:
        """Return None: which object the endpoint writes, its address alone doesn't tell."""
        return None

    def fields(self, values: Sequence[MappedValue], _target: Target, _read: ReadJson) -> BodyFields:
        """Return `{"Device_Type__c": "iOS"}`."""
        content, notes = dict[str, Any](), list[str]()
        for each in values:
            value = day_of(each.value) if each.mapping.type == "date" else each.value
            if isinstance(value, str) and len(value) > LONGEST_TEXT:
                notes.append(f"{named(each.mapping)} has {len(value)} characters: cut to {LONGEST_TEXT}")
                value = value[:LONGEST_TEXT]
            content[_api_name(each.mapping.crm_field)] = value
        return BodyFields(content, notes=notes)


def _api_name(name: str) -> str:
    return name if name.lower().endswith(CUSTOM) else name + CUSTOM
