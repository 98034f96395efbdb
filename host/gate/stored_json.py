"""Reads and writes JSON columns of the database without loss; rows of early releases are repaired.

SQLite converts a bare number and rounds one wider than 64 bits, so wide numbers are stored as
`{"$wide": "9223372036854775808"}`.
"""

import logging
from typing import Any

from host.gate import lenient, writing
from host.gate.lenient import WideNumber
from host.gate.limits import LARGEST

WIDE = "$wide"

log = logging.getLogger(__name__)


def write(value: Any) -> str:
    """Return the text for a JSON column."""
    return writing.typed(_wrapped(value))


def read(stored: str | bytes | float) -> Any:
    """Return the value of a JSON column; None when it is not JSON: then the row can't be shown."""
    if isinstance(stored, int | float):  # SQLite has converted a bare number
        return stored if abs(stored) <= LARGEST else _wide(stored)
    try:
        found = lenient.read(stored)
    except ValueError:
        log.warning("a JSON column of the database holds something else")
        return None
    return (
        _unwrapped(found) if WIDE in (stored if isinstance(stored, str) else stored.decode(errors="replace")) else found
    )


def _wide(number: float) -> str:
    return WideNumber(number) if isinstance(number, int) else str(number)


def _wrapped(value: Any) -> Any:
    if isinstance(value, WideNumber):
        return {WIDE: str(value)}
    if isinstance(value, dict):
        return {name: _wrapped(each) for name, each in value.items()}
    return [_wrapped(each) for each in value] if isinstance(value, list | tuple) else value


def _unwrapped(value: Any) -> Any:
    if isinstance(value, list):
        return [_unwrapped(each) for each in value]
    if not isinstance(value, dict):
        return value
    if list(value) == [WIDE] and isinstance(value[WIDE], str) and value[WIDE].lstrip("-").isdecimal():
        return WideNumber(value[WIDE])
    return {name: _unwrapped(each) for name, each in value.items()}
