"""Start, dial, queue, connect and end calls. Hold and mute belong to `host.sessions.call_controls`.

Each action is one transaction: status, participants, journal rows, adapter events, and the work that follows
(`Outbox`). What carries the audio is told after the commit (`Voice`).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from host.clock import Clock
from host.db.engine import Database, advisory_lock, retry_on_deadlock
from host.db.tables import sessions
from host.errors import FieldsError, TransitionError
from host.sessions import access, announce, leaving, participants, presence, repository, starting
from host.sessions.deflecting import Deflector
from host.sessions.model import Session
from host.sessions.outbox import ROUTING, Outbox, Route
from host.sessions.starting import NewSession
from host.voice.voice import Voice
from host.wire import session_types

CALL_TYPES = session_types.keys(kind for kind in session_types.SESSION_TYPES if kind.is_call)
FAIL_REASONS = (
    "unknown",
    "expired",
    "transfer_expired",
    "eu_canceled",
    "eu_rejected",
    "eu_abandoned",
    "eu_in_menu_abandoned",
    "eu_busy",
    "eu_no_answer",
    "ag_canceled",
    "ag_ignored",
    "ag_mic_no_device",
    "ag_mic_denied",
    "force_ended",
)
"""Why a call was never connected."""
LEFT_BY_CONSUMER = {"selecting": "eu_in_menu_abandoned", "scheduled": "eu_canceled", "connecting": "eu_canceled"}
"""Fail reason by status when the consumer ends the call; `eu_abandoned` in any other status."""


@dataclass(frozen=True, kw_only=True)
class NewCall(NewSession):
    """A call that a telephony gateway starts."""

    type: str = "voice_inbound_api"
    scheduled_at: datetime | None = None
    """When it is to be queued; None or in the past: at once."""
    in_menu: bool = False
    """Whether the caller has to choose a queue first."""


@dataclass(frozen=True)
class Failure:
    """Why a call was never connected, as far as somebody knows."""

    reason: str | None = None
    """`eu_busy`; None: as the call's status says."""
    details: str | None = None
    """`486 Busy here`: the gateway's own words."""


class Calls:
    """Starts calls, connects and ends them."""

    def __init__(
        self, database: Database, clock: Clock, outbox: Outbox, *, route: Route, voice: Voice, deflector: Deflector
    ) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox
        self._route = route
        self._voice = voice
        self._deflector = deflector

    @retry_on_deadlock
    def start(self, new: NewCall) -> tuple[Session, bool]:
        """Start a call and queue it, or schedule it. In a closed or full queue it is deflected at once.

        Returns:
            The session, and whether it is new: it is not when its key was used before.

        Raises:
            FieldsError: There is no such queue, agent or type.
            RepeatedKeyError: The key was used for something else.
        """
        with self._database.write() as connection:
            advisory_lock(connection, ROUTING)
            if before := starting.find_repeated(connection, new):
                return before, False
            now = self._clock.now()
            session = _insert(connection, new, now)
            self._outbox.on_created(connection, session)
            if session.status == "queued":
                session = self._deflector.deflect(connection, session, now)
            self._route(connection, now)
        self._outbox.start_now(session.id)
        return session, True

    @retry_on_deadlock
    def dial(self, agent_id: int, new: NewCall) -> Session:
        """Let an agent call somebody.

        Args:
            agent_id: Who dials.
            new: Has the number in `phone`, and an idempotency key.

        Raises:
            FieldsError: The phone number is missing.
            TransitionError: The agent is in a call, or has one offered.
        """
        with self._database.write() as connection:
            advisory_lock(connection, ROUTING)
            if before := starting.find_repeated(connection, new):
                return before
            now = self._clock.now()
            if presence.has_call(connection, agent_id):
                raise TransitionError("dial", "in a call already", ["end the call of"])
            if presence.has_call_ringing(connection, agent_id):
                raise TransitionError("dial", "asked to take a call", ["answer", "decline"])
            session = _insert(connection, new, now)
            dialled = {"agent_id": agent_id, "assigned_at": now}
            session = repository.move(connection, session, "dial", now=now, tell=agent_id, changes=dialled)
            participants.add(connection, session.id, "agent", now=now, user_id=agent_id, status="connecting")
            presence.update_status(connection, agent_id, now)
            self._outbox.on_created(connection, session)
            announce.post_joined(connection, session, agent_id, now)
            session = self.connect_if_ready(connection, session, now)
            self._outbox.on_connected(connection, session, agent_id)
        self._outbox.start_now(session.id)
        self._voice.follow(session.id)
        return session

    def connect_if_ready(self, connection: Connection, session: Session, now: datetime) -> Session:
        """Connect a call that an agent has answered, unless its audio is still on the way; return it."""
        return connect(connection, session, now) if self._voice.connects_at_once else session

    @retry_on_deadlock
    def on_connected(self, session_id: int) -> None:
        """Take the report that consumer and agent hear each other; a second report changes nothing."""
        with self._database.write() as connection:
            session = repository.get(connection, session_id)
            if session.status == "connecting":
                connect(connection, session, self._clock.now())
        self._outbox.start_now(session_id)

    @retry_on_deadlock
    def end(self, session_id: int, *, by: str, agent_id: int | None = None, failure: Failure = Failure()) -> Session:
        """End a call; one that was never connected has failed. Ending it again changes nothing.

        An agent who is not the call's own agent (an added party) only leaves it.

        Args:
            by: `end_user`, `agent`, `virtual_agent`, `system`.
            agent_id: The agent, if one ends it.
            failure: Why a call was never connected.

        Raises:
            FieldsError: The call was connected, so it can't have a fail reason.
            NotAllowedError: It is another agent's call.
        """
        with self._database.write() as connection:
            advisory_lock(connection, ROUTING)
            now = self._clock.now()
            if agent_id is None:
                session = access.of_channel(connection, session_id, "call")
            else:
                session = access.own(connection, session_id, agent_id, "call")
            if session.has_ended:
                return session
            _check_failure(session, failure)
            mine = participants.agent(connection, session_id, agent_id) if agent_id is not None else None
            if mine is not None and session.agent_id != agent_id:
                leaving.leave(connection, session, mine, now)
                announce.wake(connection, session, now)
            else:
                session = _finish(connection, session, by, now, failure)
                self._outbox.on_ended(connection, session)
            self._route(connection, now)
        self._outbox.start_now(session_id)
        self._voice.follow(session_id)
        return session

    def queue_due(self, connection: Connection, now: datetime) -> int:
        """Queue the scheduled calls that are due, or deflect them; return their number.

        Args:
            connection: In a writing transaction that holds the lock `ROUTING`.
            now: The current time.
        """
        due = repository.where(connection, (sessions.c.status == "scheduled") & (sessions.c.scheduled_at <= now))
        waiting = [session for each in due if (session := repository.get(connection, each.id)).status == "scheduled"]
        for session in waiting:  # locked by `get`: it can't be canceled meanwhile
            queued = repository.move(connection, session, "queue", now=now, changes={"queued_at": now})
            self._deflector.deflect(connection, queued, now)
        return len(waiting)


