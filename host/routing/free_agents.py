"""Agents who can be offered a chat now: available, with an adapter open, below their limit of chats.

They are read once for a round of offers, however many chats wait.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from host.db.tables import queue_agents, sessions, tabs, users
from host.events.tabs import ALIVE_FOR
from host.users import status


class FreeAgents:
    """The free agents of some queues, the longest idle first.

    Args:
        connection: Of the round's transaction.
        queue_ids: The queues of the waiting chats; None stands for a chat without a queue, which any agent may get.
        now: For which adapters are open.
        named: Agents for whom chats were started, whatever their queues.
    """

    def __init__(
        self, connection: Connection, queue_ids: Collection[int | None], now: datetime, named: Collection[int] = ()
    ) -> None:
        columns = (users.c.id, users.c.max_chats, users.c.status, _load().label("load"))
        is_there = users.c.is_active & users.c.status.in_(status.AT_WORK) & _has_adapter(now)
        is_meant = _works_in(queue_ids) | users.c.id.in_(named)
        found = connection.execute(
            select(*columns).where(is_there & is_meant).order_by(users.c.idle_since, users.c.id)
        ).all()
        self._at_work = {row.id for row in found}
        waiting = [row for row in found if row.status in status.WAITING]
        self._room = {row.id: row.max_chats - row.load for row in waiting if row.load < row.max_chats}
        self._members = _members(connection, queue_ids)

    @property
    def are_left(self) -> bool:
        """Whether any agent has room."""
        return bool(self._room)

    def first(self, queue_id: int | None, but: Collection[int]) -> int | None:
        """Return the agent of the queue who is offered a chat first, except those in `but`; None when there is none."""
        there = (id for id in self._room if queue_id is None or (queue_id, id) in self._members)
        return next((id for id in there if id not in but), None)

    def is_at_work(self, agent_id: int) -> bool:
        """Tell whether an agent has an adapter open and no break, so that they will have room again."""
        return agent_id in self._at_work

    def has_room(self, agent_id: int) -> bool:
        """Tell whether an agent can be offered a chat now."""
        return agent_id in self._room

    def take(self, agent_id: int) -> None:
        """Count one more chat of the agent."""
        self._room[agent_id] -= 1
        if self._room[agent_id] < 1:
            del self._room[agent_id]


def _load() -> ColumnElement[int]:
    """Count the chats that an agent has or is offered; dismissed ones don't count."""
    has = and_(sessions.c.agent_id == users.c.id, sessions.c.status == "ongoing")
    asked = and_(sessions.c.offered_to == users.c.id, sessions.c.status == "assigned")
    return select(func.count()).select_from(sessions).where(or_(has, asked)).correlate(users).scalar_subquery()


def _has_adapter(now: datetime) -> ColumnElement[bool]:
    mine = and_(tabs.c.agent_id == users.c.id, tabs.c.adapter == "chat", tabs.c.alive_at >= now - ALIVE_FOR)
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
