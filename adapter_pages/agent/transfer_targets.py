"""Reads whom an agent can transfer a session to, or add to a call."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from host.db.tables import sessions
from host.queues import tree
from host.routing.free_agents import FreeAgents
from host.sessions import participants
from host.sessions.model import Session
from host.users import directory


@dataclass(frozen=True)
class AgentTarget:
    """An agent."""

    id: int
    name: str
    status: str
    is_free: bool
    """Whether they can take the session now."""


@dataclass(frozen=True)
class QueueTarget:
    """A queue."""

    id: int
    path: str
    waiting: int
    """Number of sessions of the same channel that wait in it."""


@dataclass(frozen=True)
class Targets:
    """Everybody and everything to choose from."""

    agents: tuple[AgentTarget, ...]
    queues: tuple[QueueTarget, ...]


def read(connection: Connection, session: Session, agent_id: int, now: datetime) -> Targets:
    """Read the targets of a session.

    Args:
        connection: Of the request.
        session: A call or chat of the agent.
        agent_id: Who asks; neither they nor others in the session are targets.
        now: For which adapters are open.
    """
    inside = {agent_id, *participants.present_agents(connection, session.id)}
    agents = [user for user in directory.all(connection, role="agent") if user.id not in inside]
    free = FreeAgents(connection, session.channel, [], now, [user.id for user in agents])
    waiting = _waiting(connection, session.channel)
    return Targets(
        agents=tuple(AgentTarget(user.id, user.name, user.status, free.has_room(user.id)) for user in agents),
        queues=tuple(
            QueueTarget(queue.id, tree.path_text(queue), waiting.get(queue.id, 0)) for queue in tree.leaves(connection)
        ),
    )


def _waiting(connection: Connection, channel: str) -> Mapping[int | None, int]:
    is_waiting = sessions.c.status.in_(("queued", "requeued")) & (sessions.c.channel == channel)
    query = select(sessions.c.queue_id, func.count().label("waiting")).where(is_waiting).group_by(sessions.c.queue_id)
    return {row.queue_id: row.waiting for row in connection.execute(query)}
