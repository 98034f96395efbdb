"""JSON columns of our own database: nothing that is written is lost, and rows from before the gate are repaired.

SQLite takes a bare number for one of its own and rounds what is wider than 64 bits: wide numbers stand there as
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
    """Return what a JSON column keeps."""
    return writing.typed(_wrapped(value))


def read(stored: str | bytes | float) -> Any:
    """Return what a JSON column says; None when it is no JSON: whoever shows that row says so."""
    if isinstance(stored, int | float):  # SQLite's own idea of a number's text
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
