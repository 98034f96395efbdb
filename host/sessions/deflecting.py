"""Ends sessions at once that come to a closed or full queue.

Source: docs/reference/sessions.md, Closed and full queues.
"""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from host.db.tables import sessions
from host.queues import opening, tree
from host.queues.opening import Deflection
from host.sessions import leaving
from host.sessions.model import Session
from host.sessions.outbox import Outbox
from host.wire.session_types import BY_KEY

WAITING = ("queued", "requeued")
"""Status of sessions that wait and are offered to nobody."""

UTC = ZoneInfo("UTC")


def utc() -> ZoneInfo:
    """Return UTC, the default time zone of the settings."""
    return UTC


class Deflector:
    """Deflects sessions.

    Args:
        outbox: Is told about each session that is deflected.
        zone: Returns the time zone of the settings.
    """

    def __init__(self, outbox: Outbox, zone: Callable[[], ZoneInfo] = utc) -> None:
        self._outbox = outbox
        self._zone = zone

    def deflect(self, connection: Connection, session: Session, now: datetime) -> Session:
        """End a session that has just come into its queue, if the queue is closed or full; outbound ones stay.

        Args:
            connection: In a writing transaction that holds the lock `ROUTING`.
            session: With the status `queued`.
            now: The current time.
        """
        why = None if BY_KEY[session.type].is_outbound else self.why_not(connection, session, session.queue_id, now)
        if why is None:
            return session
        ended = leaving.end_session(
            connection,
            session,
            "deflect",
            by="system",
            now=now,
            fail_reason="after_hours" if session.channel == "chat" and why == "after_hours" else "nothing",
            data={"reason": why},
            changes={"details": {**session.details, "deflection": why}},
        )
        self._outbox.on_ended(connection, ended)
        return ended

    def why_not(
        self, connection: Connection, session: Session, queue_id: int | None, now: datetime
    ) -> Deflection | None:
        """Return why a queue takes no more sessions; None if it takes this one."""
        queue = tree.by_id(connection, queue_id) if queue_id is not None else None
        if queue is None:
            return None
        return opening.deflection(queue.settings, self._zone(), now, waiting=_waiting(connection, session, queue.id))


def _waiting(connection: Connection, session: Session, queue_id: int) -> int:
    others = (sessions.c.queue_id == queue_id) & (sessions.c.id != session.id)
    query = select(func.count()).select_from(sessions).where(others, sessions.c.status.in_(WAITING))
    return int(connection.execute(query).scalar_one())
