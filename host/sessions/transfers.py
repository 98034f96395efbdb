"""Transfers of calls and chats to an agent or a queue.

A cold transfer lets the first agent leave at once; the session waits again, kept for the chosen agent or in the chosen
queue. A warm transfer invites the other agent while the first one keeps the session; if they decline or miss it, the
next agent of the queue is invited, and at last the session comes back.

Source: docs/reference/sessions.md, Transfers.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from host.clock import Clock
from host.db.engine import Database, advisory_lock, retry_on_deadlock
from host.errors import FieldsError, NotAllowedError, TransitionError
from host.events import journal, pops
from host.queues import tree
from host.sessions import access, announce, holding, invitations, leaving, participants, repository, transfer_rows
from host.sessions.deflecting import Deflector
from host.sessions.model import Session
from host.sessions.outbox import ROUTING, Outbox, Route
from host.sessions.participants import Participant
from host.sessions.transfer_rows import Transfer
from host.users import directory

IN_PROGRESS = {"call": ("connected",), "chat": ("ongoing", "dismissed")}

CLOSED = {"after_hours": "closed now", "over_capacity": "full"}

FindAgent = Callable[[Connection, str, int | None, Collection[int], datetime], int | None]
"""Finds the agent of a queue who is offered a session of a channel first, except some; None when nobody is free."""
IsFree = Callable[[Connection, str, int, datetime], bool]
"""Tells whether an agent can be offered a session of a channel now."""


@dataclass(frozen=True)
class Target:
    """Whom a session is transferred to."""

    to: Literal["agent", "queue"]
    id: int

    @classmethod
    def read(cls, to: object, target: object) -> "Target":
        """Check what a page has sent.

        Raises:
            FieldsError: It names neither an agent nor a queue.
        """
        if to not in ("agent", "queue"):
            raise FieldsError({"to": f"found {to!r}; allowed: agent, queue"})
        if not isinstance(target, int) or isinstance(target, bool) or not 0 < target < 2**53:
            raise FieldsError({"target": f"must be the number of an agent or a queue, found {target!r}"})
        return cls("agent" if to == "agent" else "queue", target)


class Transfers:
    """The actions of agents that transfer sessions."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        outbox: Outbox,
        *,
        route: Route,
        find_agent: FindAgent,
        is_free: IsFree,
        follow: Callable[[int], None],
        deflector: Deflector,
    ) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox
        self._route = route
        self._find_agent = find_agent
        self._is_free = is_free
        self._follow = follow
        self._deflector = deflector

    @retry_on_deadlock
    def transfer(self, session_id: int, agent_id: int, target: Target, *, is_warm: bool) -> None:
        """Transfer a session; the same transfer again changes nothing while it is pending.

        Raises:
            FieldsError: There is no such agent or queue, or nobody is free for a warm transfer.
            NotAllowedError: It is another agent's session.
            TransitionError: The session is not in progress.
        """
        with self._database.write() as connection:
            advisory_lock(connection, ROUTING)
            session = access.own(connection, session_id, agent_id)
            now = self._clock.now()
            if _is_repeated(transfer_rows.pending(connection, session_id), agent_id, target):
                return
            _check(session, agent_id)
            if transfer_rows.pending(connection, session_id):
                raise TransitionError("transfer", "being transferred already", ["cancel the transfer of"])
            self._begin(connection, session, agent_id, target, is_warm=is_warm, now=now)
            self._route(connection, now)
        self._outbox.start_now(session_id)
        self._follow(session_id)

    @retry_on_deadlock
    def cancel(self, session_id: int, agent_id: int) -> None:
        """Cancel a warm transfer that nobody has answered; without one, nothing is changed."""
        with self._database.write() as connection:
            session = access.own(connection, session_id, agent_id)
            for each in invitations.open_of_session(connection, session_id):
                if each.purpose == "transfer":
                    invitations.refuse(connection, session, each, "canceled", self._clock.now())
        self._follow(session_id)

    def expire(self, connection: Connection, now: datetime) -> None:
        """End the invitations whose time is over; a transfer to a queue goes on to its next agent."""
        for each in invitations.overdue(connection, now):
            self.end_invitation(connection, each, "missed", now)

    def end_invitation(self, connection: Connection, invited: Participant, reason: str, now: datetime) -> None:
        """End an invitation; a warm transfer to a queue goes on to its next agent.

        Args:
            reason: `declined`, `missed`, `unresponsive`.
        """
        session = repository.get(connection, invited.session_id)  # locks it
        latest = participants.by_id(connection, session.id, invited.id)
        if latest.status != invitations.INVITED or session.has_ended:
            return
        transfer = transfer_rows.pending(connection, session.id)
        following = self._following(connection, session, transfer, now) if latest.purpose == "transfer" else None
        if following is None or transfer is None:
            invitations.refuse(connection, session, latest, reason, now)
            return
        fail_reason = invitations.REASONS.get(reason, invitations.IGNORED)
        participants.move(connection, latest, "fail", now=now, reason=reason, fail_reason=fail_reason)
        if latest.user_id is not None:
            pops.drop(connection, session.id, latest.user_id)
        if latest.user_id is not None:
            leaving.wake(connection, session, latest.user_id, now)
        invitations.invite(connection, session, following, purpose="transfer", by=transfer.from_agent_id, now=now)

    def _begin(
        self, connection: Connection, session: Session, agent_id: int, target: Target, *, is_warm: bool, now: datetime
    ) -> None:
        agent = self._agent(connection, session, target.id, agent_id, now) if target.to == "agent" else None
        queue_id = self._queue(connection, session, target.id, now) if target.to == "queue" else None
        if is_warm and agent is None:
            agent = self._find_agent(connection, session.channel, queue_id, _in(connection, session), now)
            if agent is None:
                raise FieldsError({"target": "nobody in this queue is free; transfer without Warm, or choose another"})
        chosen = {"to_agent_id": agent if target.to == "agent" else None, "to_queue_id": queue_id}
        transfer = transfer_rows.add(
            connection,
            session,
            now,
            is_warm=is_warm,
            from_agent_id=agent_id,
            assigned_at=now if is_warm else None,
            **chosen,
        )
        facts = {"transfer_id": transfer.id, "is_warm": is_warm}
        journal.append(connection, "transfer_started", now=now, session_id=session.id, agent_id=agent_id, data=facts)
        self._note(connection, session, transfer)
        if is_warm and agent is not None:
            if session.channel == "call":
                holding.hold(connection, session, now, agent_id=agent_id)
            invitations.invite(connection, session, agent, purpose="transfer", by=agent_id, now=now)
        else:
            _release(connection, session, transfer, now)

    def _agent(self, connection: Connection, session: Session, agent_id: int, by: int, now: datetime) -> int:
        user = directory.by_id(connection, agent_id)
        if user is None or not user.is_active or "agent" not in user.roles:
            raise FieldsError({"target": f"found {agent_id}; it must be one of our agents"})
        if agent_id == by or agent_id in _in(connection, session):
            raise FieldsError({"target": f"{user.name} is in this {session.channel} already"})
        if not self._is_free(connection, session.channel, agent_id, now):
            raise FieldsError({"target": f"{user.name} can't take a {session.channel} now ({user.status})"})
        return agent_id

    def _queue(self, connection: Connection, session: Session, queue_id: int, now: datetime) -> int:
        queue = tree.by_id(connection, queue_id)
        if queue is None:
            raise FieldsError({"target": f"found {queue_id}; it must be the number of a queue"})
        why = self._deflector.why_not(connection, session, queue_id, now)
        if why is not None:
            raise FieldsError({"target": f"{tree.path_text(queue)} is {CLOSED[why]}; choose another queue or an agent"})
        return queue_id

    def _following(
        self, connection: Connection, session: Session, transfer: Transfer | None, now: datetime
    ) -> int | None:
        """Return the next agent of a warm transfer to a queue, who was not asked before."""
        if transfer is None or transfer.to_queue_id is None:
            return None
        asked = [
            each.user_id
            for each in participants.of_session(connection, session.id)
            if each.purpose == "transfer" and each.created_at >= transfer.created_at and each.user_id is not None
        ]
        but = {*asked, *_in(connection, session)}
        return self._find_agent(connection, session.channel, transfer.to_queue_id, but, now)

    def _note(self, connection: Connection, session: Session, transfer: Transfer) -> None:
        """Make the comment and the updates of a transfer due in the CRM."""
        details = {
            "from": _words(connection, transfer.from_agent_id, transfer.from_queue_id),
            "to": _words(connection, transfer.to_agent_id, transfer.to_queue_id),
        }
        occurrence = f"transfer:{transfer.id}"
        self._outbox.on_event(connection, session, "transfer", occurrence=occurrence, details=details)
        if transfer.to_queue_id is not None:
            self._outbox.on_event(connection, session, "queue_selected", occurrence=f"queue_selected:{transfer.id}")


