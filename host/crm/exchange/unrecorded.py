"""Work that nobody writes down: one request of a page, whose answer goes to the page."""

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
    """Looks like the work of a session to what sends requests; keeps nothing and loses no lease."""

    @classmethod
    def begin(cls, database: Database, clock: Clock, marker: str | None) -> "Unrecorded":
        """Begin one.

        Args:
            database: Nothing is written into it.
            clock: The time.
            marker: The page's own key, or a new one.
        """
        return cls(database, clock, Secrets(), _intent(clock.now(), marker or ""))

    def finish(self) -> None:
        """Forget what was noted."""

    def ensure_lease(self) -> None:
        """There is no lease."""

    def renew(self) -> None:
        """There is no lease."""

    def before_send(self, seen_ids: Sequence[CrmId] | None) -> None:
        """Remember, as long as the page waits, that something has left."""
        self.intent = replace(self.intent, state="sending", seen_ids=seen_ids)

    def record_progress(self, result: StepResult) -> None:
        """Remember, as long as the page waits, that a part is done."""
        self.intent = replace(self.intent, state="due", result=result)

    def trace(self, row: TraceRow) -> None:
        """There is no session whose trace it would be."""


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
