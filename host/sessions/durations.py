"""Durations of a session, calculated from its stored times.

Source: docs/reference/sessions.md, Durations.
"""

from datetime import datetime, timedelta

from host.sessions.model import Session

SECOND = timedelta(seconds=1)


def wait(session: Session, now: datetime) -> timedelta | None:
    """Return how long the consumer has waited for an agent, until now at most; None before the queue."""
    if session.queued_at is None:
        return None
    return (session.connected_at or session.ends_at or now) - session.queued_at


def talk(session: Session, now: datetime) -> timedelta | None:
    """Return how long consumer and agent have been connected, until now at most; None if never."""
    if session.connected_at is None:
        return None
    return (session.ends_at or now) - session.connected_at


def seconds(length: timedelta | None) -> int | None:
    """Return whole seconds, as events and files need them."""
    return None if length is None else length // SECOND
