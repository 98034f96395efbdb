"""Finds the entries of custom data that are mapped, and gives their values the type that the mapping wants.

Source: docs/reference/field-mapping.md, Values.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from host.field_mapping.settings import FieldMapping, FieldType
from host.gate import writing

Value = str | int | float | bool
YES, NO = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})
_LEAST_MILLISECONDS = 1e11
"""Larger numbers are dates in milliseconds: as seconds they would lie beyond the year 5138."""
_FORMS = {
    "number": "a number",
    "checkbox": "yes or no",
    "date": "a date such as 2026-05-01",
}


@dataclass(frozen=True)
class MappedValue:
    """A value for one field of the CRM."""

    key: str
    """The entry's key in the custom data: `device`."""
    mapping: FieldMapping
    value: Value
    """A date is a text in ISO 8601, with the time where one was given."""

    def as_json(self) -> dict[str, Any]:
        """Return what a strategy works with: `{"crm_field": "device", "type": "text", "value": "iOS"}`."""
        return {"crm_field": self.mapping.crm_field, "type": self.mapping.type, "value": self.value}


@dataclass(frozen=True)
class Mapped:
    """The values that custom data has for some mappings."""

    values: tuple[MappedValue, ...] = ()
    notes: tuple[str, ...] = ()
    """What was left out and why; without the values, which may be personal."""


def mapped(mappings: Iterable[FieldMapping], custom_data: Mapping[str, Any]) -> Mapped:
    """Return the values that custom data has for mappings; an entry without a value has none.

    Args:
        mappings: Those of one target.
        custom_data: `{"device": {"label": "Device Type", "value": "iOS", ...}}`, without reserved keys.
    """
    values, notes = list[MappedValue](), list[str]()
    for mapping in mappings:
        key = _key_of(mapping.custom_data_label, custom_data)
        given = None if key is None else _plain(custom_data[key])
        if key is None or given is None or given == "":
            continue
        try:
            values.append(MappedValue(key, mapping, _CONVERSIONS[mapping.type](given)))
        except ValueError:
            notes.append(f"{named(mapping)} is left out: its value is not {_FORMS[mapping.type]}")
    return Mapped(tuple(values), tuple(notes))


def named(mapping: FieldMapping) -> str:
    """Name a mapping in a trace: `field mapping "Device" (device)`."""
    return f'field mapping "{mapping.title}" ({mapping.crm_field})'


def day_of(value: Value) -> str:
    """Return the day of a date, as it was written: `2026-05-01`."""
    return str(value)[:10]


def instant_of(value: Value) -> str:
    """Return a date as an instant: `2026-05-01T00:00:00.000Z`; without a time zone it counts as UTC."""
    at = datetime.fromisoformat(str(value))
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _key_of(label: str, custom_data: Mapping[str, Any]) -> str | None:
    """Return the key of the entry with a label; else the key that is spelled like the label."""
    labelled = (key for key, entry in custom_data.items() if isinstance(entry, Mapping) and entry.get("label") == label)
    return next(labelled, label if label in custom_data else None)


def _plain(entry: Any) -> Any:
    return entry.get("value") if isinstance(entry, Mapping) else entry


def _text(given: Value) -> str:
    return given if isinstance(given, str) else writing.text(given)


def _number(given: Value) -> int | float:
    if not isinstance(given, bool | str):
        return given
    plain = str(given).strip()
    if "_" in plain:  # Python's own way of writing
        raise ValueError(plain)
    try:
        return int(plain)
    except ValueError:
        number = float(plain)
    if not math.isfinite(number):
        raise ValueError(plain)
    return number


def _checkbox(given: Value) -> bool:
    if isinstance(given, bool):
        return given
    word = _text(given).strip().casefold()
    if word not in YES | NO:
        raise ValueError(word)
    return word in YES


def _date(given: Value) -> str:
    if not isinstance(given, bool | str):
        seconds = given / 1000 if abs(given) >= _LEAST_MILLISECONDS else given
        try:
            return datetime.fromtimestamp(seconds, UTC).isoformat()
        except (OverflowError, OSError) as error:
            raise ValueError(given) from error
    plain = str(given).strip()
    try:
        return date.fromisoformat(plain).isoformat()
    except ValueError:
        return datetime.fromisoformat(plain).isoformat()


_CONVERSIONS: Mapping[FieldType, Callable[[Value], Value]] = {
    "text": _text,
    "number": _number,
    "checkbox": _checkbox,
    "date": _date,
    "dropdown": _text,
}
