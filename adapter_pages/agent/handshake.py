"""Reads the first message on an adapter's socket (`hello`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from host.errors import FieldsError

ADAPTERS = ("call", "chat")
MOST_POSTED = 20
LONGEST_AGO_MS = 10**9
_TAB = re.compile(r"[A-Za-z0-9_-]{8,64}")


@dataclass(frozen=True)
class Handshake:
    """The content of `hello`."""

    ticket: str
    adapter: str
    tab: str
    """The same for all adapters in one page."""
    seq: int
    """Of the last event that the page has posted; 0 on a page that has just loaded."""
    used_ms: int | None = None
    """Milliseconds since the agent used this page; None if they haven't."""
    posted: tuple[str, ...] = ()
    """The ids of the pops that the page posted last, in case an acknowledgement got lost."""


def read(message: Mapping[str, Any] | None) -> Handshake:
    """Read and check `hello`.

    Raises:
        FieldsError: Something is missing or invalid.
    """
    given = message or {}
    ticket, adapter, tab, seq = (given.get(name) for name in ("ticket", "adapter", "tab", "seq"))
    if given.get("op") != "hello" or not isinstance(ticket, str):
        raise FieldsError({"op": "the first message must be hello, with a ticket, within 10 s"})
    if adapter not in ADAPTERS:
        raise FieldsError({"adapter": "must be call or chat"})
    if not isinstance(tab, str) or not _TAB.fullmatch(tab):
        raise FieldsError({"tab": "must be 8 to 64 letters, digits, _ or -"})
    if not isinstance(seq, int) or isinstance(seq, bool) or not 0 <= seq < 2**53:
        raise FieldsError({"seq": "must be a whole number, 0 or more"})
    return Handshake(ticket, str(adapter), tab, seq, _used_ms(given.get("used_ms")), _posted(given.get("posted", [])))


def _used_ms(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise FieldsError({"used_ms": "must be milliseconds, 0 or more, or null"})
    return min(value, LONGEST_AGO_MS)


def _posted(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST_POSTED or not all(isinstance(each, str) for each in value):
        raise FieldsError({"posted": f"must be a list of at most {MOST_POSTED} event ids"})
    return tuple(value)
