"""Reads what the documents of many sessions need besides their rows, with a few queries for all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import Connection, func, select

from host.crm.auth import token_store as oauth_store
from host.crm.session_facts.context import RelatedFacts
from host.crm.session_facts.crm_identity import CrmIdentity
from host.crm.steps import results
from host.db.tables import end_users, messages, users
from host.queues import tree
from host.queues.tree import Queue
from host.sessions.model import CrmId, EndUser, Session
from host.users import directory
from host.users.directory import User


@dataclass(frozen=True)
class Talk:
    """The messages of a chat: number and times."""

    count: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True)
class Facts:
    """Users, end users, queues and messages of some sessions, by id."""

    consumers: dict[int, EndUser]
    agents: dict[int, User]
    queues: dict[int, Queue]
    talks: dict[int, Talk]
    """By session id; a session without messages has no entry."""
    accounts: dict[int, CrmId]
    """By end user id: the account in the CRM that the settings name."""
    base_url: str
    """As in `RelatedFacts`."""

    @classmethod
    def load(cls, connection: Connection, sessions: Sequence[Session], crm: CrmIdentity) -> Self:
        """Read all facts of these sessions."""
        people = {session.end_user_id for session in sessions}
        return cls(
            consumers=_consumers(connection, people),
            accounts=results.accounts_of(connection, people, crm),
            agents=_agents(connection, {session.agent_id for session in sessions if session.agent_id is not None}),
            queues={queue.id: queue for queue in tree.all(connection)},
            talks=_talks(connection, {session.id for session in sessions if session.channel == "chat"}),
            base_url=oauth_store.base_url(connection),
        )

    def related(self, session: Session) -> RelatedFacts:
        """Return the facts about one of the sessions from other tables."""
        return RelatedFacts(
            person=self.consumers[session.end_user_id],
            agent=self.agents.get(session.agent_id) if session.agent_id is not None else None,
            queue=self.queues.get(session.queue_id) if session.queue_id is not None else None,
            base_url=self.base_url,
        )


def _consumers(connection: Connection, ids: Collection[int]) -> dict[int, EndUser]:
    columns = [end_users.c[name] for name in EndUser.__dataclass_fields__]
    rows = connection.execute(select(*columns).where(end_users.c.id.in_(ids)))
    return {row["id"]: EndUser(**row) for row in rows.mappings()}


def _agents(connection: Connection, ids: Collection[int]) -> dict[int, User]:
    rows = connection.execute(select(*directory.COLUMNS).where(users.c.id.in_(ids)))
    return {row["id"]: directory.from_row(row) for row in rows.mappings()}


def _talks(connection: Connection, ids: Collection[int]) -> dict[int, Talk]:
    said = select(messages.c.session_id, func.count(), func.min(messages.c.at), func.max(messages.c.at))
    rows = connection.execute(said.where(messages.c.session_id.in_(ids)).group_by(messages.c.session_id))
    return {session_id: Talk(count, first_at, last_at) for session_id, count, first_at, last_at in rows}
