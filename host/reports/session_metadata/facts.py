"""Reads what the documents of many sessions need besides their rows, with a few queries for all."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import Connection, func, select

from host.crm.auth import token_store as oauth_store
from host.crm.intents import intents
from host.crm.session_facts.context import RelatedFacts
from host.crm.session_facts.crm_identity import CrmIdentity
from host.crm.steps import results
from host.db.tables import end_users, messages, users
from host.files import session_files
from host.files.session_files import SessionFile
from host.queues import tree
from host.queues.tree import Queue
from host.reports.session_metadata.people import People
from host.sessions import history, ratings, receipts
from host.sessions.history import History
from host.sessions.model import CrmId, EndUser, Session
from host.sessions.ratings import Rating
from host.users import directory
from host.users.directory import User


@dataclass(frozen=True)
class Talk:
    """The messages of a chat: number and times."""

    count: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    responses: Sequence[timedelta] = ()
    """How long the consumer waited for each answer."""

    @property
    def average_response(self) -> timedelta | None:
        """The average time of an answer."""
        return sum(self.responses, timedelta(0)) / len(self.responses) if self.responses else None

    @property
    def longest_response(self) -> timedelta | None:
        """The longest time of an answer."""
        return max(self.responses, default=None)


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
    histories: Mapping[int, History]
    """By session id."""
    reconnects: dict[int, int]
    """By session id: how often the consumer's page came back; a session without such a page has no entry."""
    crm_errors: dict[int, int]
    """By session id: how often a step in the CRM has failed."""
    files: Mapping[int, Sequence[SessionFile]]
    """By session id, oldest first."""
    ratings: dict[int, Rating]
    """By session id; a session without a rating has no entry."""

    @classmethod
    def load(cls, connection: Connection, sessions: Sequence[Session], crm: CrmIdentity) -> Self:
        """Read all facts of these sessions."""
        people, ids = {session.end_user_id for session in sessions}, {session.id for session in sessions}
        histories = history.of_sessions(connection, ids)
        return cls(
            consumers=_consumers(connection, people),
            accounts=results.accounts_of(connection, people, crm),
            agents=_agents(connection, set(_agent_ids(sessions, histories.values()))),
            queues={queue.id: queue for queue in tree.all(connection)},
            talks=_talks(connection, [session for session in sessions if session.channel == "chat"]),
            base_url=oauth_store.base_url(connection),
            histories=histories,
            reconnects=receipts.returns(connection, ids),
            crm_errors=intents.failures(connection, ids),
            files=_files(connection, ids),
            ratings=ratings.of_sessions(connection, ids),
        )

    @property
    def people(self) -> People:
        """Agents and queues, for the parts that name them."""
        return People(self.agents, self.queues)

    def related(self, session: Session) -> RelatedFacts:
        """Return the facts about one of the sessions from other tables."""
        return RelatedFacts(
            person=self.consumers[session.end_user_id],
            agent=self.agents.get(session.agent_id) if session.agent_id is not None else None,
            queue=self.queues.get(session.queue_id) if session.queue_id is not None else None,
            base_url=self.base_url,
            rating=self.ratings.get(session.id, ratings.NOTHING),
        )


def _files(connection: Connection, ids: Collection[int]) -> Mapping[int, Sequence[SessionFile]]:
    found: defaultdict[int, list[SessionFile]] = defaultdict(list)
    for file in session_files.of_sessions(connection, ids):
        found[file.session_id].append(file)
    return found


def _consumers(connection: Connection, ids: Collection[int]) -> dict[int, EndUser]:
    columns = [end_users.c[name] for name in EndUser.__dataclass_fields__]
    rows = connection.execute(select(*columns).where(end_users.c.id.in_(ids)))
    return {row["id"]: EndUser(**row) for row in rows.mappings()}


def _agents(connection: Connection, ids: Collection[int]) -> dict[int, User]:
    rows = connection.execute(select(*directory.COLUMNS).where(users.c.id.in_(ids)))
    return {row["id"]: directory.from_row(row) for row in rows.mappings()}


def _agent_ids(sessions: Sequence[Session], histories: Iterable[History]) -> Iterator[int]:
    """Yield the agents of sessions and transfers."""
    for session in sessions:
        if session.agent_id is not None:
            yield session.agent_id
    for each in histories:
        for transfer in each.transfers:
            yield from (id for id in (transfer.from_agent_id, transfer.to_agent_id) if id is not None)


def _talks(connection: Connection, chats: Sequence[Session]) -> dict[int, Talk]:
    ids = [chat.id for chat in chats]
    said = select(messages.c.session_id, func.count(), func.min(messages.c.at), func.max(messages.c.at))
    rows = connection.execute(said.where(messages.c.session_id.in_(ids)).group_by(messages.c.session_id))
    responses = _responses(connection, chats)
    return {
        session_id: Talk(count, first_at, last_at, responses[session_id])
        for session_id, count, first_at, last_at in rows
    }


def _responses(connection: Connection, chats: Sequence[Session]) -> Mapping[int, Sequence[timedelta]]:
    """Return how long each chat's consumer waited for each answer, since an agent had taken the chat.

    The wait begins with the first message that is not answered yet. Only the first message of each turn is read.
    """
    before = func.lag(messages.c.sender).over(partition_by=messages.c.session_id, order_by=messages.c.id)
    by_people = messages.c.session_id.in_([chat.id for chat in chats]) & messages.c.sender.in_(("end_user", "agent"))
    every = select(messages.c.session_id, messages.c.id, messages.c.sender, messages.c.at, before.label("before"))
    turns = every.where(by_people).subquery()
    is_first = turns.c.before.is_(None) | (turns.c.before != turns.c.sender)
    taken = {chat.id: chat.connected_at for chat in chats}
    asked: dict[int, datetime] = {}
    found: defaultdict[int, list[timedelta]] = defaultdict(list)
    for row in connection.execute(select(turns).where(is_first).order_by(turns.c.id)):
        if row.sender == "end_user":
            asked[row.session_id] = row.at
        elif row.session_id in asked:
            at = asked.pop(row.session_id)
            found[row.session_id].append(row.at - max(at, taken[row.session_id] or at))
    return found
