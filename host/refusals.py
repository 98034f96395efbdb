"""Counts requests that this process refused by a rate limit, for `/metrics` and the log."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping

LOG_EVERY_S = 60

log = logging.getLogger(__name__)


class Refusals:
    """Counters by budget: `{"chats_per_browser": 22}`."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._logged: Counter[str] = Counter()
        self._logged_at = self._seconds()

    def note(self, budget: str) -> None:
        """Count one refusal; from any thread."""
        with self._lock:
            self._counts[budget] += 1

    def counts(self) -> Mapping[str, int]:
        """Return the counts since the process started."""
        with self._lock:
            return dict(self._counts)

    def log_new(self) -> None:
        """Log new refusals, at most once a minute; call it every few seconds."""
        if self._seconds() - self._logged_at < LOG_EVERY_S:
            return
        with self._lock:
            news = self._counts - self._logged
            self._logged = Counter(self._counts)
            self._logged_at = self._seconds()
        if news:
            found = ", ".join(f"{budget} {count}" for budget, count in sorted(news.items()))
            log.warning("refused in the last minute, by budget: %s", found)


refusals = Refusals()
"""The counters of this process."""
