"""Loads the key that signs the session cookie; it is stored encrypted in the database, for all processes."""

import secrets as random

from sqlalchemy import select

from host.clock import Clock
from host.db.engine import Database
from host.db.tables import settings
from host.db.upsert import insert
from host.settings.secrets import Secrets

SECTION = "session_key"


def load(database: Database, secrets: Secrets, clock: Clock) -> str:
    """Return the key; create it if there is none."""
    with database.write() as connection:
        fresh = insert(connection, settings).values(
            section=SECTION, value=secrets.encrypt(random.token_urlsafe(32)), updated_at=clock.now()
        )
        connection.execute(fresh.on_conflict_do_nothing(index_elements=["section"]))
        stored = connection.execute(select(settings.c.value).where(settings.c.section == SECTION)).scalar_one()
    return secrets.decrypt(stored)
