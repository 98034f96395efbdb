"""One runner's hold on one intent: its lease, its trace, its place in the database."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from host.clock import Clock
from host.crm.intents import intents, trace
from host.crm.intents.intents import RENEW_BEFORE, Intent
from host.crm.intents.step_result import StepResult
from host.crm.intents.trace import Secrets, TraceRow
from host.db.engine import Database
from host.sessions.model import CrmId


class ClosingError(Exception):
    """The process is about to end: no further request is begun."""


class CrmChangedError(Exception):
    """The settings name another CRM by now than the one that the work is planned for."""


@dataclass
class LeasedIntent:
    """An intent that is being worked on; every method fails once the lease is lost.

    Raises:
        LostLeaseError: From `keep` and `before_send`: stop, another runner goes on.
        ClosingError: From both, too: stop, nothing has left.
    """

    database: Database
    clock: Clock
    secrets: Secrets
    intent: Intent
    is_closing: Callable[[], bool] = lambda: False
    _rows: list[TraceRow] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """The time."""
        return self.clock.now()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that writes the trace rows there are, and what its user adds."""
        rows = tuple(self._rows)
        with self.database.write() as connection:
            for row in rows:
                trace.write(connection, self.intent.session_id, row, self.secrets)
            yield connection
        del self._rows[: len(rows)]  # others may have come meanwhile

    def finish(self) -> None:
        """Write the trace rows that no transaction took along."""
        if self._rows:
            with self.writing():
                pass

    def ensure_lease(self) -> None:
        """Make sure that the lease lasts for one more request."""
        if self.is_closing() and self.intent.state != "sending":
            raise ClosingError
        until = self.intent.lease_until
        if until is not None and until - self.now < RENEW_BEFORE:
            self.renew()

    def renew(self) -> None:
        """Begin the lease anew."""
        with self.writing() as connection:
            self.intent = intents.renew(connection, self.intent, self.now)

    def before_send(self, seen_ids: Sequence[CrmId] | None) -> None:
        """Write down, durably, that a create is about to leave."""
        if self.is_closing():
            raise ClosingError
        with self.writing() as connection:
            self.intent = intents.before_send(connection, self.intent, self.now, seen_ids=seen_ids)

    def record_progress(self, result: StepResult) -> None:
        """Write down, durably, that a part is done."""
        with self.writing() as connection:
            self.intent = intents.record_progress(connection, self.intent, self.now, result)

    def give_back(self) -> None:
        """Let another runner go on at once."""
        with self.writing() as connection:
            intents.give_back(connection, self.intent, self.now)

    def clear_sent(self) -> None:
        """Note that the create that left has surely done nothing."""
        self.intent = replace(self.intent, state="due")

    def trace(self, row: TraceRow) -> None:
        """Write down a call or a decision, with the next transaction: each one costs a wait for the disk."""
        self._rows.append(row)

    def trace_decision(self, endpoint: str, decision: str) -> None:
        """Write down a decision that no call led to."""
        self.trace(TraceRow(self.now, endpoint, decision))
