"""Write the JSON text of adapter events, and read such a text from an untrusted sender.

A message is `{"type": "New_Chat", "data": {...}, "meta": {"id", "seq", "at", "replayed", "v"}}`, at most 65,536
UTF-8 bytes. Other scripts post messages as well, so an unknown one is no error: `read` returns why it was dropped.
"""

import json

from host.wire.events import EVENTS

TYPE_CHECKING = False  # MicroPython has no typing; checkers take this name as true
if TYPE_CHECKING:
    from typing import Any

    from host.wire.events import Event

    Fields = dict[str, Any]

LARGEST_BYTES = 65536
VERSION = 1


class Accepted:
    """An event that was received.

    Args:
        type: `New_Chat`; one of `EVENTS`.
        data: What the event carries; `null` keys are left out.
        meta: As in `stamp`; empty when another tenant's adapter posted it.
    """

    def __init__(self, type: str, data: "Fields", meta: "Fields") -> None:
        self.type = type
        self.data = data
        self.meta = meta


class Dropped:
    """A message that is no event of ours.

    Args:
        reason: For people; it holds nothing of the message except known key names.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason


def stamp(event_id: str, seq: int, at: str, *, replayed: bool = False) -> "Fields":
    """Return the `meta` of an event.

    Args:
        event_id: A ULID; readers drop a second event with the same id.
        seq: Numbered without gaps for an agent and adapter.
        at: ISO 8601 in UTC: `2026-05-01T10:00:00Z`.
        replayed: Whether it was sent before.
    """
    return {"id": event_id, "seq": seq, "at": at, "replayed": replayed, "v": VERSION}


def build(type: str, data: "Fields", meta: "Fields") -> str:
    """Return the text to post.

    Optional keys without a value are left out, except those that the type sends as `null`.

    Raises:
        ValueError: The type is unknown, a key is missing, unknown or excluded by another, or the text is too long.
    """
    event = EVENTS.get(type)
    if event is None:
        raise ValueError(f"no event {type!r}; there are: {', '.join(sorted(EVENTS))}")
    check(type, event, data)
    kept = {key: data[key] for key in event.keys if data.get(key) is not None}
    for key in event.nulls:
        kept.setdefault(key, None)
    text = json.dumps({"type": type, "data": kept, "meta": meta})
    size = len(text.encode())
    if size > LARGEST_BYTES:
        raise ValueError(f"{type}: {size} bytes, at most {LARGEST_BYTES} can be posted")
    return text


def check(type: str, event: "Event", data: "Fields") -> None:
    """Check the keys of `data` against the event's table entry.

    Raises:
        ValueError: Names the wrong keys.
    """
    unknown = sorted(key for key in data if key not in event.keys)
    if unknown:
        raise ValueError(f"{type} takes no {', '.join(unknown)}; it takes: {', '.join(event.keys)}")
    missing = [key for key in event.required if data.get(key) is None]
    if missing:
        raise ValueError(f"{type} lacks {', '.join(missing)}")
    if event.either and len([key for key in event.either if data.get(key) is not None]) != 1:
        raise ValueError(f"{type} takes exactly one of {', '.join(event.either)}")


def read(text: str) -> "Accepted | Dropped":
    """Parse a message from outside; return the event, or why it is dropped."""
    # A character takes at most four bytes, so short texts need no count.
    if len(text) > LARGEST_BYTES // 4 and len(text.encode()) > LARGEST_BYTES:
        return Dropped(f"longer than {LARGEST_BYTES} bytes")
    try:
        message = json.loads(text)
    except (ValueError, RuntimeError, MemoryError):  # not JSON, or nested deeper than the interpreter goes
        return Dropped("not JSON")
    if not isinstance(message, dict):
        return Dropped("no object")
    return accept(message)


def accept(message: "Fields") -> "Accepted | Dropped":
    """Accept or drop a parsed message."""
    type, data, meta = message.get("type"), message.get("data"), message.get("meta")
    event = EVENTS.get(type) if isinstance(type, str) else None
    if event is None or not isinstance(type, str):
        return Dropped("no event of ours")
    if not isinstance(data, dict):
        return Dropped(f"{type} without data")
    if None in data.values():
        data = {key: value for key, value in data.items() if value is not None}
    for key in event.vital:
        if key not in data:
            return Dropped(f"{type} without {', '.join([each for each in event.vital if each not in data])}")
    return Accepted(type, data, meta if isinstance(meta, dict) else {})
