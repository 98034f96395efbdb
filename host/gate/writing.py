"""Writes JSON that every reader can read: with finite numbers and valid characters."""

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
    """Return JSON for browsers, other systems and files; numbers beyond 2^53 are texts in it.

    Args:
        value: As `lenient.read` and `strict.read` return it.
        indent: One value on each line, for people.
        is_short: Without blanks.
        sort_keys: For texts that are compared.
        default: Converts values that JSON doesn't know.

    Raises:
        ValueError: A number in it isn't finite.
    """
    separators = (",", ":") if is_short else None
    options: dict[str, Any] = {"indent": indent, "sort_keys": sort_keys, "default": default, "separators": separators}
    return characters.whole(json.dumps(value, ensure_ascii=False, allow_nan=False, **options))


def typed(value: Any) -> str:
    """Return JSON for the CRM and for the database, in which a `WideNumber` is a number again.

    Invalid values are repaired, not refused.
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
