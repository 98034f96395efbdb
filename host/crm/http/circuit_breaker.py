"""One origin's fuse and lanes: a CRM that fails again and again, or is slow, holds nobody else up.

pybreaker holds its lock for as long as the guarded call runs, which would let one request at a time
through to a CRM; this is the same state machine around calls that run side by side.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from host.crm.http.address_guard import Origin
from host.crm.http.deadline import Call
from host.errors import CrmUnavailableError

FAIL_MAX = 5
RESET_S = 30.0
LANES = 20


class Breaker:
    """Opens after `FAIL_MAX` failures in a row; after `RESET_S` lets one caller try."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._failures = 0
        self._opened_at = 0.0
        self._is_tried = False

    def lets_through(self) -> bool:
        """Say whether a call may be made now; a `True` has to be followed by `succeeded`, `failed` or `gave_up`."""
        with self._lock:
            if self._failures < FAIL_MAX:
                return True
            if self._is_tried or self._seconds() - self._opened_at < RESET_S:
                return False
            self._is_tried = True
            return True

    def succeeded(self) -> None:
        """Close it: the CRM answered."""
        with self._lock:
            self._failures = 0
            self._is_tried = False

    def failed(self) -> None:
        """Count a failure of the CRM."""
        with self._lock:
            self._failures += 1
            self._is_tried = False
            if self._failures >= FAIL_MAX:
                self._opened_at = self._seconds()

    def gave_up(self) -> None:
        """End a call that says nothing about the CRM."""
        with self._lock:
            self._is_tried = False


class Gate:
    """The breaker and the lanes of one origin."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self.breaker = Breaker()
        self._lanes = threading.BoundedSemaphore(LANES)

    @contextmanager
    def passing(self, call: Call) -> Iterator[None]:
        """Hold a lane while calling.

        Raises:
            CrmUnavailableError: The breaker is open, or no lane came free in time. Nothing was sent.
        """
        if not self.breaker.lets_through():
            raise CrmUnavailableError(
                call.endpoint,
                f"{self._origin.host} failed {FAIL_MAX} times in a row; it is left alone for a while",
                sent=False,
            )
        if not self._lanes.acquire(timeout=call.left_s):
            self.breaker.gave_up()
            raise CrmUnavailableError(
                call.endpoint, f"{LANES} requests to {self._origin.host} are waiting already", sent=False
            )
        try:
            yield
        finally:
            self._lanes.release()
