"""Connections whose next request isn't whole yet: they cost next to nothing, as long as there aren't too many."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Generic, TypeVar

Connection = TypeVar("Connection")

MOST_OF_ONE = 500
"""Of one customer: several hundred browsers behind one address, which open some connections in advance."""
MOST = 8000


class Waiting(Generic[Connection]):
    """Who waits, the longest first; who is one too many takes the place of whoever waits longest."""

    def __init__(self, most_of_one: int = MOST_OF_ONE, most: int = MOST) -> None:
        self._most_of_one = most_of_one
        self._most = most
        self._customers: dict[Connection, str | None] = {}
        self._of_one: dict[str, dict[Connection, None]] = defaultdict(dict)

    def add(self, connection: Connection, customer: str | None) -> Connection | None:
        """Let a connection wait; return another one that has to go for it.

        Args:
            customer: `host.client_address.customer_of` its address; None: a proxy, which brings many customers.
        """
        self._customers[connection] = customer
        if customer is None:
            return self.longest() if len(self) > self._most else None
        mine = self._of_one[customer]
        mine[connection] = None
        if len(mine) > self._most_of_one:
            return next(iter(mine))
        return self.longest() if len(self) > self._most else None

    def remove(self, connection: Connection) -> None:
        """Let it wait no more; nothing happens if it doesn't."""
        customer = self._customers.pop(connection, None)
        if customer is None:
            return
        mine = self._of_one[customer]
        mine.pop(connection, None)
        if not mine:
            del self._of_one[customer]

    def longest(self) -> Connection:
        """Return the one that waits longest."""
        return next(iter(self._customers))

    def __len__(self) -> int:
        return len(self._customers)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._customers))

    def __contains__(self, connection: Connection) -> bool:
        return connection in self._customers
