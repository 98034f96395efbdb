"""The moment that a comment or an update is about: its facts are told as they were then, however late it is sent.

Source: docs/reference/generic-api.md, After a call or chat.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from host.sessions.model import Session


@dataclass(frozen=True)
class Moment:
    """Something that has happened in a session."""

    event: str
    """`{EVENT}`: start, connected, end, custom_data, ..."""
    at: datetime
    status: str
    """The session's, then."""
    agent_id: int | None = None
    """Who had it, then."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """What is written down nowhere else: ids, a disposition's code."""

    def as_json(self) -> dict[str, Any]:
        """Return it as an intent keeps it."""
        kept = {"event": self.event, "at": self.at.isoformat(), "status": self.status, "agent_id": self.agent_id}
        return {**kept, "details": dict(self.details)} if self.details else kept

    def seen(self, session: Session) -> Session:
        """Return the session as it was at this moment."""
        return replace(
            session,
            status=self.status,
            agent_id=self.agent_id,
            connected_at=self._if_past(session.connected_at),
            ends_at=self._if_past(session.ends_at),
            disconnected_by=session.disconnected_by if self._if_past(session.ends_at) else None,
        )

    def _if_past(self, at: datetime | None) -> datetime | None:
        return at if at is not None and at <= self.at else None


def moment_of(session: Session, event: str, at: datetime, details: Mapping[str, Any] | None = None) -> Moment:
    """Return this moment of a session."""
    return Moment(event, at, session.status, session.agent_id, details or {})


def read(kept: Mapping[str, Any]) -> Moment:
    """Return the moment that an intent keeps.

    Raises:
        KeyError: It keeps none.
        ValueError: Its time is none.
    """
    at = datetime.fromisoformat(kept["at"])
    return Moment(kept["event"], at, kept["status"], kept.get("agent_id"), dict(kept.get("details", {})))
