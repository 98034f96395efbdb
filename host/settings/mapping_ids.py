"""Gives field mappings their ids, by which the platform API knows them.

Source: docs/reference/field-mapping.md, A mapping.
"""

from collections.abc import Mapping, Sequence
from typing import Any

_IDENTITY = (("crm_field", None), ("custom_data_label", None), ("target", "record"))


def given(
    mappings: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]] | None, last: int
) -> tuple[list[dict[str, Any]], int]:
    """Return the mappings with an id each, and the highest id that was ever given.

    Args:
        mappings: As in the settings file; valid. One without an id gets that of the same mapping before, or a new one.
        before: The stored ones.
        last: The highest id so far.
    """
    taken = {each["id"] for each in mappings if each.get("id")}
    known = {_identity(each): each["id"] for each in before or () if each.get("id")}
    last = max([last, *taken, *known.values()])
    numbered = []
    for each in mappings:
        found = each.get("id") or known.get(_identity(each))
        if not each.get("id") and (found is None or found in taken):
            last += 1
            found = last
        taken.add(found)
        numbered.append({"id": found, **{key: value for key, value in each.items() if key != "id"}})
    return numbered, last


def _identity(mapping: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(mapping.get(key, default) for key, default in _IDENTITY)
