"""The bus wakes the sockets of this process when any process has written to the journal.

A lost or repeated wake-up does no harm: sockets read the database.
"""

from typing import Protocol

from host.db.engine import Database
from host.events.journal_reader import Wake
from host.events.postgresql_bus import PostgresqlBus
from host.events.sqlite_bus import SqliteBus


class Bus(Protocol):
    """Follows the journal."""

    def start(self) -> None:
        """Start following the journal, from its end."""
        ...

    def stop(self) -> None:
        """Stop, and wait for the threads."""
        ...


def follow(database: Database, wake: Wake) -> Bus:
    """Return the bus for this kind of database, not started."""
    return SqliteBus(database, wake) if database.is_sqlite else PostgresqlBus(database, wake)
