"""Delete what has run out: sign-ins, tickets, throttle windows."""

from datetime import datetime

from host.db.engine import Database
from host.users import sign_ins, throttle, tickets


def purge(database: Database, now: datetime) -> None:
    """Delete it; once every few minutes is plenty."""
    with database.write() as connection:
        sign_ins.purge(connection, now)
        tickets.purge(connection, now)
        throttle.purge(connection, now)
