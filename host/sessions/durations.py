"""How long a session's parts took: derived from what is written down, never counted by a timer.

Source: docs/reference/sessions.md, Durations.
"""

from datetime import datetime, timedelta

from host.sessions.model import Session

SECOND = timedelta(seconds=1)


def wait(session: Session, now: datetime) -> timedelta | None:
    """Return how long the consumer waited for an agent, or has waited so far; None when not queued yet."""
    if session.queued_at is None:
        return None
    return (session.connected_at or session.ends_at or now) - session.queued_at


def talk(session: Session, now: datetime) -> timedelta | None:
    """Return how long consumer and agent were connected, or have been so far; None when they never were."""
    if session.connected_at is None:
        return None
    return (session.ends_at or now) - session.connected_at


def seconds(length: timedelta | None) -> int | None:
    """Return whole seconds, as the wire and the files have them."""
    return None if length is None else length // SECOND
