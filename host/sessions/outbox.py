"""The ports of sessions: interfaces through which they trigger work in the CRM, and routing."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

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

    def on_connected(self, connection: Connection, session: Session) -> None:
        """Handle an answer: an agent has taken the session."""
        ...

    def on_ended(self, connection: Connection, session: Session) -> None:
        """Handle the end of a session."""
        ...

    def start_now(self, session_id: int) -> None:
        """Start the work that a committed transaction has planned, without waiting for the worker."""
        ...


Route = Callable[[Connection, datetime], None]
"""Offers waiting chats to free agents."""

ROUTING = "routing"
"""The lock of routing (`advisory_lock`). Take it first in a transaction: taken later, it leads to deadlocks."""
