"""The history of sessions: participants, transfers, wrap-ups and facts of the journal, with one query each for many.

`stays` and `offers` read the journal's facts of one session: how long it waited in which queue, and to whom it was
offered.

Source: docs/reference/files.md, Lists in the metadata.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from host.events import journal
from host.events.journal import Entry
from host.sessions import durations, participants, smart_actions, transfer_rows, wrap_up
from host.sessions.model import Session
from host.sessions.participants import Participant
from host.sessions.smart_actions import Report
from host.sessions.transfer_rows import Transfer
from host.sessions.wrap_up import WrapUp

WAITS = ("queued", "requeued")
TAKEN = {"call": ("answered", "dialled"), "chat": ("connected",)}
"""The facts by which an agent takes a waiting session."""
OVER = ("ended", "voicemail")
INVITATIONS = {"participant_connected": "accepted", "participant_failed": "canceled"}
"""How an invitation ends, by the fact; a `reason` in the fact says more."""
RESULTS = frozenset({"accepted", "declined", "missed", "unseen", "unresponsive", "canceled"})
MOVES = ("transfer_started", "transferred", "reassigned")
"""The facts that may change a session's queue."""
CONSUMER_FACTS = ("selecting", "dismissed", "resumed")
"""The facts that begin or end a time in which nobody is there for the consumer, besides the others."""
OFFERS = ("assigned", "offer_ended", "invited", *INVITATIONS)
FACTS = (*WAITS, *MOVES, *CONSUMER_FACTS, "answered", "dialled", "connected", *OVER, *OFFERS)


@dataclass(frozen=True)
class History:
    """What has happened to one session, in order."""

    facts: Sequence[Entry] = ()
    participants: Sequence[Participant] = ()
    transfers: Sequence[Transfer] = ()
    wrap_ups: Sequence[WrapUp] = ()
    smart_actions: Sequence[Report] = ()


@dataclass(frozen=True)
class Stay:
    """One wait of a session in a queue."""

    id: int
    queue_id: int | None
    started_at: datetime
    ended_at: datetime | None = None
    agent_id: int | None = None
    """The agent who took it from the queue."""
    transfer_id: int | None = None
    """The transfer that brought it into the queue."""


@dataclass(frozen=True)
class Offer:
    """One offer of a session to an agent, or one invitation."""

    id: int
    agent_id: int | None
    at: datetime
    ended_at: datetime | None = None
    result: str | None = None
    """`accepted`, `declined`, `missed`, `unseen`, `unresponsive`, `canceled`; None: it still rings."""
    participant_id: int | None = None
    """Of an invitation."""


def of_sessions(connection: Connection, session_ids: Collection[int]) -> Mapping[int, History]:
    """Return the history of several sessions, by id."""
    facts = journal.facts(connection, session_ids, (*FACTS, *durations.HOLDS))
    people = participants.of_sessions(connection, session_ids)
    moves = transfer_rows.of_sessions(connection, session_ids)
    notes = wrap_up.of_sessions(connection, session_ids)
    asked = smart_actions.of_sessions(connection, session_ids)
    return {each: History(facts[each], people[each], moves[each], notes[each], asked[each]) for each in session_ids}


def stays(session: Session, history: History) -> list[Stay]:
    """Return when the session waited in which queue; a call that an agent dials has not waited."""
    transfers = {each.id: each for each in history.transfers}
    queue_id = _first_queue(session, history.facts, transfers)
    found: list[Stay] = []
    for entry in history.facts:
        is_open = bool(found) and found[-1].ended_at is None
        if entry.name in WAITS:
            transfer = transfers.get(entry.data.get("transfer_id", 0))
            queue_id = (transfer.to_queue_id if transfer else None) or queue_id
            found.append(Stay(entry.id, queue_id, entry.at, transfer_id=transfer.id if transfer else None))
        elif entry.name == "transferred":
            transfer = transfers.get(entry.data["transfer_id"])
            queue_id = (transfer.to_queue_id if transfer else None) or queue_id
        elif entry.name == "reassigned" and entry.data["to"] == "queue":
            queue_id = entry.data["id"]
            found[-1:] = [replace(each, queue_id=queue_id) for each in found[-1:]]
        elif is_open and entry.name in TAKEN[session.channel]:
            found[-1] = replace(found[-1], ended_at=entry.at, agent_id=entry.agent_id)
        elif is_open and entry.name in OVER:
            found[-1] = replace(found[-1], ended_at=entry.at)
    is_dialled = any(entry.name == "dialled" for entry in history.facts)
    return found[1:] if is_dialled else found


def _first_queue(session: Session, facts: Sequence[Entry], transfers: Mapping[int, Transfer]) -> int | None:
    """Return the queue that the session was in before anything changed it."""
    for entry in facts:
        if entry.name == "reassigned":
            return entry.data.get("from_queue_id")
        if entry.name == "transfer_started" and entry.data["transfer_id"] in transfers:
            return transfers[entry.data["transfer_id"]].from_queue_id
    return session.queue_id


def offers(session: Session, history: History) -> list[Offer]:
    """Return to whom the session was offered, and who was invited, with what came of it."""
    found: list[Offer] = []
    for entry in history.facts:
        if entry.name in {"assigned", "invited"}:
            found.append(Offer(entry.id, entry.agent_id, entry.at, participant_id=entry.data.get("participant_id")))
            continue
        result, participant_id = _ends(session, entry)
        for place, offer in enumerate(found):
            is_meant = entry.name in OVER or offer.participant_id == participant_id
            if result is not None and offer.ended_at is None and is_meant:
                found[place] = replace(offer, ended_at=entry.at, result=result)
    return found


def _ends(session: Session, entry: Entry) -> tuple[str | None, int | None]:
    """Return what came of an offer by this fact, and the participant if it was an invitation; None if it ends none."""
    if entry.name in INVITATIONS:
        reason = entry.data.get("reason")
        return (reason if reason in RESULTS else INVITATIONS[entry.name]), entry.data["participant_id"]
    if entry.name in TAKEN[session.channel]:
        return "accepted", None
    if entry.name == "offer_ended":
        return (entry.data["reason"] if entry.data["reason"] in RESULTS else "canceled"), None
    return ("canceled" if entry.name in OVER else None), None
