"""Reads who waits in an agent's queues.

Source: docs/reference/sessions.md, Queues and routing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, func, select

from host.db.tables import queue_agents, sessions
from host.queues import tree

CHANNELS = ("chat", "call")
WAITING = ("queued", "requeued", "assigned")
"""Statuses of sessions that nobody has answered."""


@dataclass(frozen=True)
class Line:
    """The sessions of one channel that wait in a queue."""

    waiting: int = 0
    since: datetime | None = None
    """Since when the first one waits."""


@dataclass(frozen=True)
class QueueRow:
    """One queue."""

    path: str
    chats: Line
    calls: Line


def read(connection: Connection, agent_id: int) -> tuple[QueueRow, ...]:
    """Return the agent's queues, by path."""
    mine: set[int] = {row.queue_id for row in connection.execute(_queues_of(agent_id))}
    lines = _lines(connection, sessions.c.queue_id.in_(mine))
    rows = [
        QueueRow(tree.path_text(queue), *(lines.get((queue.id, channel), Line()) for channel in CHANNELS))
        for queue in tree.all(connection)
        if queue.id in mine
    ]
    return tuple(sorted(rows, key=lambda row: row.path))


def waiting(connection: Connection, agent_id: int, channel: str) -> int:
    """Count the calls or chats that wait in the agent's queues."""
    lines = _lines(connection, sessions.c.queue_id.in_(_queues_of(agent_id)))
    return sum(line.waiting for (_, each), line in lines.items() if each == channel)


def _queues_of(agent_id: int) -> Select[tuple[int]]:
    return select(queue_agents.c.queue_id).where(queue_agents.c.user_id == agent_id)


def _lines(connection: Connection, condition: ColumnElement[bool]) -> Mapping[tuple[int, str], Line]:
    since = func.min(func.coalesce(sessions.c.queued_at, sessions.c.created_at))
    query = select(sessions.c.queue_id, sessions.c.channel, func.count().label("waiting"), since.label("since"))
    of_queue = query.where(sessions.c.status.in_(WAITING) & condition)
    rows = connection.execute(of_queue.group_by(sessions.c.queue_id, sessions.c.channel))
    return {(row.queue_id, row.channel): Line(row.waiting, row.since) for row in rows}
