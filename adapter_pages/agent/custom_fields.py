"""Selects the fields and flags of a session's custom data that an agent may see.

Source: docs/reference/sessions.md, Custom data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from host.sessions.custom_data import VERIFIED, is_set
from host.sessions.reserved import is_reserved

FLAGS = {
    "reserved_verified_customer": "Verified customer",
    "reserved_bad_actor": "Bad actor",
    "reserved_repeat_customer": "Repeat customer",
}
"""Reserved keys that are shown as flags, not as data."""

IS_VERIFIED = "Verified"
"""The flag of a consumer who was verified without signed custom data."""

MOST_CHARACTERS = 6_000
"""In all values together, so that the escaped fragment always fits into one socket message."""


@dataclass(frozen=True)
class CustomField:
    """One visible entry."""

    label: str
    value: str
    url: str | None
    """The value as a link, if it is an http or https address."""


def visible(custom_data: Mapping[str, Any]) -> tuple[CustomField, ...]:
    """Return the entries that the agent may see, in their original order."""
    left = MOST_CHARACTERS
    found = []
    for key, entry in custom_data.items():
        if is_reserved(key) or not isinstance(entry, Mapping) or entry.get("invisible_to_agent"):
            continue
        label, value = str(entry.get("label") or key), _words(entry.get("value"))
        if left <= 0:
            break
        shown = _shortened(value, max(left - len(label), 1))
        left -= len(label) + len(shown)
        found.append(CustomField(_shortened(label, 200), shown, _link(entry, value, shown)))
    return tuple(found)


def flags(custom_data: Mapping[str, Any], *, is_verified: bool = False) -> tuple[str, ...]:
    """Return the labels of the flags that are set: `Verified customer`. Unsigned data never contains these keys.

    Args:
        custom_data: Of the session.
        is_verified: Whether the consumer was verified, before the session or during it.
    """
    found = tuple(words for key, words in FLAGS.items() if is_set(custom_data.get(key)))
    return found if not is_verified or FLAGS[VERIFIED] in found else (IS_VERIFIED, *found)


def _words(value: object) -> str:
    match value:
        case None:
            return "-"
        case True:
            return "yes"
        case False:
            return "no"
        case _:
            return str(value)


def _link(entry: Mapping[str, Any], value: str, shown: str) -> str | None:
    if entry.get("type") != "url" or shown != value or any(ord(character) <= 32 for character in value):
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    is_plain = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
    return value if is_plain else None  # user@host could be mistaken for another host


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
