"""Circuit breaker and limit of concurrent requests for each origin, so that a failing or slow CRM blocks no other.

pybreaker holds its lock while the guarded call runs, which would allow one request at a time. This is the same state
machine for concurrent calls.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from host.crm.http.deadline import PendingRequest
from host.crm.http.ssrf_guard import Origin
from host.errors import CrmUnavailableError

FAIL_MAX = 5
RESET_S = 30.0
MAX_CONCURRENT = 20


class CircuitBreaker:
    """Opens after `FAIL_MAX` failures in a row; lets one call try again after `RESET_S`."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._failures = 0
        self._opened_at = 0.0
        self._is_trying = False

    def admit(self) -> bool:
        """Admit a call or refuse it; after `True` call `record_success`, `record_failure` or `release`."""
        with self._lock:
            if self._failures < FAIL_MAX:
                return True
            if self._is_trying or self._seconds() - self._opened_at < RESET_S:
                return False
            self._is_trying = True
            return True

    def record_success(self) -> None:
        """Close the breaker: the CRM answered."""
        with self._lock:
            self._failures = 0
            self._is_trying = False

    def record_failure(self) -> None:
        """Count a failure of the CRM; open the breaker after the last allowed one."""
        with self._lock:
            self._failures += 1
            self._is_trying = False
            if self._failures >= FAIL_MAX:
                self._opened_at = self._seconds()

    def release(self) -> None:
        """End a call whose result tells nothing about the CRM."""
        with self._lock:
            self._is_trying = False


class OriginLimiter:
    """The breaker and the request slots of one origin."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self.breaker = CircuitBreaker()
        self._slots = threading.BoundedSemaphore(MAX_CONCURRENT)

    @contextmanager
    def slot(self, pending: PendingRequest) -> Iterator[None]:
        """Hold a slot during a call.

        Raises:
            CrmUnavailableError: The breaker is open, or no slot became free in time. Nothing was sent.
        """
        if not self.breaker.admit():
            raise CrmUnavailableError(
                pending.endpoint,
                f"{self._origin.host} failed {FAIL_MAX} times in a row; it is left alone for a while",
                sent=False,
            )
        if not self._slots.acquire(timeout=pending.left_s):
            self.breaker.release()
            raise CrmUnavailableError(
                pending.endpoint, f"{MAX_CONCURRENT} requests to {self._origin.host} are waiting already", sent=False
            )
        try:
            yield
        finally:
            self._slots.release()
