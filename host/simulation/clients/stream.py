"""The events of one adapter page: posts each once, in the order of their seq, as `static/js/adapter/poster.js` does.

Source: docs/reference/events.md, Order and delivery.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from host.wire import envelope
from host.wire.envelope import Accepted

MOST_POSTED = 20


@dataclass
class Stream:
    """What a page has posted."""

    seq: int = 0
    """Of the last posted event."""
    late: list[str] = field(default_factory=list)
    """Pops that came too late to be posted without asking; the page asks, and empties the list."""
    acknowledged: list[str] = field(default_factory=list)
    """Pops that were posted; the page acknowledges them, and empties the list."""
    _held: list[Mapping[str, Any]] = field(default_factory=list)
    _held_since: float = 0.0
    _posted: set[str] = field(default_factory=set)
    _pops: list[str] = field(default_factory=list)
    _ahead_ms: float = 0.0

    @property
    def hello(self) -> dict[str, Any]:
        """The part of `hello` about posted events."""
        return {"seq": self.seq, "posted": self._pops[-MOST_POSTED:]}

    @property
    def waits_since(self) -> float | None:
        """Since when messages wait for missing ones, on the monotonic clock; None: none do."""
        return self._held_since if self._held else None

    def start(self, state: Mapping[str, Any]) -> None:
        """Handle `state`: where the stream goes on, and the server's clock."""
        self._held = []
        self.seq = int(state["seq"])
        self._ahead_ms = time.time() * 1000 - float(state["now"])

    def take(self, message: Mapping[str, Any]) -> list[Accepted]:
        """Handle `post` or `passed`; return the events that are posted now."""
        if not isinstance(message.get("after"), int):
            return list(self._post(message))
        if not self._held:
            self._held_since = time.monotonic()
        self._held.append(message)
        return list(self._ready())

    def _ready(self) -> Iterator[Accepted]:
        while following := next((each for each in self._held if each["after"] <= self.seq), None):
            self._held.remove(following)
            self._held_since = time.monotonic()
            yield from self._post(following)
            self.seq = max(self.seq, int(following["seq"]))

    def _post(self, message: Mapping[str, Any]) -> Iterator[Accepted]:
        event = envelope.read(message["message"]) if "message" in message else None
        if not isinstance(event, Accepted):
            return
        ack = message.get("ack")
        if event.meta["id"] not in self._posted:
            if ack and "until" in message and time.time() * 1000 - self._ahead_ms > message["until"]:
                self.late.append(ack)
                return
            self._posted.add(event.meta["id"])
            if ack:
                self._pops.append(ack)
            yield event
        if ack:
            self.acknowledged.append(ack)
