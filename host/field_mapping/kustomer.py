"""Kustomer: `custom: {nameStr | nameNum | nameBool | nameAt}`, the ending by the type.

Source: docs/reference/field-mapping.md, How each CRM takes the fields.
"""

import re
from collections.abc import Mapping, Sequence

from host.field_mapping.settings import FieldMapping, FieldType, Target
from host.field_mapping.strategy import BodyFields, ReadJson
from host.field_mapping.values import MappedValue, instant_of

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
ENDINGS: Mapping[FieldType, tuple[str, ...]] = {
    "text": ("Str", "Txt", "Url"),
    "number": ("Num",),
    "checkbox": ("Bool",),
    "date": ("At",),
    "dropdown": ("Str", "Tree"),
}
"""The endings of the fields that a type may go into; the first is added to a name without one."""
_ALL = {ending for endings in ENDINGS.values() for ending in endings}


class Kustomer:
    """`device` of the type text is `deviceStr`."""

    def problem(self, mapping: FieldMapping) -> str | None:
        """Return what is wrong with a name: a character that can't be, or the ending of another type."""
        name, endings = mapping.crm_field, ENDINGS[mapping.type]
        if not _NAME.fullmatch(name):
            return f"found {name!r}; allowed: a name such as device or device{endings[0]}: letters, digits and _"
        ending = _ending_of(name)
        if ending is None or ending in endings:
            return None
        return f"found {name!r}, whose ending is not that of the type {mapping.type}; allowed: {' or '.join(endings)}"

    def unknown(self, _mapping: FieldMapping, _read: ReadJson) -> str | None:
        """Return None: the name says it all."""
        return None

    def fields(self, values: Sequence[MappedValue], _target: Target, _read: ReadJson) -> BodyFields:
        """Return `{"custom": {"deviceStr": "iOS"}}`."""
        custom = {
            _with_ending(each.mapping): instant_of(each.value) if each.mapping.type == "date" else each.value
            for each in values
        }
        return BodyFields({"custom": custom})


def _with_ending(mapping: FieldMapping) -> str:
    name = mapping.crm_field
    return name if _ending_of(name) in ENDINGS[mapping.type] else name + ENDINGS[mapping.type][0]


def _ending_of(name: str) -> str | None:
    return next((ending for ending in sorted(_ALL) if name.endswith(ending) and name != ending), None)
