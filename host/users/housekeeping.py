"""Deletes expired sign-ins, tickets and throttle windows."""

from datetime import datetime

from host.db.engine import Database
from host.users import sign_ins, throttle, tickets


def purge(database: Database, now: datetime) -> None:
    """Delete them; every few minutes is enough."""
    with database.write() as connection:
        sign_ins.purge(connection, now)
        tickets.purge(connection, now)
        throttle.purge(connection, now)
