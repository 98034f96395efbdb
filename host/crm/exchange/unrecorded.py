"""Work without an intent in the database: a request of a page through the proxy."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from host.clock import Clock
from host.crm.intents.intents import Intent
from host.crm.intents.leased_intent import LeasedIntent
from host.crm.intents.step_input import LookUp
from host.crm.intents.step_result import StepResult
from host.crm.intents.trace import Secrets, TraceRow
from host.db.engine import Database
from host.sessions.model import CrmId


@dataclass
class Unrecorded(LeasedIntent):
    """Has the interface of a leased intent, but stores nothing and has no lease."""

    @classmethod
    def begin(cls, database: Database, clock: Clock, marker: str | None) -> "Unrecorded":
        """Begin work for one request.

        Args:
            database: Not written.
            clock: The time.
            marker: The page's own key; None: a new one.
        """
        return cls(database, clock, Secrets(), _intent(clock.now(), marker or ""))

    def finish(self) -> None:
        """Discard everything."""

    def ensure_lease(self) -> None:
        """Do nothing: there is no lease."""

    def renew(self) -> None:
        """Do nothing: there is no lease."""

    def before_send(self, seen_ids: Sequence[CrmId] | None) -> None:
        """Remember in memory that a request is sent."""
        self.intent = replace(self.intent, state="sending", seen_ids=seen_ids)

    def record_progress(self, result: StepResult) -> None:
        """Remember in memory that a part is done."""
        self.intent = replace(self.intent, state="due", result=result)

    def trace(self, row: TraceRow) -> None:
        """Discard the row: there is no session to trace."""


def _intent(now: datetime, marker: str) -> Intent:
    return Intent(
        id=0,
        session_id=0,
        step="page",
        occurrence="",
        crm_key=None,
        marker=marker,
        state="due",
        due_at=now,
        tries=0,
        lease_owner=None,
        lease_until=None,
        begun=0,
        sent_at=None,
        seen_ids=None,
        result=StepResult(),
        error=None,
        input=LookUp(),
        created_at=now,
    )