def connect(connection: Connection, session: Session, now: datetime) -> Session:
    """Note that consumer and agent hear each other; return the call."""
    changes = {} if session.connected_at is not None else {"connected_at": now}
    session = repository.move(connection, session, "connect", now=now, tell=session.agent_id, changes=changes)
    for each in participants.of_session(connection, session.id):
        if each.status == "connecting":
            participants.move(connection, each, "connect", now=now)
    return session


def _insert(connection: Connection, new: NewCall, now: datetime) -> Session:
    is_later = new.scheduled_at is not None and new.scheduled_at > now
    if new.in_menu and (new.queue or new.menu_id or new.scheduled_at):
        raise FieldsError({"in_menu": "excludes queue, menu_id and scheduled_at: the caller chooses a queue later"})
    status = "selecting" if new.in_menu else "scheduled" if is_later else "queued"
    return starting.insert(
        connection,
        new,
        CALL_TYPES,
        now,
        channel="call",
        status=status,
        queued_at=now if status == "queued" else None,
        scheduled_at=new.scheduled_at,
    )


def _check_failure(session: Session, failure: Failure) -> None:
    given = {"fail_reason": failure.reason, "fail_details": failure.details}
    if session.connected_at is not None and any(given.values()):
        words = "belongs to calls that were never connected; leave it out"
        raise FieldsError({name: words for name, value in given.items() if value is not None})


def _finish(connection: Connection, session: Session, by: str, now: datetime, failure: Failure) -> Session:
    if session.status == "connected":
        return leaving.end_session(connection, session, "end", by=by, now=now)
    action = "keep the voicemail of" if session.status == "voicemail" else "fail"
    reason = "nothing" if session.status == "voicemail" else failure.reason or _why(session, by)
    if failure.details is not None:
        session = repository.set_details(connection, session, {"fail_details": failure.details}, now)
    return leaving.end_session(connection, session, action, by=by, now=now, fail_reason=reason)


def _why(session: Session, by: str) -> str:
    if by == "end_user":
        return LEFT_BY_CONSUMER.get(session.status, "eu_abandoned")
    return "ag_canceled" if by == "agent" else "force_ended"
