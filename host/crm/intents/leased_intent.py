"""A leased intent: renews the lease, also during one long request; buffers trace rows and writes the state."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from host.clock import Clock
from host.crm.intents import intents, trace
from host.crm.intents.intents import RENEW_BEFORE, Intent, LostLeaseError
from host.crm.intents.step_result import StepResult
from host.crm.intents.trace import Secrets, TraceRow
from host.db.engine import Database
from host.sessions.model import CrmId

EVERY_S = 4.0
"""Between renewals during a long request: an upload may take minutes, `intents.LEASE` is seconds."""

log = logging.getLogger(__name__)


class ClosingError(Exception):
    """The process is shutting down; no further request is sent."""


class CrmChangedError(Exception):
    """The settings now name another CRM than the one that the work is planned for."""


@dataclass
class LeasedIntent:
    """An intent that a runner works on; every method fails once the lease is lost.

    Raises:
        LostLeaseError: From `ensure_lease` and `before_send`: stop, another runner has the intent.
        ClosingError: From both: stop, nothing was sent.
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
        """Open a transaction that writes the buffered trace rows, and the changes of the block."""
        rows = tuple(self._rows)
        with self.database.write() as connection:
            for row in rows:
                trace.write(connection, self.intent.session_id, row, self.secrets)
            yield connection
        del self._rows[: len(rows)]  # more rows may have been added meanwhile

    def finish(self) -> None:
        """Write the trace rows that are still buffered."""
        if self._rows:
            with self.writing():
                pass

    def ensure_lease(self) -> None:
        """Ensure that the lease lasts for one more request."""
        if self.is_closing() and self.intent.state != "sending":
            raise ClosingError
        until = self.intent.lease_until
        if until is not None and until - self.now < RENEW_BEFORE:
            self.renew()

    def renew(self) -> None:
        """Renew the lease."""
        with self.writing() as connection:
            self.intent = intents.renew(connection, self.intent, self.now)

    def before_send(self, seen_ids: Sequence[CrmId] | None) -> None:
        """Commit that a create is about to be sent."""
        if self.is_closing():
            raise ClosingError
        with self.writing() as connection:
            self.intent = intents.before_send(connection, self.intent, self.now, seen_ids=seen_ids)

    def record_progress(self, result: StepResult) -> None:
        """Commit that a part is done."""
        with self.writing() as connection:
            self.intent = intents.record_progress(connection, self.intent, self.now, result)

    def release(self) -> None:
        """Release the lease, so that another runner can continue at once."""
        with self.writing() as connection:
            intents.release(connection, self.intent, self.now)

    def clear_sent(self) -> None:
        """Record that the sent create has certainly done nothing."""
        self.intent = replace(self.intent, state="due")

    def trace(self, row: TraceRow) -> None:
        """Buffer a call or a decision for the next transaction, since every commit waits for the disk."""
        self._rows.append(row)

    def trace_decision(self, endpoint: str, decision: str) -> None:
        """Buffer a decision without a call."""
        self.trace(TraceRow(self.now, endpoint, decision))


@contextmanager
def keep_lease(work: LeasedIntent, *, needed: bool, every_s: float = EVERY_S) -> Iterator[None]:
    """Renew the lease regularly until the block ends; the stall limit bounds the request itself.

    Args:
        work: Not used by another thread meanwhile, since its own thread waits for the CRM.
        needed: False: the request is short, and no renewal is needed.
        every_s: The interval.
    """
    if not needed:
        yield
        return
    over = threading.Event()
    thread = threading.Thread(target=_renew, args=(work, over, every_s), name="crm-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _renew(work: LeasedIntent, over: threading.Event, every_s: float) -> None:
    while not over.wait(every_s):
        try:
            work.renew()
        except LostLeaseError:
            return  # the thread that waits for the answer notices it itself
        except SQLAlchemyError:
            log.warning("the lease of a long upload could not be renewed; trying again")
