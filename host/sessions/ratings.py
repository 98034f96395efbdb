"""What consumers say about a session afterwards: a rating, some words, answers to the queue's survey.

Source: docs/reference/sessions.md, Ratings.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from host.clock import Clock
from host.db.engine import Database, retry_on_deadlock
from host.db.tables import ratings, sessions
from host.db.upsert import upsert
from host.errors import TransitionError
from host.events import journal
from host.sessions import repository
from host.sessions.model import Session
from host.sessions.outbox import Outbox

Answers = Sequence[Mapping[str, str]]
"""`[{"question": "Did we help you?", "answer": "Yes"}]`."""


@dataclass(frozen=True)
class Rating:
    """What the consumer has said so far."""

    rating: int | None = None
    """1 to 5."""
    feedback: str | None = None
    survey: Answers = field(default_factory=tuple)

    def with_news(self, said: "Rating") -> "Rating":
        """Return it with what was said since; what was left out stays."""
        return replace(
            self,
            rating=self.rating if said.rating is None else said.rating,
            feedback=self.feedback if said.feedback is None else said.feedback,
            survey=said.survey or self.survey,
        )


NOTHING = Rating()


class Ratings:
    """Takes ratings."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox

    @retry_on_deadlock
    def rate(self, session_id: int, said: Rating) -> None:
        """Store a rating, during the session or after its end; the same one again changes nothing.

        Another rating later replaces what it says anew, and goes to the CRM as an event of its own.

        Raises:
            NotFoundError: There is no such session.
            TransitionError: No agent has had the session.
        """
        with self._database.write() as connection:
            session = repository.get(connection, session_id)
            if session.connected_at is None:
                raise TransitionError("rate", session.status, [])
            before, changes = _of(connection, session_id)
            after = before.with_news(said)
            if after == before:
                return
            now = self._clock.now()
            _store(connection, session, after, changes + 1, now)
            self._tell_crm(connection, session, before, after, changes + 1)
        self._outbox.start_now(session_id)

    def _tell_crm(self, connection: Connection, session: Session, before: Rating, after: Rating, number: int) -> None:
        """Plan what the settings say, with the facts of this rating, since a later one may come first."""
        if (after.rating, after.feedback) != (before.rating, before.feedback):
            details: dict[str, Any] = {"rating": after.rating, "feedback": after.feedback}
            self._outbox.on_event(connection, session, "csat", occurrence=_occurrence("csat", number), details=details)
        if after.survey != before.survey:
            answers = {"answers": list(after.survey)}
            self._outbox.on_event(
                connection, session, "survey", occurrence=_occurrence("survey", number), details=answers
            )


def of_session(connection: Connection, session_id: int) -> Rating:
    """Return what the consumer has said about a session."""
    return _of(connection, session_id)[0]


def of_sessions(connection: Connection, session_ids: Collection[int]) -> dict[int, Rating]:
    """Return what was said about several sessions, by id; a session without a rating has no entry."""
    rows = connection.execute(select(ratings).where(ratings.c.session_id.in_(session_ids)))
    return {row["session_id"]: _rating(row) for row in rows.mappings()}


def _of(connection: Connection, session_id: int) -> tuple[Rating, int]:
    """Return the rating of a session, and how often it has changed."""
    row = connection.execute(select(ratings).where(ratings.c.session_id == session_id)).mappings().one_or_none()
    return (_rating(row), row["changes"]) if row else (NOTHING, 0)


def _rating(row: RowMapping) -> Rating:
    return Rating(row["rating"], row["feedback"], tuple(row["survey"]))


def _store(connection: Connection, session: Session, said: Rating, number: int, now: datetime) -> None:
    values = {"rating": said.rating, "feedback": said.feedback, "survey": list(said.survey)}
    upsert(connection, ratings, ["session_id"], {"session_id": session.id, **values, "changes": number, "at": now})
    connection.execute(update(sessions).where(sessions.c.id == session.id).values(updated_at=now))
    facts = {"rating": said.rating}
    journal.append(connection, "rated", now=now, session_id=session.id, agent_id=session.agent_id, data=facts)


def _occurrence(event: str, number: int) -> str:
    """Return the occurrence of the CRM's event: `csat` for the first, `csat:2` for the next."""
    return event if number == 1 else f"{event}:{number}"
