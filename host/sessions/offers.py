"""Offers of sessions to agents: answer, decline, withdraw. Calls and chats are offered in the same way.

An agent may also be invited to a session that goes on (warm transfer, added party): they answer and decline it with the
same actions, see `host.sessions.invitations`.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from host.clock import Clock
from host.db.engine import Database, advisory_lock, retry_on_deadlock
from host.errors import NotAllowedError
from host.events import journal, pops
from host.sessions import announce, invitations, participants, presence, repository, transfer_rows
from host.sessions.access import TITLES
from host.sessions.model import Session
from host.sessions.outbox import ROUTING, Outbox, Route
from host.sessions.participants import Participant

UNSEEN = "unseen"
"""The reason of an offer that no adapter has shown."""


class Offers:
    """The actions of agents on sessions that are offered to them."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        outbox: Outbox,
        *,
        route: Route,
        connect: Callable[[Connection, Session, datetime], Session],
        end_invitation: Callable[[Connection, Participant, str, datetime], None],
        follow: Callable[[int], None],
    ) -> None:
        """Take the parts.

        Args:
            database: Of the sessions.
            clock: For all times.
            outbox: Is told of answers.
            route: Offers what waits.
            connect: Connects a call that was answered, as far as its audio is ready.
            end_invitation: Ends an invitation that was declined.
            follow: Tells what carries the audio that a call has changed.
        """
        self._database = database
        self._clock = clock
        self._outbox = outbox
        self._route = route
        self._connect = connect
        self._end_invitation = end_invitation
        self._follow = follow

    @retry_on_deadlock
    def answer(self, session_id: int, agent_id: int) -> Session:
        """Let the agent take the session that they are offered, or join the one that they are invited to.

        Raises:
            NotAllowedError: It is offered to another agent, or not any more.
            TransitionError: It can't be answered any more.
        """
        with self._database.write() as connection:
            session = repository.get(connection, session_id)
            mine = participants.agent(connection, session_id, agent_id)
            if mine is not None and mine.status in participants.PRESENT:
                return session
            now = self._clock.now()
            if mine is not None:
                session = invitations.accept(connection, session, mine, now)
                self._outbox.on_connected(connection, session, agent_id)
            elif session.offered_to == agent_id:
                session = self._take(connection, session, agent_id, now)
            else:
                raise NotAllowedError(f"{TITLES[session.channel]} {session_id} is not offered to you any more.")
        self._outbox.start_now(session_id)
        self._follow(session_id)
        return session

    @retry_on_deadlock
    def decline(self, session_id: int, agent_id: int) -> None:
        """Let the agent decline the session; it waits for the next agent, or stays with the one who invited them."""
        with self._database.write() as connection:
            advisory_lock(connection, ROUTING)
            session = repository.get(connection, session_id)
            now = self._clock.now()
            invited = participants.agent(connection, session_id, agent_id)
            if invited is not None and invited.status == "invited":
                self._end_invitation(connection, invited, "declined", now)
            elif session.offered_to == agent_id:
                withdraw(connection, session, "declined", now)
                self._route(connection, now)
        self._follow(session_id)

    def _take(self, connection: Connection, session: Session, agent_id: int, now: datetime) -> Session:
        taken: dict[str, object] = {"agent_id": agent_id, "offered_to": None, "offer_ends_at": None, "kept_for": None}
        if session.channel == "chat" and session.connected_at is None:
            taken["connected_at"] = now
        is_chat, before = session.channel == "chat", session.agent_id
        session = repository.move(connection, session, "answer", now=now, tell=agent_id, changes=taken)
        status = "connected" if is_chat else "connecting"
        participants.add(connection, session.id, "agent", now=now, user_id=agent_id, status=status)
        _finish_transfer(connection, session, before, agent_id, now)
        switched = False
        if is_chat:
            switched = presence.enter_chat(connection, agent_id, session.id, now)
        else:
            presence.update_status(connection, agent_id, now)
        announce.post_joined(connection, session, agent_id, now, switched=switched)
        if not is_chat:
            session = self._connect(connection, session, now)
        self._outbox.on_connected(connection, session, agent_id)
        return session


def withdraw(connection: Connection, session: Session, reason: str, now: datetime) -> Session:
    """Take an offer back; the session waits again.

    Args:
        reason: `declined`, `missed`, `unseen`, `unresponsive`.
    """
    if session.offered_to is not None:
        pops.drop(connection, session.id, session.offered_to)
    return repository.move(
        connection,
        session,
        "withdraw the offer of",
        now=now,
        tell=session.offered_to,
        data={"agent_id": session.offered_to, "reason": reason},
        changes={
            "offered_to": None,
            "offer_ends_at": None,
            "kept_for": session.kept_for if reason == UNSEEN or session.offered_to != session.kept_for else None,
        },
    )


def _finish_transfer(
    connection: Connection, session: Session, before: int | None, agent_id: int, now: datetime
) -> None:
    """Note that a session that was transferred is answered, and tell the agent who answered."""
    transfer = transfer_rows.pending(connection, session.id)
    if transfer is None:
        return
    finished = transfer_rows.finish(connection, transfer, agent_id, now)
    facts = {"transfer_id": transfer.id}
    journal.append(connection, "transferred", now=now, session_id=session.id, agent_id=before, data=facts)
    announce.post_transfer(connection, session, finished, [agent_id], now)
