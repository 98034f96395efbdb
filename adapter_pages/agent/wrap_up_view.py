"""Reads an agent's unfinished wrap-up of a session: how their part ended, what they can choose, what they have entered.

Source: docs/reference/sessions.md, Wrap-up.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from adapter_pages.agent import minutes
from host.db.tables import participants as rows
from host.queues import tree
from host.sessions import participants, repository, transfer_rows, wrap_up
from host.sessions.model import Session
from host.sessions.wrap_up import WrapUp
from host.users import directory


@dataclass(frozen=True)
class Ending:
    """How the agent's part of a session ended, as a sentence with a name in it."""

    before: str
    name: str
    """Somebody's; it may be empty."""
    after: str
    length: timedelta
    """Of the agent's part."""

    @property
    def words(self) -> str:
        """`Felix Leiter ended the chat`."""
        return f"{self.before}{self.name}{self.after}"

    @property
    def minutes(self) -> str:
        """`4:12`."""
        return minutes.words(self.length)


@dataclass(frozen=True)
class WrapUpView:
    """What the form shows."""

    session_id: int
    started_at: datetime
    ends_at: datetime
    ending: Ending
    dispositions: tuple[str, ...]
    disposition: str
    notes: str

    @property
    def minutes(self) -> str:
        """How long the agent has in all: `1:00`."""
        return minutes.words(self.ends_at - self.started_at)


def sessions_of(connection: Connection, agent_id: int, channel: str) -> dict[int, WrapUp]:
    """Return the agent's unfinished wrap-ups of calls or of chats, by session id, oldest first."""
    return {each.session_id: each for each in wrap_up.open_of_agent(connection, agent_id, channel)}


def read(connection: Connection, session: Session, found: WrapUp) -> WrapUpView:
    """Read what the form of a wrap-up shows."""
    return WrapUpView(
        session_id=session.id,
        started_at=found.started_at,
        ends_at=found.ends_at,
        ending=_ending(connection, session, found),
        dispositions=wrap_up.settings_of(connection, session).dispositions,
        disposition=found.disposition or "",
        notes=found.notes or "",
    )


def _ending(connection: Connection, session: Session, found: WrapUp) -> Ending:
    mine = (rows.c.session_id == session.id) & (rows.c.user_id == found.agent_id) & rows.c.connected_at.is_not(None)
    parts = participants.where(connection, mine)
    begun_at = parts[-1].connected_at if parts else session.connected_at
    length = found.started_at - (begun_at or found.started_at)
    before, name, after = _words(connection, session, found)
    return Ending(before, name, after, max(length, timedelta()))


def _words(connection: Connection, session: Session, found: WrapUp) -> tuple[str, str, str]:
    if session.ends_at != found.started_at:
        to = _transferred_to(connection, session.id, found.agent_id)
        return ("Transferred to ", to, "") if to else (f"You left the {session.channel}", "", "")
    if session.disconnected_by == "end_user":
        return "", repository.end_user(connection, session.end_user_id).label, f" ended the {session.channel}"
    if session.disconnected_by == "agent":
        return _by_agent(connection, session, found.agent_id)
    return f"The {session.channel} was ended", "", ""


def _by_agent(connection: Connection, session: Session, agent_id: int) -> tuple[str, str, str]:
    if session.agent_id in {agent_id, None}:
        return f"You ended the {session.channel}", "", ""
    return "", _name(connection, session.agent_id), f" ended the {session.channel}"


def _transferred_to(connection: Connection, session_id: int, agent_id: int) -> str:
    """Return the agent or queue that the agent transferred the session to last; empty if they didn't."""
    every = transfer_rows.of_sessions(connection, [session_id])[session_id]
    made = [each for each in every if each.from_agent_id == agent_id and each.status in {"pending", "finished"}]
    if not made:
        return ""
    queue = tree.by_id(connection, made[-1].to_queue_id) if made[-1].to_queue_id is not None else None
    return tree.path_text(queue) if queue else _name(connection, made[-1].to_agent_id)


def _name(connection: Connection, agent_id: int | None) -> str:
    user = directory.by_id(connection, agent_id) if agent_id is not None else None
    return user.name if user else "Another agent"
