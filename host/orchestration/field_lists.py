"""Remembers the lists of fields that a CRM has, so that not every session reads them again."""

import threading
from datetime import datetime, timedelta
from typing import Any

from host import hosts
from host.clock import Clock
from host.crm.request.custom_fields import ReadJson

KEPT_FOR = timedelta(minutes=10)
MOST = 100


class FieldLists:
    """The answers of the last minutes, in this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[datetime, Any]] = {}
        self._lock = threading.Lock()

    def of(self, url: str, read: ReadJson) -> ReadJson:
        """Return a function that reads what isn't known yet.

        Args:
            url: Of a request to the CRM; answers are known by its host.
            read: Reads from the CRM.
        """
        origin = hosts.origin_of(url)

        def remembered(path: str) -> Any:
            now = self._clock.now()
            with self._lock:
                kept = self._known.get((origin, path))
            if kept is not None and timedelta(0) <= now - kept[0] < KEPT_FOR:
                return kept[1]
            answer = read(path)
            with self._lock:
                if len(self._known) >= MOST:
                    self._known.clear()
                self._known[origin, path] = now, answer
            return answer

        return remembered
