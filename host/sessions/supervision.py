"""What supervisors do with sessions: join one, leave it, and give one that is stuck to another agent or queue.

Source: docs/reference/sessions.md, Supervisors.
"""

from datetime import datetime

from sqlalchemy import Connection

from host.clock import Clock
from host.db.engine import Database, advisory_lock, retry_on_deadlock
from host.errors import FieldsError, TransitionError
from host.events import journal
from host.queues import tree
from host.sessions import announce, leaving, offers, participants, repository
from host.sessions.model import Session
from host.sessions.outbox import ROUTING, Outbox, Route
from host.sessions.transfers import IN_PROGRESS, Target
from host.users import directory

WITH_AN_AGENT = ("connecting", *IN_PROGRESS["call"], *IN_PROGRESS["chat"])
WAITING = ("queued", "requeued", "assigned")


class Supervision:
    """The actions of supervisors."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox, route: Route) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox
        self._route = route

    @retry_on_deadlock
    def join(self, session_id: int, supervisor_id: int) -> None:
        """Let a supervisor join a session that an agent has; joining again changes nothing.

        Raises:
            TransitionError: No agent has the session.
        """
        with self._database.write() as connection:
            session = repository.get(connection, session_id)
            if session.status not in IN_PROGRESS[session.channel]:
                raise TransitionError("join", session.status, [])
            if participants.agent(connection, session_id, supervisor_id) is not None:
                return
            now = self._clock.now()
            participants.add(connection, session_id, "manager", now=now, user_id=supervisor_id, purpose="monitor")
            journal.append(connection, "joined", now=now, session_id=session_id, agent_id=supervisor_id)
            announce.post_party(connection, session, {"type": "manager"}, now)

    @retry_on_deadlock
    def leave(self, session_id: int, supervisor_id: int) -> None:
        """Let a supervisor leave a session that they have joined; without that, nothing is changed."""
        with self._database.write() as connection:
            session = repository.get(connection, session_id)
            mine = participants.agent(connection, session_id, supervisor_id)
            if mine is not None and mine.type == "manager":
                now = self._clock.now()
                leaving.leave(connection, session, mine, now)
                announce.wake(connection, session, now)

    @retry_on_deadlock
    def reassign(self, session_id: int, target: Target) -> Session:
        """Take a session away from whoever has it, and give it to an agent or a queue.

        Raises:
            FieldsError: There is no such agent or queue.
            TransitionError: The session has ended, or is not in a queue yet.
        """
        with self._database.write() as connection:
            advisory_lock(connection, ROUTING)
            now = self._clock.now()
            session = self._release(connection, repository.get(connection, session_id), now)
            before = session.queue_id
            session = repository.keep_for(connection, session, now, **_chosen(connection, target))
            facts = {"to": target.to, "id": target.id, "from_queue_id": before}
            journal.append(connection, "reassigned", now=now, session_id=session_id, data=facts)
            self._route(connection, now)
            session = repository.get(connection, session_id)
        self._outbox.start_now(session_id)
        return session

    def _release(self, connection: Connection, session: Session, now: datetime) -> Session:
        if session.status in WITH_AN_AGENT and session.agent_id is not None:
            for each in participants.present_agents(connection, session.id):
                mine = participants.agent(connection, session.id, each)
                if mine is not None and each != session.agent_id:
                    leaving.leave(connection, session, mine, now, wraps_up=False)
            return leaving.take_away(connection, session, session.agent_id, now, "reassigned")
        if session.status not in WAITING:
            raise TransitionError("reassign", session.status, [])
        return offers.withdraw(connection, session, "reassigned", now) if session.status == "assigned" else session


def _chosen(connection: Connection, target: Target) -> dict[str, int | None]:
    """Return the columns that give a session to an agent or a queue.

    Raises:
        FieldsError: There is no such agent or queue.
    """
    if target.to == "queue":
        if tree.by_id(connection, target.id) is None:
            raise FieldsError({"target": f"found {target.id}; it must be the number of a queue"})
        return {"queue_id": target.id, "kept_for": None}
    user = directory.by_id(connection, target.id)
    if user is None or not user.is_active or "agent" not in user.roles:
        raise FieldsError({"target": f"found {target.id}; it must be one of our agents"})
    return {"kept_for": target.id}
