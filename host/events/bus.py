"""The bus wakes the sockets of this process when any process has written to the journal.

A lost or repeated wake-up does no harm: sockets read the database.
"""

from collections.abc import Callable
from typing import Protocol

from host.db.engine import Database
from host.events.journal_reader import Wake
from host.events.postgresql_bus import PostgresqlBus
from host.events.signals import Signal
from host.events.sqlite_bus import SqliteBus


class Bus(Protocol):
    """Follows the journal, and carries signals."""

    def start(self) -> None:
        """Start following the journal, from its end."""
        ...

    def stop(self) -> None:
        """Stop, and wait for the threads."""
        ...

    def signal(self, signal: Signal) -> None:
        """Hand a signal to all web processes; returns at once."""
        ...


def follow(database: Database, wake: Wake, hear: Callable[[Signal], None] = lambda _signal: None) -> Bus:
    """Return the bus for this kind of database, not started.

    Args:
        database: Holds the journal.
        wake: Is called with the agents and sessions that new rows are about.
        hear: Is called with each signal.
    """
    return SqliteBus(database, wake, hear) if database.is_sqlite else PostgresqlBus(database, wake, hear)
