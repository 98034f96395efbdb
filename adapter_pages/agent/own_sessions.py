"""Finds the sessions that an agent took part in, and what was said in them.

Source: docs/reference/sessions.md, Own sessions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select

from adapter_pages.agent import history
from adapter_pages.shared import messages
from adapter_pages.shared.messages import MessageView
from host.db.tables import end_users, participants, sessions
from host.db.tables import messages as stored
from host.errors import FieldsError, NotFoundError
from host.queues import tree
from host.sessions import notes, repository
from host.sessions.model import Session
from host.sessions.notes import Note

MOST = 20
LONGEST_WORDS = 200
ESCAPE = "\\"


@dataclass(frozen=True)
class OwnSession:
    """One session that is over for the agent, or goes on."""

    session_id: int
    channel: str
    """`Call`, `Chat`."""
    caller: str
    at: datetime
    queue_path: str | None
    outcome: str


@dataclass(frozen=True)
class Transcript:
    """What was said in a chat while the agent had it, and before."""

    session: OwnSession
    lines: tuple[MessageView, ...]
    """The last page."""
    notes: tuple[Note, ...]


def find(connection: Connection, agent_id: int, words: object) -> list[OwnSession]:
    """Return the agent's sessions that match, the newest first.

    Args:
        connection: Of the request.
        agent_id: The agent.
        words: Part of the consumer's name, phone or e-mail, or the id of a session; empty: all.

    Raises:
        FieldsError: The words are no text, or too long.
    """
    if not isinstance(words, str) or len(words) > LONGEST_WORDS:
        raise FieldsError({"words": f"must be a text of at most {LONGEST_WORDS} characters"})
    condition = _took_part(agent_id)
    if wanted := words.strip():
        condition &= _matches(wanted)
    found = repository.page(connection, condition, [sessions.c.id.desc()], offset=0, limit=MOST)
    paths = {each.id: tree.path_text(each) for each in tree.all(connection)}
    return [_row(connection, each, paths) for each in found]


def transcript(connection: Connection, agent_id: int, session_id: int) -> Transcript:
    """Return what was said in one of the agent's sessions, up to when they left it.

    Raises:
        NotFoundError: They did not take part in it.
    """
    mine = (participants.c.session_id == session_id) & _is_part(agent_id)
    ends = list(connection.execute(select(participants.c.ended_at).where(mine)).scalars())
    if not ends:
        raise NotFoundError(f"There is no session {session_id}.")
    session = repository.get(connection, session_id)
    until = None if None in ends else max(end for end in ends if end is not None)
    row = _row(connection, session, {each.id: tree.path_text(each) for each in tree.all(connection)})
    lines = messages.before(
        connection, session_id, row.caller, "agent", message_id=_after(connection, session_id, until)
    )
    return Transcript(
        session=row,
        lines=lines,
        notes=tuple(each for each in notes.of_session(connection, session_id) if until is None or each.at <= until),
    )


def _after(connection: Connection, session_id: int, until: datetime | None) -> int | None:
    """Return the id of the first message that the agent may not read; None: they may read all."""
    if until is None:
        return None
    later = (stored.c.session_id == session_id) & (stored.c.at > until)
    first: int | None = connection.execute(select(func.min(stored.c.id)).where(later)).scalar_one()
    return first


def _took_part(agent_id: int) -> ColumnElement[bool]:
    return sessions.c.id.in_(select(participants.c.session_id).where(_is_part(agent_id)))


def _is_part(agent_id: int) -> ColumnElement[bool]:
    return (participants.c.user_id == agent_id) & participants.c.connected_at.is_not(None)


def _matches(words: str) -> ColumnElement[bool]:
    part = f"%{words.lower().replace(ESCAPE, ESCAPE * 2).replace('%', ESCAPE + '%').replace('_', ESCAPE + '_')}%"
    columns = (end_users.c.name, end_users.c.phone, end_users.c.email)
    like = or_(*(func.lower(column).like(part, escape=ESCAPE) for column in columns))
    of_consumer = sessions.c.end_user_id.in_(select(end_users.c.id).where(like))
    is_number = words.isascii() and words.isdigit() and len(words) <= 18
    return of_consumer | (sessions.c.id == int(words)) if is_number else of_consumer


def _row(connection: Connection, session: Session, paths: Mapping[int, str]) -> OwnSession:
    return OwnSession(
        session_id=session.id,
        channel=session.channel.capitalize(),
        caller=repository.end_user(connection, session.end_user_id).label,
        at=session.created_at,
        queue_path=paths.get(session.queue_id) if session.queue_id is not None else None,
        outcome=history.outcome(session) if session.has_ended else "goes on",
    )
