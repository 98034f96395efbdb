"""Builds the parts of the metadata document that name people, virtual agents and queues.

Source: docs/reference/files.md, Lists in the metadata.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from host.queues import tree
from host.queues.tree import Queue
from host.reports.session_metadata import handlers
from host.reports.session_metadata import model_parts as models
from host.sessions.history import History
from host.sessions.participants import Participant
from host.users.directory import User


@dataclass(frozen=True)
class People:
    """Agents and queues by id, for the parts that name them."""

    agents: Mapping[int, User]
    queues: Mapping[int, Queue]

    def agent(self, agent_id: int | None) -> models.AgentInfo | None:
        """Return the part about an agent."""
        user = self.agents.get(agent_id) if agent_id is not None else None
        return agent_info(user) if user else None

    def menu_path(self, queue_id: int | None) -> models.MenuPath | None:
        """Return the part about a queue."""
        queue = self.queues.get(queue_id) if queue_id is not None else None
        return menu_path(queue, self.queues) if queue else None

    def service_level(self, queue_id: int | None) -> timedelta | None:
        """Return within which time the queue's sessions are to be answered."""
        queue = self.queues.get(queue_id) if queue_id is not None else None
        return timedelta(seconds=queue.settings.service_level_s) if queue else None


def agent_info(user: User) -> models.AgentInfo:
    """Return the part about an agent."""
    return models.AgentInfo(
        id=user.id,
        name=user.name,
        first_name=user.first_name,
        last_name=user.last_name,
        email=user.email,
        agent_number=user.agent_number,
    )


def virtual_agent_info(each: Participant) -> models.VirtualAgentInfo:
    """Return the part about a virtual agent."""
    return models.VirtualAgentInfo(id=each.external_id, name=each.name)


def handler_info(agent: User | None, past: History) -> models.AgentInfo | models.VirtualAgentInfo | None:
    """Return the part about who handled a session last, a person or a virtual agent.

    Args:
        agent: The agent who has it, or had it last.
        past: Its history.
    """
    virtual = handlers.last_virtual_agent(past.participants)
    if virtual is not None:
        return virtual_agent_info(virtual)
    return agent_info(agent) if agent else None


def menu_path(queue: Queue, queues: Mapping[int, Queue]) -> models.MenuPath:
    """Return a queue's place in the tree."""
    ids, above = [queue.id], queue.parent_id
    while above is not None:
        ids.append(above)
        above = queues[above].parent_id
    return models.MenuPath(name=tree.path_text(queue), materialized_path="/".join(map(str, reversed(ids))))