def _release(connection: Connection, session: Session, transfer: Transfer, now: datetime) -> None:
    """Let the agents leave, and let the session wait for the next one."""
    for each in invitations.open_of_session(connection, session.id):
        invitations.refuse(connection, session, each, "canceled", now)
    there = [
        each
        for each in participants.of_session(connection, session.id)
        if each.type in participants.AGENTS and each.status in participants.PRESENT
    ]
    holding.resume(connection, session, now, agent_id=session.agent_id)
    changes = {"agent_id": None, "kept_for": transfer.to_agent_id}
    if transfer.to_queue_id is not None:
        changes["queue_id"] = transfer.to_queue_id
    session = repository.move(
        connection,
        session,
        "requeue",
        now=now,
        tell=session.agent_id,
        data={"transfer_id": transfer.id},
        changes=changes,
    )
    parties = [each.user_id for each in there if each.user_id is not None]
    announce.post_transfer(connection, session, transfer, dict.fromkeys(parties), now)
    for each in there:
        leaving.leave(connection, session, each, now)


def _check(session: Session, agent_id: int) -> None:
    if session.agent_id != agent_id:
        raise NotAllowedError(f"{access.TITLES[session.channel]} {session.id} is another agent's; you can leave it.")
    if session.status not in IN_PROGRESS[session.channel]:
        raise TransitionError("transfer", session.status, [])


def _is_repeated(pending: Transfer | None, agent_id: int, target: Target) -> bool:
    if pending is None or pending.from_agent_id != agent_id:
        return False
    return target.id == (pending.to_agent_id if target.to == "agent" else pending.to_queue_id)


def _in(connection: Connection, session: Session) -> set[int]:
    """Return the agents who are in the session or invited to it."""
    everybody = participants.of_session(connection, session.id)
    return {each.user_id for each in everybody if each.user_id is not None and each.status in participants.OPEN}


def _words(connection: Connection, agent_id: int | None, queue_id: int | None) -> str:
    user = directory.by_id(connection, agent_id) if agent_id is not None else None
    if user is not None:
        return user.name
    queue = tree.by_id(connection, queue_id) if queue_id is not None else None
    return tree.path_text(queue) if queue else ""
