"""WebSockets that come up for nothing: each costs a thread, or a greenlet, and two looks into the database.

A handshake takes one of its customer's tokens, and gives it back once the page has shown a valid ticket. So hundreds
of agents behind one address may come back together; who never shows a ticket soon has no token left, and is refused
before the application is asked.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

MOST_OF_ONE = 60
"""Tokens of one customer: handshakes that are going on, or led to nothing."""
PER_S = 2.0
"""Tokens that come back with time."""
MOST_CUSTOMERS = 10_000
"""Whoever has come longest ago is forgotten first, and begins anew."""


class _Left(NamedTuple):
    tokens: float
    at: float
    """Seconds."""


class HandshakeBudget:
    """Tokens by customer, as `host.client_address.customer_of` names them; for any thread.

    Args:
        seconds: A clock that only goes forward.
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._left: OrderedDict[str, _Left] = OrderedDict()

    def take(self, customer: str) -> bool:
        """Take a token; say whether there was one."""
        with self._lock:
            tokens = self._tokens(customer)
            if tokens >= 1:
                self._keep(customer, tokens - 1)
            return tokens >= 1

    def give_back(self, customer: str) -> None:
        """Give the token of a handshake back that has led to something."""
        with self._lock:
            if customer in self._left:
                self._keep(customer, self._tokens(customer) + 1)

    def _tokens(self, customer: str) -> float:
        left = self._left.get(customer)
        if left is None:
            return MOST_OF_ONE
        return min(MOST_OF_ONE, left.tokens + (self._seconds() - left.at) * PER_S)

    def _keep(self, customer: str, tokens: float) -> None:
        if tokens >= MOST_OF_ONE:
            self._left.pop(customer, None)
            return
        self._left[customer] = _Left(tokens, self._seconds())
        self._left.move_to_end(customer)
        if len(self._left) > MOST_CUSTOMERS:
            self._left.popitem(last=False)


handshake_budget = HandshakeBudget()
"""Of this process."""
