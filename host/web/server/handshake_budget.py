"""Limits WebSocket handshakes without a valid ticket; each costs a thread or greenlet, and two queries.

A handshake takes a token of its customer (a client address), and returns it once the page has sent a valid ticket. So
hundreds of agents behind one address can reconnect together, while a client that never sends a valid ticket is soon
refused before the application is called.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

MOST_OF_ONE = 60
"""Tokens of one customer."""
PER_S = 2.0
"""Tokens that a customer gets back each second."""
MOST_CUSTOMERS = 10_000
"""Above that, the customer with the oldest handshake is forgotten, and has all tokens again."""


class _Left(NamedTuple):
    tokens: float
    at: float
    """Monotonic time in seconds."""


class HandshakeBudget:
    """Tokens by customer (`host.client_address.customer_of`). Thread-safe.

    Args:
        seconds: A monotonic clock.
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._left: OrderedDict[str, _Left] = OrderedDict()

    def take(self, customer: str) -> bool:
        """Take a token; return whether there was one."""
        with self._lock:
            tokens = self._tokens(customer)
            if tokens >= 1:
                self._keep(customer, tokens - 1)
            return tokens >= 1

    def give_back(self, customer: str) -> None:
        """Return the token of a handshake with a valid ticket."""
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
"""The budget of this process."""
