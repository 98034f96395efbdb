"""Says how a waiting session stands: its place in the queue, how long others waited, whether anybody is at work.

Source: docs/reference/sessions.md, What waiting consumers read.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import Connection, func, select

from host.db.tables import sessions
from host.routing.free_agents import FreeAgents
from host.sessions import durations, repository
from host.sessions.model import Session

LATELY = timedelta(hours=2)
MOST = 20
"""Waits that count, the newest ones."""
WAITING = ("queued", "assigned", "requeued")


@dataclass(frozen=True)
class Outlook:
    """How a waiting session stands."""

    place: int
    """1: it is next."""
    usual_wait: timedelta | None
    """The median of the waits in its queue lately; None: nobody was answered lately."""
    is_anybody_there: bool
    """Whether an agent of the queue is at work, with an adapter open."""


def of_session(connection: Connection, session: Session, now: datetime) -> Outlook:
    """Return how a waiting session stands."""
    same = (sessions.c.queue_id.is_not_distinct_from(session.queue_id)) & (sessions.c.channel == session.channel)
    before = same & sessions.c.status.in_(WAITING) & (sessions.c.id < session.id)
    place = 1 + int(connection.execute(select(func.count()).select_from(sessions).where(before)).scalar_one())
    answered = same & (sessions.c.connected_at > now - LATELY)
    newest = repository.page(connection, answered, [sessions.c.connected_at.desc()], offset=0, limit=MOST)
    waits = [wait.total_seconds() for each in newest if (wait := durations.wait(each, now)) is not None]
    agents = FreeAgents(connection, session.channel, [session.queue_id], now)
    return Outlook(place, timedelta(seconds=median(waits)) if waits else None, agents.are_at_work)
