"""Wakes the sockets of this process when the journal has grown, whichever process wrote to it.

A bus may lose or repeat a wake-up without harm: sockets read what they show from the database.
"""

from typing import Protocol

from host.db.engine import Database
from host.events.journal_reader import Wake
from host.events.postgresql_bus import PostgresqlBus
from host.events.sqlite_bus import SqliteBus


class Bus(Protocol):
    """Follows the journal."""

    def start(self) -> None:
        """Start following, from now on."""
        ...

    def stop(self) -> None:
        """Stop, and wait for the end."""
        ...


def follow(database: Database, wake: Wake) -> Bus:
    """Return the bus that fits the database; it isn't started."""
    return SqliteBus(database, wake) if database.is_sqlite else PostgresqlBus(database, wake)
