"""A database with a queue, an agent, and sessions of callers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from host.crm.agent_view import choices
from host.crm.intents import intents
from host.crm.intents.intents import Intent
from host.db.engine import Database
from host.db.tables import intents as intents_table
from host.db.tables import known_accounts, queues, sessions
from host.sessions import repository
from host.sessions.model import CrmId
from tests.clock import FrozenClock
from tests.host.world import plan_start

JAMES = {"name": "James Bond", "phone": "+12223334444", "email": "james.bond@agents.co"}


@dataclass
class World:
    """The environment of tests of intents and flows."""

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
                plan_start(connection, session.id, self.now)
            return session.id

    def intent(self, session_id: int, step: str = "account") -> Intent:
        with self.database.read() as connection:
            found = intents.by_step(connection, session_id, step)
        assert found
        return found

    def look_up_again(self, session_id: int, step: str, *, send_again: bool = False) -> bool:
        """Make a waiting, failed or later step due; tell whether there was one."""
        with self.database.write() as connection:
            intent = intents.by_step(connection, session_id, step)
            return intent is not None and intents.resume(connection, intent, self.now, send_again=send_again)

    def it_exists(self, session_id: int, step: str, crm_id: CrmId) -> None:
        """Take a person's word for it: the step's outcome is this account or record."""
        with self.database.write() as connection:
            intent = choices.find(connection, session_id, step)
            choices.it_exists(connection, intent, crm_id, self.now, lambda connection, session_id: None)

    def row(self, session_id: int) -> Any:
        with self.database.read() as connection:
            return connection.execute(select(sessions).where(sessions.c.id == session_id)).one()

    def known_accounts(self) -> list[Any]:
        """Return the remembered accounts of all end users and CRMs."""
        with self.database.read() as connection:
            return list(connection.execute(select(known_accounts.c.account_id)).scalars())

    def change_intent(self, connection: Connection, intent_id: int, **values: Any) -> None:
        connection.execute(update(intents_table).where(intents_table.c.id == intent_id).values(**values))
