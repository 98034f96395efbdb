"""Limits the connections that wait for their next request, in all and for each customer."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Generic, TypeVar

Connection = TypeVar("Connection")

MOST_OF_ONE = 500
"""Of one customer: several hundred browsers behind one address, which open connections in advance."""
MOST = 8000


class Waiting(Generic[Connection]):
    """Waiting connections, the longest waiting first; one too many replaces the one that waits longest."""

    def __init__(self, most_of_one: int = MOST_OF_ONE, most: int = MOST) -> None:
        self._most_of_one = most_of_one
        self._most = most
        self._customers: dict[Connection, str | None] = {}
        self._of_one: dict[str, dict[Connection, None]] = defaultdict(dict)

    def add(self, connection: Connection, customer: str | None) -> Connection | None:
        """Add a connection; return another one that has to be closed for it, or None.

        Args:
            customer: `host.client_address.customer_of` its address; None for a proxy, which serves many customers.
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
        """Remove a connection, if it is there."""
        customer = self._customers.pop(connection, None)
        if customer is None:
            return
        mine = self._of_one[customer]
        mine.pop(connection, None)
        if not mine:
            del self._of_one[customer]

    def longest(self) -> Connection:
        """Return the connection that waits longest."""
        return next(iter(self._customers))

    def __len__(self) -> int:
        return len(self._customers)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._customers))

    def __contains__(self, connection: Connection) -> bool:
        return connection in self._customers
