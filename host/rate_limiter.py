"""Rate limits in the memory of this process, in windows of a minute."""

import threading
from collections.abc import Callable
from time import monotonic

from host.errors import TooManyError
from host.refusals import refusals

WINDOW_S = 60
MOST_KEPT = 50_000
"""Counters in memory; above this number those of past minutes are deleted."""


class RateLimiter:
    """Counts in windows of a minute; a window opens with its first entry. Thread-safe."""

    def __init__(self, seconds: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._spent: dict[tuple[str, object], tuple[float, int]] = {}

    def take(self, budget: str, who: object, limit: int, amount: int = 1) -> None:
        """Count `amount`.

        Args:
            budget: `messages_per_minute`.
            who: `103646`.
            limit: The most that a minute allows.

        Raises:
            TooManyError: The limit is reached; says how long to wait. The refused amount is not counted.
        """
        now, key = self._seconds(), (budget, who)
        with self._lock:
            began_at, spent = self._spent.get(key, (now, 0))
            if now - began_at >= WINDOW_S:
                began_at, spent = now, 0
            if spent + amount <= limit:
                self._spent[key] = (began_at, spent + amount)
                self._forget_the_past(now)
                return
        refusals.note(budget)
        raise TooManyError.of(MESSAGES[budget], began_at + WINDOW_S - now)

    def _forget_the_past(self, now: float) -> None:
        if len(self._spent) > MOST_KEPT:
            self._spent = {key: kept for key, kept in self._spent.items() if now - kept[0] < WINDOW_S}


MESSAGES = {
    "chats_per_browser": "Too many chats were started in this browser.",
    "chats_per_address": "Too many chats were started from your network.",
    "chats_per_key": "Too many sessions were started with this key.",
    "messages_per_minute": "Those were too many messages at once.",
    "bytes_per_minute": "That was too much text at once.",
    "messages_per_chat": "There are too many messages in this chat; end it and start a new one.",
    "bytes_per_chat": "There is too much text in this chat; end it and start a new one.",
    "files_per_minute": "Those were too many files at once.",
    "notices_per_minute": "That was too much at once.",
    "agent_acts_per_minute": "That was too much at once.",
    "tickets_per_minute": "This page connected too often.",
    "csp_reports_per_minute": "There are too many reports.",
    "wrong_keys_per_minute": "Too many wrong keys came from this address.",
}
"""The text of the error by budget; the time to wait follows."""
