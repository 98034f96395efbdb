"""The ports of sessions: interfaces through which they trigger work in the CRM, and routing."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection

from host.sessions.model import Session


class Outbox(Protocol):
    """Plans what follows from a change, in the transaction of the change."""

    def on_created(self, connection: Connection, session: Session) -> None:
        """Handle a new session: its account and record are due."""
        ...

    def on_offered(self, connection: Connection, session: Session) -> None:
        """Handle an offer to an agent."""
        ...

    def on_connected(self, connection: Connection, session: Session, agent_id: int) -> None:
        """Handle an answer: an agent has taken or joined the session."""
        ...

    def on_event(
        self,
        connection: Connection,
        session: Session,
        event: str,
        *,
        occurrence: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Handle an event that may make a comment or an update due in the CRM: `transfer`, `wrap_up`.

        Args:
            occurrence: `transfer:2`; empty for an event that occurs once.
            details: For the comment: facts that are stored nowhere else.
        """
        ...

    def on_ended(self, connection: Connection, session: Session) -> None:
        """Handle the end of a session."""
        ...

    def start_now(self, session_id: int) -> None:
        """Start the work that a committed transaction has planned, without waiting for the worker."""
        ...


Route = Callable[[Connection, datetime], None]
"""Offers waiting sessions to free agents."""

ROUTING = "routing"
"""The lock of routing (`advisory_lock`). Take it first in a transaction: taken later, it leads to deadlocks."""
