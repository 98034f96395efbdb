"""Smart actions: what a consumer is asked for during a session, such as a proof of who they are or a text.

A gateway reports each step. The reports are kept, so that what goes to the CRM later says what was known at its time.

Source: docs/reference/sessions.md, Smart actions.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from host.clock import Clock
from host.db.engine import Database, retry_on_deadlock
from host.db.tables import smart_actions
from host.errors import TransitionError
from host.events import journal
from host.sessions import access, verification
from host.sessions.outbox import Outbox

VERIFICATION, TEXT_INPUT = "verification", "text_input"
TYPES = (VERIFICATION, TEXT_INPUT, "photo", "video", "screenshot", "payment")
REQUESTED, SUCCEEDED = "requested", "succeeded"
STATUSES = (REQUESTED, SUCCEEDED, "failed", "canceled")


@dataclass(frozen=True)
class SmartAction:
    """One smart action, as a gateway reports it."""

    id: str
    """As the gateway names it."""
    type: str
    """One of `TYPES`."""
    status: str
    """One of `STATUSES`."""
    value: str | None = None
    """The text that was typed in, say."""


@dataclass(frozen=True)
class Report:
    """A report about a smart action."""

    about: SmartAction
    at: datetime


class SmartActions:
    """Takes reports about smart actions."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox

    @retry_on_deadlock
    def report(self, session_id: int, channel: str, about: SmartAction) -> None:
        """Store a report; the same one again changes nothing. A verification that succeeds verifies the session.

        Raises:
            NotFoundError: There is no such call or chat.
            TransitionError: The session has ended.
        """
        with self._database.write() as connection:
            session = access.of_channel(connection, session_id, channel)
            known = latest(of_sessions(connection, [session_id])[session_id])
            if about in known:
                return
            if session.has_ended:
                raise TransitionError("report a smart action of", session.status, [])
            now = self._clock.now()
            row = {"session_id": session_id, "action_id": about.id, "type": about.type, "status": about.status}
            connection.execute(smart_actions.insert().values(**row, value=about.value, at=now))
            facts = {"type": about.type, "status": about.status}
            tell = session.agent_id or session.offered_to
            journal.append(connection, "smart_action", now=now, session_id=session_id, agent_id=tell, data=facts)
            if (about.type, about.status) == (VERIFICATION, SUCCEEDED) and not session.is_verified:
                session = verification.mark(connection, session, now)
                self._outbox.on_event(connection, session, "verified")
        self._outbox.start_now(session_id)


def of_sessions(connection: Connection, session_ids: Collection[int]) -> dict[int, list[Report]]:
    """Return the reports of several sessions, in order, by session id."""
    found: dict[int, list[Report]] = {session_id: [] for session_id in session_ids}
    mine = smart_actions.c.session_id.in_(session_ids)
    rows = connection.execute(select(smart_actions).where(mine).order_by(smart_actions.c.id)) if session_ids else ()
    for row in rows:
        about = SmartAction(row.action_id, row.type, row.status, row.value)
        found[row.session_id].append(Report(about, row.at))
    return found


def latest(reports: Iterable[Report]) -> Sequence[SmartAction]:
    """Return each smart action as it was reported last, in the order in which they began."""
    return tuple({report.about.id: report.about for report in reports}.values())
