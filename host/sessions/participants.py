"""The participants of calls and chats: who takes part, who is invited, who is on hold.

An agent who is invited (warm transfer, added party) is a participant before they answer. The offer of a waiting session
is not a participant: it stands in the session's row.

Source: docs/reference/sessions.md, Participants.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, select, update

from host.db.tables import participants
from host.errors import NotFoundError
from host.events import journal
from host.sessions.lifecycle import next_status
from host.sessions.model import Session

TYPES = ("end_user", "agent", "manager", "virtual_agent", "task_virtual_agent", "external_agent", "system")
AGENTS = ("agent", "manager")
"""Types of people who have an adapter."""
PRESENT = ("connecting", "connected")
OPEN = ("invited", *PRESENT)
ON_HOLD = "on_hold"


@dataclass(frozen=True)
class Participant:
    """One participant of a session."""

    id: int
    session_id: int
    type: str
    """One of `TYPES`."""
    user_id: int | None
    end_user_id: int | None
    phone_number: str | None
    name: str | None
    """Of virtual and external agents."""
    external_id: str | None
    status: str
    """`invited`, `connecting`, `connected`, `finished`, `failed`."""
    sub_status: str | None
    """`on_hold` or None."""
    is_muted: bool
    purpose: str
    """`session`, `transfer`, `party`, `monitor`."""
    invited_by: int | None
    offer_ends_at: datetime | None
    created_at: datetime
    connected_at: datetime | None
    ended_at: datetime | None
    fail_reason: str
    adapter_fail_code: str | None
    adapter_fail_message: str | None

    @property
    def is_on_hold(self) -> bool:
        """Whether they wait and hear nobody."""
        return self.sub_status == ON_HOLD


def add(connection: Connection, session_id: int, type: str, *, now: datetime, **values: Any) -> Participant:
    """Add a participant.

    Args:
        type: One of `TYPES`.
        values: Further columns; `status` is `connected` unless given.
    """
    row = {"status": "connected", **values}
    if row["status"] == "connected":
        row.setdefault("connected_at", now)
    statement = participants.insert().values(session_id=session_id, type=type, created_at=now, **row)
    return _participant(connection.execute(statement.returning(participants)).mappings().one())


def move(
    connection: Connection,
    participant: Participant,
    action: str,
    *,
    now: datetime,
    reason: str | None = None,
    **changes: Any,
) -> None:
    """Apply an action of the machine `PARTICIPANT`, and write the journal row.

    Args:
        reason: Why an invitation ends, such as `declined`; for the journal.
        changes: Further columns to set.

    Raises:
        TransitionError: The participant's status doesn't allow it.
    """
    step = next_status("participant", action, participant.status)
    values = {"status": step.target, **changes}
    if step.target == "connected":
        values |= {"connected_at": now, "offer_ends_at": None}
    else:
        values |= {"ended_at": now, "offer_ends_at": None, "sub_status": None}
    set_values(connection, participant.id, **values)
    facts = {"participant_id": participant.id, "from": participant.status, "to": step.target}
    facts |= {"reason": reason} if reason else {}
    journal.append(connection, step.fact, now=now, session_id=participant.session_id, data=facts)


def set_values(connection: Connection, participant_id: int, **values: Any) -> None:
    """Set columns of a participant."""
    connection.execute(update(participants).where(participants.c.id == participant_id).values(**values))


def end_all(connection: Connection, session: Session, everybody: Sequence[Participant], now: datetime) -> None:
    """End everybody's part in a session that has ended."""
    for each in everybody:
        if each.status in OPEN:
            reason = session.fail_reason if each.type == "end_user" else "nothing"
            move(connection, each, "leave" if each.status == "connected" else "fail", now=now, fail_reason=reason)


def of_session(connection: Connection, session_id: int) -> list[Participant]:
    """Return all participants of a session, in the order in which they came."""
    return where(connection, participants.c.session_id == session_id)


def of_sessions(connection: Connection, session_ids: Collection[int]) -> dict[int, list[Participant]]:
    """Return the participants of several sessions, by session id."""
    found: dict[int, list[Participant]] = {session_id: [] for session_id in session_ids}
    for each in where(connection, participants.c.session_id.in_(session_ids)) if session_ids else ():
        found[each.session_id].append(each)
    return found


def where(connection: Connection, condition: ColumnElement[bool]) -> list[Participant]:
    """Return the participants that match, in the order in which they came."""
    rows = connection.execute(select(participants).where(condition).order_by(participants.c.id))
    return [_participant(row) for row in rows.mappings()]


def by_id(connection: Connection, session_id: int, participant_id: int) -> Participant:
    """Return a participant of a session.

    Raises:
        NotFoundError: There is none.
    """
    mine = (participants.c.session_id == session_id) & (participants.c.id == participant_id)
    found = where(connection, mine)
    if not found:
        raise NotFoundError(f"There is no participant {participant_id} in session {session_id}.")
    return found[0]


def agent(connection: Connection, session_id: int, agent_id: int) -> Participant | None:
    """Return the open part of an agent in a session; None if they have none."""
    mine = (participants.c.session_id == session_id) & (participants.c.user_id == agent_id)
    found = where(connection, mine & participants.c.status.in_(OPEN))
    return found[-1] if found else None


def end_user(connection: Connection, session_id: int) -> Participant | None:
    """Return the consumer's part; None in sessions of earlier releases."""
    found = where(connection, (participants.c.session_id == session_id) & (participants.c.type == "end_user"))
    return found[0] if found else None


def present_agents(connection: Connection, session_id: int) -> list[int]:
    """Return the ids of the agents and managers who are in the session now."""
    here = (participants.c.session_id == session_id) & participants.c.type.in_(AGENTS)
    found = where(connection, here & participants.c.status.in_(PRESENT))
    return list(dict.fromkeys(each.user_id for each in found if each.user_id is not None))


def count_of_agent(connection: Connection, session_id: int, agent_id: int) -> int:
    """Return how often an agent has been a connected part of the session, now included."""
    mine = (participants.c.session_id == session_id) & (participants.c.user_id == agent_id)
    return len(where(connection, mine & participants.c.connected_at.is_not(None)))


def _participant(row: RowMapping) -> Participant:
    return Participant(**{name: row[name] for name in Participant.__dataclass_fields__})
