"""Agents who can be offered a session of a channel now: at work, with its adapter open, and with room.

An agent has room for one call, and for some chats beside it. While they wrap up a call, nothing is offered to them.

They are read once for a round of offers, however many sessions wait.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, and_, exists, func, join, literal, not_, select

from host.db.tables import participants, queue_agents, sessions, tabs, users, wrap_ups
from host.events.tabs import ALIVE_FOR
from host.sessions.participants import OPEN
from host.users import status


class FreeAgents:
    """The free agents of some queues, the longest idle first.

    Args:
        connection: Of the round's transaction.
        channel: `call` or `chat`.
        queue_ids: The queues of the waiting sessions; None stands for one without a queue, which any agent may get.
        now: For which adapters are open.
        named: Further agents, whatever their queues.
    """

    def __init__(
        self,
        connection: Connection,
        channel: str,
        queue_ids: Collection[int | None],
        now: datetime,
        named: Collection[int] = (),
    ) -> None:
        most = literal(1) if channel == "call" else users.c.max_chats
        columns = (
            users.c.id,
            most.label("most"),
            _load(channel).label("load"),
            _is_after_call().label("is_after_call"),
        )
        is_there = users.c.is_active & users.c.status.in_(status.AT_WORK) & _has_adapter(channel, now)
        is_meant = _works_in(queue_ids) | users.c.id.in_(named)
        found = connection.execute(
            select(*columns).where(is_there & is_meant).order_by(users.c.idle_since, users.c.id)
        ).all()
        self._at_work = {row.id for row in found}
        self._room = {row.id: row.most - row.load for row in found if row.load < row.most and not row.is_after_call}
        self._members = _members(connection, queue_ids)

    @property
    def are_left(self) -> bool:
        """Whether any agent has room."""
        return bool(self._room)

    @property
    def are_at_work(self) -> bool:
        """Whether any agent is at work, with room or without."""
        return bool(self._at_work)

    def first(self, queue_id: int | None, but: Collection[int]) -> int | None:
        """Return the agent of the queue who is offered a session first, except those in `but`; or None."""
        there = (id for id in self._room if queue_id is None or (queue_id, id) in self._members)
        return next((id for id in there if id not in but), None)

    def is_at_work(self, agent_id: int) -> bool:
        """Tell whether an agent has an adapter open and no break, so that they will have room again."""
        return agent_id in self._at_work

    def has_room(self, agent_id: int) -> bool:
        """Tell whether an agent can be offered a session now."""
        return agent_id in self._room

    def take(self, agent_id: int) -> None:
        """Count one more session of the agent."""
        self._room[agent_id] -= 1
        if self._room[agent_id] < 1:
            del self._room[agent_id]


def _load(channel: str) -> ColumnElement[int]:
    """Count the sessions that an agent has, is offered or is invited to; dismissed chats don't count."""
    of_channel = (participants.c.session_id == sessions.c.id) & (sessions.c.channel == channel)
    dismissed = sessions.c.status == "dismissed"
    has = and_(participants.c.user_id == users.c.id, participants.c.status.in_(OPEN), of_channel, not_(dismissed))
    asked = and_(sessions.c.offered_to == users.c.id, sessions.c.status == "assigned", sessions.c.channel == channel)
    return _count(participants, has) + _count(sessions, asked)


def _count(table: Table, condition: ColumnElement[bool]) -> ColumnElement[int]:
    source = table if table is sessions else join(table, sessions, table.c.session_id == sessions.c.id)
    return select(func.count()).select_from(source).where(condition).correlate(users).scalar_subquery()


def _is_after_call() -> ColumnElement[bool]:
    """Tell whether the agent wraps up a call."""
    mine = and_(wrap_ups.c.agent_id == users.c.id, wrap_ups.c.finished_at.is_(None))
    of_call = exists().where(mine, wrap_ups.c.session_id == sessions.c.id, sessions.c.channel == "call")
    return of_call.correlate(users)


def _has_adapter(channel: str, now: datetime) -> ColumnElement[bool]:
    mine = and_(tabs.c.agent_id == users.c.id, tabs.c.adapter == channel, tabs.c.alive_at >= now - ALIVE_FOR)
    return exists(select(tabs.c.agent_id).where(mine))


def _works_in(queue_ids: Collection[int | None]) -> ColumnElement[bool]:
    if None in queue_ids:
        return users.c.id.is_not(None)
    mine = and_(queue_agents.c.user_id == users.c.id, queue_agents.c.queue_id.in_(queue_ids))
    return exists(select(queue_agents.c.queue_id).where(mine))


def _members(connection: Connection, queue_ids: Collection[int | None]) -> set[tuple[int, int]]:
    pairs = select(queue_agents.c.queue_id, queue_agents.c.user_id)
    rows = connection.execute(pairs.where(queue_agents.c.queue_id.in_([id for id in queue_ids if id is not None])))
    return {(row.queue_id, row.user_id) for row in rows}
