"""Whose request is worked on next: one customer's can't take all threads, nor the processor from agents."""

from collections import Counter, OrderedDict, deque
from typing import Generic, TypeVar

Connection = TypeVar("Connection")

MOST = 400
MOST_OF_ONE = 100
MOST_OF_CONSUMERS = 2
"""Of one customer's requests for the consumers' pages: each takes the processor from agents beside it."""
CONSUMERS = " consumers"
"""What the customer's name ends with then."""
SIGN_INS = " sign-ins"
"""What it ends with for passwords to be checked: few are checked at once, and wrong ones wait with their thread."""
AT_ONCE = {CONSUMERS: 8, SIGN_INS: 40}
"""Of everybody's requests of a kind: what anybody may ask leaves threads and the processor to agents, from however many
addresses."""
SHARED = 150
"""When so many are worked on, each customer gets one at a time: there is always room for one who has none."""
MOST_QUEUED = 4000


class Turns(Generic[Connection]):
    """Requests at work and requests that wait for their turn. For one thread."""

    def __init__(self) -> None:
        self._at_work: Counter[str] = Counter()
        self._of_kind: Counter[str] = Counter()
        self._total = 0
        self._queues: OrderedDict[str, deque[Connection]] = OrderedDict()
        self._queued = 0

    def may(self, customer: str) -> bool:
        """Say whether a request of this customer's may be worked on now."""
        return customer not in self._queues and self._has_room(customer)

    def begin(self, customer: str) -> None:
        """Note that one of the customer's is worked on."""
        self._total += 1
        self._of_kind[_kind(customer)] += 1
        self._at_work[customer] += 1

    def queue(self, connection: Connection, customer: str) -> None:
        """Let a request wait for its turn."""
        self._queues.setdefault(customer, deque()).append(connection)
        self._queued += 1

    def done(self, customer: str) -> list[Connection]:
        """Note that one of the customer's is done; return those whose turn has come."""
        self._total -= 1
        self._of_kind[_kind(customer)] -= 1
        self._at_work[customer] -= 1
        if not self._at_work[customer]:
            del self._at_work[customer]
        return self._next()

    @property
    def is_full(self) -> bool:
        """Whether more can't even wait."""
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
                self.begin(customer)
            if queue:
                self._queues.move_to_end(customer)
            else:
                del self._queues[customer]
        return found

    def _has_room(self, customer: str) -> bool:
        kind = _kind(customer)
        usual = MOST_OF_CONSUMERS if kind == CONSUMERS else MOST_OF_ONE
        most_of_one = usual if self._total < SHARED else 1
        has_kind_room = self._of_kind[kind] < AT_ONCE.get(kind, MOST)
        return has_kind_room and self._total < MOST and self._at_work[customer] < most_of_one


def _kind(customer: str) -> str:
    """Return what the customer's name ends with: a key of `AT_ONCE`, or nothing."""
    return next((kind for kind in AT_ONCE if customer.endswith(kind)), "")
