"""Lists what the same consumer did before, as far as this host knows: their last sessions that have ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from host.db.tables import sessions
from host.sessions import repository
from host.sessions.model import Session

MOST = 5
OUTCOMES = {
    "finished": "finished",
    "canceled": "left while waiting",
    "deflected": "queue was closed or full",
    "failed": "not answered",
    "voicemail_received": "voicemail",
    "voicemail_read": "voicemail",
}
"""How a session ended, by status."""


@dataclass(frozen=True)
class EarlierSession:
    """One session before."""

    at: datetime
    """When it was started."""
    channel: str
    """`Call`, `Chat`."""
    queue_path: str | None
    outcome: str


def before(connection: Connection, session: Session, queue_paths: Mapping[int, str]) -> tuple[EarlierSession, ...]:
    """Return the last sessions of the consumer before this one, the newest first.

    Args:
        queue_paths: `Developers / James` by queue id.
    """
    theirs = (sessions.c.end_user_id == session.end_user_id) & (sessions.c.id < session.id)
    newest = [sessions.c.id.desc()]
    found = repository.page(connection, theirs & sessions.c.ends_at.is_not(None), newest, offset=0, limit=MOST)
    return tuple(
        EarlierSession(
            at=each.created_at,
            channel=each.channel.capitalize(),
            queue_path=queue_paths.get(each.queue_id) if each.queue_id is not None else None,
            outcome=_outcome(each),
        )
        for each in found
    )


def _outcome(session: Session) -> str:
    if session.fail_reason == "no_response":
        return "ended, since they wrote nothing more"
    return OUTCOMES.get(session.status, session.status)
