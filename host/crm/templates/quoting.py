"""Quoting: escapes a variable's value for the language of the text around it, so that no value can inject syntax.

Source: docs/reference/generic-api.md, Syntax inside text.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote as percent_encoded

from host.gate import writing

_SOQL = str.maketrans(
    {"\\": r"\\", "'": r"\'", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\b": r"\b", "\f": r"\f"}
)
_ZOHO = str.maketrans({character: f"\\{character}" for character in "\\(),"})
_BACKSLASH = str.maketrans({character: f"\\{character}" for character in "\\'\""})


def _doubled_apostrophes(text: str) -> str:
    return text.replace("'", "''")


def in_url(text: str) -> str:
    """Percent-encode all except unreserved characters: `+` is `%2B`, a blank `%20`, `/` `%2F`."""
    return percent_encoded(text, safe="", errors="replace")


QUOTES: Mapping[str, Callable[[str], str]] = {
    "none": str,
    "url": in_url,
    "json": lambda text: writing.typed(text)[1:-1],
    "soql": lambda text: text.translate(_SOQL),
    "odata": _doubled_apostrophes,
    "zoho": lambda text: text.translate(_ZOHO),
    "sql": _doubled_apostrophes,
    "double": lambda text: text.replace('"', '""'),
    "backslash": lambda text: text.translate(_BACKSLASH),
}


def as_text(value: Any) -> str:
    """Write a value as text: `true`, `12`, objects and lists as JSON, an empty text for None."""
    if value is None:
        return ""
    return value if isinstance(value, str) else writing.text(value)


def is_empty(value: Any) -> bool:
    """Tell whether there is no value: None or an empty text."""
    return value is None or value == ""
