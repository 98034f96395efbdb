"""Snapshot of a session at an event, so that a late comment or update reports the facts of that time.

Source: docs/reference/generic-api.md, After a call or chat.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from host.sessions.model import Session


@dataclass(frozen=True)
class Snapshot:
    """An event of a session, with the facts of that time."""

    event: str
    """`{EVENT}`: start, connected, end, custom_data, ..."""
    at: datetime
    status: str
    """The session's status at the event."""
    agent_id: int | None = None
    """The agent of the session at the event."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """Data that is stored nowhere else: ids, a disposition's code."""

    def as_json(self) -> dict[str, Any]:
        """Return the JSON that is stored with an intent."""
        stored = {"event": self.event, "at": self.at.isoformat(), "status": self.status, "agent_id": self.agent_id}
        return {**stored, "details": dict(self.details)} if self.details else stored

    def apply_to(self, session: Session) -> Session:
        """Return the session as it was at the event."""
        return replace(
            session,
            status=self.status,
            agent_id=self.agent_id,
            connected_at=self._unless_later(session.connected_at),
            ends_at=self._unless_later(session.ends_at),
            disconnected_by=session.disconnected_by if self._unless_later(session.ends_at) else None,
        )

    def _unless_later(self, at: datetime | None) -> datetime | None:
        return at if at is not None and at <= self.at else None


def snapshot_of(session: Session, event: str, at: datetime, details: Mapping[str, Any] | None = None) -> Snapshot:
    """Return a snapshot of a session."""
    return Snapshot(event, at, session.status, session.agent_id, details or {})


def read(stored: Mapping[str, Any]) -> Snapshot:
    """Return the snapshot that is stored with an intent.

    Raises:
        KeyError: The intent has no snapshot.
        ValueError: The time is malformed.
    """
    at = datetime.fromisoformat(stored["at"])
    return Snapshot(stored["event"], at, stored["status"], stored.get("agent_id"), dict(stored.get("details", {})))
