"""Virtual agents that join a session: a participant, an event to the agents in it, and an id that events carry along.

Source: docs/reference/events.md, Types.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection

from host.clock import Clock
from host.db.engine import Database, retry_on_deadlock
from host.errors import TransitionError
from host.events import journal
from host.queues import tree
from host.sessions import access, announce, participants, payloads, repository
from host.sessions.model import CrmId, Session
from host.sessions.participants import Participant
from host.wire.session_types import BY_KEY


@dataclass(frozen=True)
class VirtualAgent:
    """A virtual agent, as a gateway names it."""

    id: CrmId
    name: str
    type: Literal["virtual_agent", "task_virtual_agent"] = "task_virtual_agent"
    conversation_id: str | None = None
    session_id: str | None = None
    """Of the virtual agent's own system, not of ours."""
    data_parameters: Mapping[str, Any] | None = None


class VirtualAgents:
    """Lets virtual agents join sessions."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @retry_on_deadlock
    def join(self, session_id: int, channel: str, joining: VirtualAgent) -> None:
        """Let a virtual agent join; one that is in the session already changes nothing.

        Raises:
            NotFoundError: There is no such call or chat.
            TransitionError: The session has ended.
        """
        with self._database.write() as connection:
            session = access.of_channel(connection, session_id, channel)
            if session.has_ended:
                raise TransitionError("add a virtual agent to", session.status, [])
            if any(_is_same(each, joining) for each in participants.of_session(connection, session_id)):
                return
            now = self._clock.now()
            session = repository.set_details(connection, session, {"virtual_agent_id": joining.id}, now)
            joined = participants.add(
                connection, session_id, joining.type, now=now, name=joining.name, external_id=str(joining.id)
            )
            facts = {"participant_id": joined.id}
            journal.append(
                connection, "party_added", now=now, session_id=session_id, agent_id=session.agent_id, data=facts
            )
            if joining.type == "task_virtual_agent":
                data = _event(connection, session, joining, joined, now)
                announce.post_virtual_agent(connection, session, data, now)


def _event(
    connection: Connection, session: Session, joining: VirtualAgent, joined: Participant, now: datetime
) -> Mapping[str, Any]:
    queue = tree.by_id(connection, session.queue_id) if session.queue_id is not None else None
    return {
        session.crm_id_key: session.id,
        "session_type": BY_KEY[session.type].name,
        **payloads.passed_along(session, "Task_VA_Joined"),
        "virtual_agent_id": joining.id,
        "virtual_agent_name": joining.name,
        "participant_id": joined.id,
        "queue_id": queue.id if queue else None,
        "queue_path": tree.path_text(queue) if queue else None,
        "queue_language_id": session.lang,
        "conversation_id": joining.conversation_id,
        "session_id": joining.session_id,
        "timestamp": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "data_parameters": dict(joining.data_parameters) if joining.data_parameters is not None else None,
    }


def _is_same(participant: Participant, joining: VirtualAgent) -> bool:
    is_open = participant.status in participants.OPEN
    return is_open and (participant.type, participant.external_id) == (joining.type, str(joining.id))
