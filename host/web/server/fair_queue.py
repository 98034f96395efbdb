"""Queues requests fairly: one customer can't occupy all threads, and consumers can't slow agents down.

A customer is a client address, with a suffix for requests that anybody may make.
"""

from collections import Counter, OrderedDict, deque
from typing import Generic, TypeVar

Connection = TypeVar("Connection")

MOST = 400
MOST_OF_ONE = 100
MOST_OF_CONSUMERS = 2
"""Running requests of one customer for consumers' pages: each takes processor time from agents."""
CONSUMERS = " consumers"
"""Suffix of the customer for consumers' pages."""
SIGN_INS = " sign-ins"
"""Suffix of the customer for sign-ins: few passwords are checked at once, and a wrong one delays its thread."""
MOST_OF_KIND = {CONSUMERS: 8, SIGN_INS: 40}
"""Running requests by suffix, of all customers together: they leave threads and processor time to agents."""
SHARED = 150
"""When so many requests run, each customer gets one at a time, so that there is room for other customers."""
MOST_QUEUED = 4000


class FairQueue(Generic[Connection]):
    """Running and waiting requests. For use by one thread."""

    def __init__(self) -> None:
        self._running: Counter[str] = Counter()
        self._of_kind: Counter[str] = Counter()
        self._total = 0
        self._queues: OrderedDict[str, deque[Connection]] = OrderedDict()
        self._queued = 0

    def can_start(self, customer: str) -> bool:
        """Tell whether a request of this customer may start now."""
        return customer not in self._queues and self._has_room(customer)

    def start(self, customer: str) -> None:
        """Count a request of the customer as running."""
        self._total += 1
        self._of_kind[_kind(customer)] += 1
        self._running[customer] += 1

    def enqueue(self, connection: Connection, customer: str) -> None:
        """Add a waiting request."""
        self._queues.setdefault(customer, deque()).append(connection)
        self._queued += 1

    def finish(self, customer: str) -> list[Connection]:
        """Count a request of the customer as finished; return the waiting requests that start now."""
        self._total -= 1
        self._of_kind[_kind(customer)] -= 1
        self._running[customer] -= 1
        if not self._running[customer]:
            del self._running[customer]
        return self._next()

    @property
    def is_full(self) -> bool:
        """Whether no more requests may wait."""
        return self._queued >= MOST_QUEUED

    def _next(self) -> list[Connection]:
        found = []
        for customer in list(self._queues):
            if self._total >= MOST:
                break
            queue = self._queues[customer]
            while queue and self._has_room(customer):
                found.append(queue.popleft())
                self._queued -= 1
                self.start(customer)
            if queue:
                self._queues.move_to_end(customer)
            else:
                del self._queues[customer]
        return found

    def _has_room(self, customer: str) -> bool:
        kind = _kind(customer)
        usual = MOST_OF_CONSUMERS if kind == CONSUMERS else MOST_OF_ONE
        most_of_one = usual if self._total < SHARED else 1
        has_kind_room = self._of_kind[kind] < MOST_OF_KIND.get(kind, MOST)
        return has_kind_room and self._total < MOST and self._running[customer] < most_of_one


def _kind(customer: str) -> str:
    """Return the suffix of the customer: a key of `MOST_OF_KIND`, or an empty text."""
    return next((kind for kind in MOST_OF_KIND if customer.endswith(kind)), "")
