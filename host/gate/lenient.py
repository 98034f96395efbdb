"""Reads JSON and texts of other systems, and repairs what can't be stored.

Forbidden characters become U+FFFD, numbers that JavaScript can't represent become texts, values that are nested too
deeply become null.
"""

import json
import math
import re
from collections.abc import Iterable
from typing import Any

from host.gate import characters
from host.gate.limits import DEEPEST, LARGEST, LONGEST_NUMBER
from host.gate.nesting import is_readable

LONGEST_ID = 500
"""Characters of an id; a longer text is no id."""
LONGEST_WIDE = 400
"""Digits of the longest whole number that is sent back as a number."""

_ESCAPED = re.compile(r"\\u(?:00[01789]|[dD][89a-fA-F])")
"""Escapes that may stand for a forbidden character."""
_NUMBER = re.compile(r"\d(?:\d{15}|[eE])|NaN|Infinity")
"""Numbers that may have to be repaired."""


class WideNumber(str):
    """A whole number beyond 2^53, as text; requests to the CRM write it as a number again."""

    __slots__ = ()


def read(text: str | bytes) -> Any:
    """Return the repaired value of a JSON text; raw line breaks inside strings are accepted.

    Raises:
        ValueError: It is not JSON.
    """
    written = text.decode("utf-8-sig", errors="replace") if isinstance(text, bytes) else text
    if not is_readable(written):
        raise ValueError("nested deeper than anybody reads")
    if _looks_fine(written):
        found = json.loads(written, strict=False)
        return _repaired(found, 0) if _has_room(written) and _is_deep(found) else found
    return _repaired(json.loads(written, strict=False, **_HOOKS), 0)


def text(found: str) -> str:
    """Return a text without forbidden characters."""
    return characters.repaired(found)


def identity(found: Any) -> str | int | None:
    """Return an id as it is stored: a text, or a whole number; None for a value that can't be an id."""
    if isinstance(found, float):
        return int(found) if found.is_integer() else str(found)
    if isinstance(found, bool) or not isinstance(found, str | int) or not 0 < len(str(found).strip()) <= LONGEST_ID:
        return None
    return characters.repaired(found) if type(found) is str else found


def whole(digits: str) -> int | str:
    """Return a whole number as it is stored: a `WideNumber` beyond 2^53, plain text beyond `LONGEST_WIDE`."""
    if len(digits) <= LONGEST_NUMBER and abs(number := int(digits)) <= LARGEST:
        return number
    return WideNumber(digits) if len(digits) <= LONGEST_WIDE else digits


def _looks_fine(written: str) -> bool:
    """Tell whether a text needs no repair except for its depth: this check is faster than the repair."""
    is_escaped = "\\u" in written and _ESCAPED.search(written)
    return not (is_escaped or characters.problem(written) or _NUMBER.search(written))


def _has_room(written: str) -> bool:
    """Tell whether there are enough brackets for nesting that is too deep."""
    return written.count("[") + written.count("{") > DEEPEST


def _is_deep(found: Any) -> bool:
    level = [found]
    for _ in range(DEEPEST + 1):
        level = [each for value in level for each in _below(value) if isinstance(each, dict | list)]
        if not level:
            return False
    return True


def _below(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _repaired(value: Any, depth: int) -> Any:
    if isinstance(value, WideNumber):
        return value
    if isinstance(value, str):
        return characters.repaired(value)
    if not isinstance(value, dict | list):
        return value
    if depth >= DEEPEST:
        return None
    if isinstance(value, list):
        return [_repaired(each, depth + 1) for each in value]
    return {characters.repaired(name): _repaired(each, depth + 1) for name, each in value.items()}


def _fraction(written: str) -> float | str:
    number = float(written)
    return number if math.isfinite(number) and abs(number) <= LARGEST else written


_HOOKS: dict[str, Any] = {"parse_int": whole, "parse_float": _fraction, "parse_constant": str}
