"""Any CRM: the field's name is a dotted parameter of the request.

Source: docs/reference/field-mapping.md, How each CRM takes the fields.
"""

import re
from collections.abc import Sequence
from typing import Any

from host.field_mapping.settings import FieldMapping, Target
from host.field_mapping.strategy import BodyFields, ReadJson
from host.field_mapping.values import MappedValue, named

_DOT = re.compile(r"(?<!\\)\.")


class Generic:
    r"""`properties.device` nests; `\.` is a literal dot."""

    def problem(self, mapping: FieldMapping) -> str | None:
        """Return what is wrong with a name: an empty part of it."""
        if all(_keys_of(mapping.crm_field)):
            return None
        return f"found {mapping.crm_field!r}; allowed: a name such as device, or properties.device, which nests"

    def unknown(self, _mapping: FieldMapping, _read: ReadJson) -> str | None:
        """Return None: only the CRM's admin knows."""
        return None

    def fields(self, values: Sequence[MappedValue], _target: Target, _read: ReadJson) -> BodyFields:
        """Return `{"properties": {"device": "iOS"}}`."""
        content, notes = dict[str, Any](), list[str]()
        for each in values:
            if not _put(content, _keys_of(each.mapping.crm_field), each.value):
                notes.append(f"{named(each.mapping)} is left out: another mapping has its place")
        return BodyFields(content, notes=notes)


def _put(tree: dict[str, Any], keys: Sequence[str], value: Any) -> bool:
    """Put a value where nothing is yet; tell whether there was room."""
    *way, last = keys
    for key in way:
        inner: Any = tree.setdefault(key, {})
        if not isinstance(inner, dict):
            return False
        tree = inner
    if last in tree:
        return False
    tree[last] = value
    return True


def _keys_of(name: str) -> list[str]:
    return [part.replace("\\.", ".") for part in _DOT.split(name)]
