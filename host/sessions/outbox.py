"""The ports through which sessions trigger what isn't theirs: work in the CRM, and routing."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from host.sessions.model import Session


class Outbox(Protocol):
    """What must follow from a change, written in the change's own transaction."""

    def on_created(self, connection: Connection, session: Session) -> None:
        """A session has begun: its account and record are due."""
        ...

    def on_offered(self, connection: Connection, session: Session) -> None:
        """It is offered to an agent."""
        ...

    def on_connected(self, connection: Connection, session: Session) -> None:
        """An agent has taken it: what is known pops."""
        ...

    def on_ended(self, connection: Connection, session: Session) -> None:
        """It has ended."""
        ...

    def start_now(self, session_id: int) -> None:
        """The transaction is through: start on what it made due, without waiting for the worker."""
        ...


Route = Callable[[Connection, datetime], None]
"""Offers what waits to the agents who are free."""

ROUTING = "routing"
"""Whoever is going to route takes this turn first of all (`advisory_lock`): taken late, it would lead to deadlocks."""
