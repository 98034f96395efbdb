"""Authenticates the consumer of a running session: the company's own system says who they are.

Source: docs/reference/sessions.md, Verified consumers.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from host.clock import Clock
from host.db.engine import Database, retry_on_deadlock
from host.db.tables import participants, sessions
from host.errors import TransitionError
from host.events import journal
from host.sessions import repository
from host.sessions.model import EndUser, Session
from host.sessions.outbox import Outbox


@dataclass(frozen=True)
class Identity:
    """Who the consumer is; what isn't known is None."""

    identifier: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None

    def is_of(self, person: EndUser) -> bool:
        """Tell whether the end user is known so already."""
        return all(getattr(person, name) == value for name, value in asdict(self).items() if value)


class Verification:
    """Makes sessions verified."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox

    @retry_on_deadlock
    def verify(self, session_id: int, who: Identity) -> None:
        """Make a session verified, and give it to the end user with this identifier; repeated, it changes nothing.

        The end user from before keeps their row and the account that is remembered for them: what a consumer said of
        themselves must not lead to somebody else's account once they are verified. The session's own account and
        record stay as they are, until an agent chooses others.

        Raises:
            NotFoundError: There is no such session.
            TransitionError: The session has ended, or was verified as somebody else.
        """
        with self._database.write() as connection:
            session = repository.get(connection, session_id)
            person = repository.end_user(connection, session.end_user_id)
            if session.is_verified and who.is_of(person):
                return
            _check(session, person, who)
            now = self._clock.now()
            found = repository.find_or_add_end_user(connection, now, **asdict(who), lang=session.lang)
            changed = mark(connection, session, now, found)
            if not session.is_verified or session.end_user_id != found.id:
                self._outbox.on_event(connection, changed, "verified")
        self._outbox.start_now(session_id)


def _check(session: Session, person: EndUser, who: Identity) -> None:
    if session.has_ended:
        raise TransitionError("verify the consumer of", session.status, [])
    if session.is_verified and person.identifier not in {None, who.identifier}:
        raise TransitionError("verify as somebody else", "verified already", [])


def mark(connection: Connection, session: Session, now: datetime, person: EndUser | None = None) -> Session:
    """Make a session verified; return it. The session has to be locked.

    Args:
        connection: In a writing transaction.
        session: Goes on.
        now: The current time.
        person: Who the consumer is; None: it stays the same, and so does what they said of themselves.
    """
    details = {**session.details, "is_verified": True, "verified_at": now.isoformat()}
    values: dict[str, Any] = {"details": details, "updated_at": now}
    if person is not None:
        details.pop("person_from", None)
        values["end_user_id"] = person.id
        theirs = (participants.c.session_id == session.id) & (participants.c.type == "end_user")
        connection.execute(update(participants).where(theirs).values(end_user_id=person.id))
    connection.execute(update(sessions).where(sessions.c.id == session.id).values(**values))
    tell = session.agent_id or session.offered_to
    journal.append(connection, "verified", now=now, session_id=session.id, agent_id=tell, data={})
    return repository.get(connection, session.id)
