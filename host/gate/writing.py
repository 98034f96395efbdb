"""Writes JSON that every reader can read: finite numbers, whole characters."""

import json
import math
from collections.abc import Callable
from typing import Any

from host.gate import characters
from host.gate.lenient import WideNumber


def text(
    value: Any,
    *,
    indent: int | None = None,
    is_short: bool = False,
    sort_keys: bool = False,
    default: Callable[[Any], Any] | None = None,
) -> str:
    """Return the JSON for browsers, other systems and files; numbers beyond 2^53 are texts in it.

    Args:
        value: As `lenient.read` and `strict.read` give it.
        indent: For people: one value a line.
        is_short: Without blanks.
        sort_keys: For what is compared.
        default: Makes a value of what JSON doesn't know.

    Raises:
        ValueError: A number in it isn't finite.
    """
    separators = (",", ":") if is_short else None
    options: dict[str, Any] = {"indent": indent, "sort_keys": sort_keys, "default": default, "separators": separators}
    return characters.whole(json.dumps(value, ensure_ascii=False, allow_nan=False, **options))


def typed(value: Any) -> str:
    """Return the JSON for the CRM and for our own database: what was a number is one again.

    What can't be written is repaired, since nobody is there who could send something better.
    """
    return json.dumps(_typed(value), allow_nan=False)


def _typed(value: Any) -> Any:
    if isinstance(value, WideNumber):
        return int(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {name: _typed(each) for name, each in value.items()}
    return [_typed(each) for each in value] if isinstance(value, list | tuple) else value
