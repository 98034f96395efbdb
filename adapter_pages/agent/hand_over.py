"""Reads what comes with a transferred session, for the agent who is offered it: who, why, what was said last.

Source: docs/reference/sessions.md, Transfers.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from host.sessions import messages, notes, transfer_rows
from host.sessions.model import Session
from host.sessions.notes import Note
from host.users import directory

LINES = 3
LOOKED_AT = 12
"""Messages among which the lines are; those of the system don't count."""
SHORT = 200
"""Characters of a line that are shown."""


@dataclass(frozen=True)
class Line:
    """One of the last messages."""

    author: str
    text: str


@dataclass(frozen=True)
class HandOver:
    """What the next agent sees before they accept."""

    agent: str
    """Who transfers it; empty if the system does."""
    why: str
    """Their note; may be empty."""
    lines: tuple[Line, ...]
    """The last messages, oldest first."""
    notes: tuple[Note, ...]
    """The other notes."""
    times: int
    """How often the session has been transferred, this time too."""

    @property
    def times_words(self) -> str:
        """`Transferred for the first time`."""
        return "Transferred for the first time" if self.times == 1 else f"Transferred {self.times} times"


def read(connection: Connection, session: Session, caller: str) -> HandOver | None:
    """Return what comes with the session; None if it isn't being transferred.

    Args:
        caller: The consumer's name.
    """
    every = transfer_rows.of_sessions(connection, [session.id])[session.id]
    pending = next((each for each in reversed(every) if each.status == "pending"), None)
    if pending is None:
        return None
    agent = directory.by_id(connection, pending.from_agent_id) if pending.from_agent_id is not None else None
    written = notes.of_session(connection, session.id)
    return HandOver(
        agent=agent.name if agent else "",
        why=next((each.text for each in written if each.transfer_id == pending.id), ""),
        lines=_lines(connection, session, caller),
        notes=tuple(each for each in written if each.transfer_id != pending.id),
        times=len([each for each in every if each.status in {"pending", "finished"}]),
    )


def _lines(connection: Connection, session: Session, caller: str) -> tuple[Line, ...]:
    if session.channel != "chat":
        return ()
    found = [each for each in messages.page(connection, session.id, LOOKED_AT) if each.sender != "system"][-LINES:]
    agents = directory.by_ids(connection, {each.user_id for each in found if each.user_id is not None})
    names = {user_id: agent.name for user_id, agent in agents.items()}
    authors = (names.get(each.user_id or 0, "Agent") if each.sender == "agent" else caller for each in found)
    return tuple(Line(author, _short(each.text)) for author, each in zip(authors, found, strict=True))


def _short(text: str) -> str:
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"
