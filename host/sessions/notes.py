"""Internal notes of agents about a session; its consumer never sees them.

A transfer may carry one, for the agent who gets the session. The texts are nowhere but in this table.

Source: docs/reference/sessions.md, Internal notes.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, exists, select

from host.clock import Clock
from host.db.engine import Database, retry_on_deadlock
from host.db.tables import notes, users
from host.errors import FieldsError
from host.sessions import access, announce

MAX_LENGTH = 2000
"""Characters of one note."""


@dataclass(frozen=True)
class Note:
    """One note."""

    id: int
    author: str
    text: str
    at: datetime
    transfer_id: int | None
    """The transfer that carries it."""


class Notes:
    """The actions of agents on notes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @retry_on_deadlock
    def add(self, session_id: int, agent_id: int, text: object, client_id: str) -> None:
        """Add a note; the same one again changes nothing.

        Args:
            session_id: A session that the agent has, takes part in, or wraps up.
            agent_id: Who writes it.
            text: The note.
            client_id: The page's id of the note.

        Raises:
            FieldsError: The text is no string, empty or too long.
            NotAllowedError: It is another agent's session.
        """
        kept = check(text)
        if not kept:
            raise FieldsError({"text": "is empty; write something"})
        with self._database.write() as connection:
            session = access.own_or_wrapped_up(connection, session_id, agent_id)
            mine = (notes.c.session_id == session_id) & (notes.c.client_id == client_id)
            if connection.execute(select(exists().where(mine))).scalar_one():
                return
            now = self._clock.now()
            insert(connection, session_id, agent_id, kept, now, client_id=client_id)
            announce.wake(connection, session, now, but=agent_id)
            announce.wake_agent(connection, session, agent_id, now)


def check(text: object, field: str = "text") -> str:
    """Return a note as it is stored, without blanks around it; it may be empty.

    Raises:
        FieldsError: It is no string, or too long.
    """
    if not isinstance(text, str):
        raise FieldsError({field: f"must be a text, found {type(text).__name__}"})
    kept = text.strip()
    if len(kept) > MAX_LENGTH:
        raise FieldsError({field: f"has {len(kept)} characters; at most {MAX_LENGTH} are kept"})
    return kept


def insert(
    connection: Connection,
    session_id: int,
    agent_id: int,
    text: str,
    now: datetime,
    *,
    client_id: str | None = None,
    transfer_id: int | None = None,
) -> None:
    """Store a note that was checked."""
    row = {"session_id": session_id, "agent_id": agent_id, "text": text, "at": now}
    connection.execute(notes.insert().values({**row, "client_id": client_id, "transfer_id": transfer_id}))


def of_session(connection: Connection, session_id: int) -> tuple[Note, ...]:
    """Return the notes of a session, oldest first."""
    query = select(notes, users.c.name).join(users, users.c.id == notes.c.agent_id)
    rows = connection.execute(query.where(notes.c.session_id == session_id).order_by(notes.c.id))
    return tuple(_note(row) for row in rows.mappings())


def _note(row: RowMapping) -> Note:
    return Note(row["id"], row["name"], row["text"], row["at"], row["transfer_id"])
