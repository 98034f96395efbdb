"""Start, queue and end calls. Calls have no adapter yet, so no agent can answer one.

Each action is one transaction: status, journal rows, and the work that follows (`Outbox`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from host.clock import Clock
from host.db.engine import Database, advisory_lock, retry_on_deadlock
from host.db.tables import sessions
from host.sessions import deflecting, repository, starting
from host.sessions.deflecting import Deflector
from host.sessions.model import Session
from host.sessions.outbox import ROUTING, Outbox
from host.sessions.starting import NewSession
from host.wire import session_types

CALL_TYPES = session_types.keys(kind for kind in session_types.SESSION_TYPES if kind.is_call)
LEFT_BY_CONSUMER = {"selecting": "eu_in_menu_abandoned", "scheduled": "eu_canceled", "connecting": "eu_canceled"}
"""Fail reason by status when the consumer ends the call; `eu_abandoned` in any other status."""


@dataclass(frozen=True, kw_only=True)
class NewCall(NewSession):
    """A call that a telephony gateway starts."""

    type: str = "voice_inbound_api"
    scheduled_at: datetime | None = None
    """When it is to be queued; None or in the past: at once."""


class Calls:
    """Starts calls and ends them."""

    def __init__(
        self, database: Database, clock: Clock, outbox: Outbox, *, zone: Callable[[], ZoneInfo] = deflecting.utc
    ) -> None:
        self._deflector = Deflector(outbox, zone)
        self._database = database
        self._clock = clock
        self._outbox = outbox

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
        self._outbox.start_now(session.id)
        return session, True

    def end(self, session_id: int, *, by: str) -> Session:
        """End a call; one that no agent has taken has failed. Ending it again changes nothing.

        Args:
            by: `end_user`, `agent`, `virtual_agent`, `system`.
        """
        with self._database.write() as connection:
            session = repository.get(connection, session_id)
            if session.has_ended:
                return session
            session = _finish(connection, session, by, self._clock.now())
            self._outbox.on_ended(connection, session)
        self._outbox.start_now(session_id)
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


def _insert(connection: Connection, new: NewCall, now: datetime) -> Session:
    is_later = new.scheduled_at is not None and new.scheduled_at > now
    return starting.insert(
        connection,
        new,
        CALL_TYPES,
        now,
        channel="call",
        status="scheduled" if is_later else "queued",
        queued_at=None if is_later else now,
        scheduled_at=new.scheduled_at,
    )


def _finish(connection: Connection, session: Session, by: str, now: datetime) -> Session:
    was_connected = session.status == "connected"
    return repository.move(
        connection,
        session,
        "end" if was_connected else "fail",
        now=now,
        tell=session.agent_id or session.offered_to,
        data={"by": by},
        changes={
            "disconnected_by": by,
            "fail_reason": "nothing" if was_connected else _why(session, by),
            "offered_to": None,
            "offer_ends_at": None,
        },
    )


def _why(session: Session, by: str) -> str:
    if by == "end_user":
        return LEFT_BY_CONSUMER.get(session.status, "eu_abandoned")
    return "ag_canceled" if by == "agent" else "force_ended"
