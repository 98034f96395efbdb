"""Durations of a session, calculated from its stored times and the journal; nothing is counted.

Source: docs/reference/sessions.md, Durations.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from host.events import journal
from host.events.journal import Entry
from host.sessions.model import Session

SECOND = timedelta(seconds=1)
NOTHING = timedelta(0)
HOLDS = ("held", "unheld")
"""The facts between which somebody is on hold."""


@dataclass(frozen=True)
class Span:
    """A time from one moment to another."""

    started_at: datetime
    ended_at: datetime | None
    """None: it goes on."""

    def length(self, until: datetime) -> timedelta:
        """Return its length, as far as it lies before `until`."""
        return max(NOTHING, min(self.ended_at or until, until) - self.started_at)

    def within(self, other: "Span") -> "Span":
        """Return the part that lies in another span."""
        ends = [at for at in (self.ended_at, other.ended_at) if at is not None]
        return Span(max(self.started_at, other.started_at), min(ends) if ends else None)


def wait(session: Session, now: datetime) -> timedelta | None:
    """Return how long the consumer has waited for their first agent, until now at most; None before the queue."""
    if session.queued_at is None:
        return None
    return (session.connected_at or session.ends_at or now) - session.queued_at


def talk(session: Session, now: datetime) -> timedelta | None:
    """Return how long it is since the consumer's first agent, until the end or now; None if there was none."""
    if session.connected_at is None:
        return None
    return (session.ends_at or now) - session.connected_at


def hold(session: Session, entries: Iterable[Entry], now: datetime) -> timedelta | None:
    """Return how long the consumer of a call was on hold; None for a chat, and for a call without an agent.

    Args:
        entries: The session's facts `HOLDS`, in order; those after `now` don't count.
    """
    if session.channel != "call" or session.connected_at is None:
        return None
    until = session.ends_at or now
    return total([span for spans in holds(entries).values() for span in spans], min(until, now))


def holds(entries: Iterable[Entry]) -> Mapping[int, Sequence[Span]]:
    """Return when the participants of one session were on hold, by participant id.

    Args:
        entries: The session's facts in order; others than `HOLDS` are passed over.
    """
    found: dict[int, list[Span]] = {}
    for entry in entries:
        if entry.name not in HOLDS:
            continue
        mine = found.setdefault(entry.data["participant_id"], [])
        is_on_hold = bool(mine) and mine[-1].ended_at is None
        if entry.name == "held" and not is_on_hold:
            mine.append(Span(entry.at, None))
        elif entry.name == "unheld" and is_on_hold:
            mine[-1] = Span(mine[-1].started_at, entry.at)
    return found


def hold_facts(connection: Connection, session_ids: Collection[int]) -> dict[int, list[Entry]]:
    """Return the facts `HOLDS` of several sessions, by session id."""
    return journal.facts(connection, session_ids, HOLDS)


def total(spans: Iterable[Span], until: datetime) -> timedelta:
    """Return the length of all spans together, as far as they lie before `until`."""
    return sum((span.length(until) for span in spans), NOTHING)


def seconds(length: timedelta | None) -> int | None:
    """Return whole seconds, as events and files need them."""
    return None if length is None else length // SECOND
