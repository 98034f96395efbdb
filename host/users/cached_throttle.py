"""A throttle that caches refusals in this process, so that a flood of tries doesn't reach the database."""

import threading
from datetime import datetime, timedelta

from host.clock import Clock
from host.db.engine import Database
from host.errors import TooManyError
from host.users import throttle

MOST_KEPT = 50_000


class CachedThrottle:
    """Counts in the database, for all processes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._full_until: dict[str, datetime] = {}

    def hit(self, key: str, limit: int, window_s: int, *, reason: str) -> None:
        """Count one try; see `throttle.hit`.

        Raises:
            TooManyError: The window is full.
        """
        now = self._clock.now()
        with self._lock:
            until = self._full_until.get(key)
        if until is not None and until > now:
            raise TooManyError.of(reason, (until - now).total_seconds())
        try:
            throttle.hit(self._database, key, now, limit, window_s, reason=reason)
        except TooManyError as error:
            self._remember(key, now + timedelta(seconds=error.retry_after_s or 0), now)
            raise

    def _remember(self, key: str, until: datetime, now: datetime) -> None:
        with self._lock:
            self._full_until[key] = until
            if len(self._full_until) > MOST_KEPT:
                self._full_until = {kept: at for kept, at in self._full_until.items() if at > now}
