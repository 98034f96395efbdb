"""A small host for tests: a frozen clock, two agents, one queue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from host.crm.intents import intents
from host.db.engine import Database
from host.db.tables import journal
from host.events import tabs
from host.events.tabs import Tab
from host.files.session_files import SessionFile
from host.orchestration.session_actions import SessionActions
from host.queues import tree
from host.sessions.model import Session
from host.users import directory, status
from tests.clock import FrozenClock


def plan_start(connection: Connection, session_id: int, now: datetime) -> None:
    """Make the account and the record of a new session due."""
    for step in ("account", "record"):
        intents.plan(connection, session_id, step, now=now)


def file_url(file: SessionFile) -> str:
    """The address of a session's file."""
    return f"https://files.example/{file.name}"


@dataclass
class Outbox:
    """Notes what it is told."""

    told: list[tuple[str, int]] = field(default_factory=list)

    def on_created(self, connection: Connection, session: Session) -> None:
        self.told.append(("created", session.id))

    def on_offered(self, connection: Connection, session: Session) -> None:
        self.told.append(("offered", session.id))

    def on_connected(self, connection: Connection, session: Session, agent_id: int) -> None:
        self.told.append(("connected", session.id))

    def on_event(
        self,
        connection: Connection,
        session: Session,
        event: str,
        *,
        occurrence: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        self.told.append((occurrence or event, session.id))

    def on_ended(self, connection: Connection, session: Session) -> None:
        self.told.append(("ended", session.id))

    def start_now(self, session_id: int) -> None:
        self.told.append(("start_now", session_id))


class World:
    """Database, clock and the parts under test."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = FrozenClock()
        self.outbox = Outbox()
        self.actions = SessionActions.build(self.database, self.clock, self.outbox)
        self.chats, self.calls, self.offers = self.actions.chats, self.actions.calls, self.actions.offers
        with self.database.write() as connection:
            queue = tree.upsert(connection, ("Developers", "James"))
            self.james = directory.upsert(
                connection, "agent@example.com", name="James Bond", roles=["agent"], agent_number="007"
            ).id
            self.eve = directory.upsert(connection, "agent2@example.com", name="Eve Moneypenny", roles=["agent"]).id
            tree.set_agents(connection, queue.id, [self.james, self.eve])

    def route(self, connection: Connection, now: datetime) -> None:
        self.actions.route(connection, now)

    def arrive(self, agent_id: int, tab_id: str = "tab-one1", adapter: str = "chat") -> Tab:
        """An agent opens an adapter and becomes available."""
        tab = Tab(f"{agent_id}-{adapter}-{tab_id}", agent_id, adapter, tab_id)
        with self.database.write() as connection:
            tabs.open_tabs(connection, {tab: self.clock.now()}, "process", self.clock.now())
            status.set_status(connection, agent_id, "Available", self.clock.now())
            self.route(connection, self.clock.now())
        return tab

    def events(self, agent_id: int) -> list[str]:
        """The names of what the agent's adapters post."""
        mine = (journal.c.agent_id == agent_id) & journal.c.seq.is_not(None)
        with self.database.read() as connection:
            return list(connection.execute(select(journal.c.name).where(mine).order_by(journal.c.seq)).scalars())

    def status(self, agent_id: int) -> str:
        with self.database.read() as connection:
            user = directory.by_id(connection, agent_id)
        assert user is not None
        return user.status
