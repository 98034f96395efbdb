"""A database with a queue, an agent, and sessions of callers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from host.clock import FrozenClock
from host.crm import intents
from host.crm.intents import Intent
from host.db.engine import Database
from host.db.tables import intents as intents_table
from host.db.tables import known_accounts, queues, sessions
from host.sessions import repository

JAMES = {"name": "James Bond", "phone": "+12223334444", "email": "james.bond@agents.co"}


@dataclass
class World:
    """What a test of intents and flows stands in."""

    database: Database
    clock: FrozenClock = field(default_factory=FrozenClock)
    queue_id: int = field(init=False)

    def __post_init__(self) -> None:
        with self.database.write() as connection:
            row = queues.insert().values(name="Developers", settings={}).returning(queues.c.id)
            self.queue_id = connection.execute(row).scalar_one()

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def session(self, person: dict[str, Any] | None = None, *, starts: bool = True) -> int:
        with self.database.write() as connection:
            known = JAMES if person is None else person
            user = repository.find_or_add_end_user(connection, self.now, **known)
            session = repository.insert(
                connection,
                now=self.now,
                channel="chat",
                type="messaging_web",
                status="queued",
                queue_id=self.queue_id,
                end_user_id=user.id,
            )
            if starts:
                intents.plan_start(connection, session.id, now=self.now)
            return session.id

    def intent(self, session_id: int, step: str = "account") -> Intent:
        with self.database.read() as connection:
            found = intents.by_step(connection, session_id, step)
        assert found
        return found

    def row(self, session_id: int) -> Any:
        with self.database.read() as connection:
            return connection.execute(select(sessions).where(sessions.c.id == session_id)).one()

    def known_accounts(self) -> list[Any]:
        """What is remembered, of all end users and CRMs."""
        with self.database.read() as connection:
            return list(connection.execute(select(known_accounts.c.account_id)).scalars())

    def change_intent(self, connection: Connection, intent_id: int, **values: Any) -> None:
        connection.execute(update(intents_table).where(intents_table.c.id == intent_id).values(**values))
