"""The runner of due steps: at once for a new session, and in sweeps for all others.

The intents hold all state that must survive a crash; a runner has none.

Source: docs/reference/generic-api.md, Flows; docs/reference/generic-api.md, Faults.
"""

import logging
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from ulid import ULID

from host.clock import Clock
from host.crm.auth.clients import ClientSource
from host.crm.exchange.exchange import Exchange
from host.crm.exchange.intent_client import secrets_of
from host.crm.intents import intents, leases
from host.crm.intents.intents import Intent, LostLeaseError
from host.crm.intents.leased_intent import ClosingError, CrmChangedError, LeasedIntent
from host.crm.intents.leases import lease
from host.crm.request.custom_fields import CustomFieldSource, no_fields
from host.crm.session_facts import crm_identity
from host.crm.session_facts.crm_identity import CrmIdentity
from host.crm.settings.crm import CrmSettings
from host.crm.steps.factory import Texts, open_step
from host.crm.steps.failures import keep_failure
from host.crm.steps.results import OnKnown
from host.db.engine import Database
from host.errors import ConfigError, CrmError, PoisonedStepError

MAX_CRASHES = 10
"""Give a step up after this many crashes without progress."""
MAX_THREADS = 16
"""Threads of one sweep; a hanging CRM holds each of them for one request."""

DATABASE_UNAVAILABLE = (InterfaceError, InternalError, OperationalError, PoolTimeoutError)
"""Errors of a database that is unavailable; its other errors are bugs, and reported to people."""

log = logging.getLogger(__name__)


class CrmRunner:
    """Runs intents; several runners in several processes may share a database."""

    def __init__(
        self,
        database: Database,
        settings: Callable[[], CrmSettings],
        clients: ClientSource,
        clock: Clock,
        on_known: OnKnown,
        *,
        texts: Texts = dict,
        files: Path = Path(),
        custom_fields: CustomFieldSource = no_fields,
    ) -> None:
        """Keep the dependencies.

        Args:
            database: Stores the intents.
            settings: Returns the current settings of the CRM.
            clients: Provides the client for them.
            clock: The time.
            on_known: Called in the transaction that stores an account or record.
            texts: Returns `{"product_name": ...}` for the variables.
            files: The base folder of upload paths.
            custom_fields: Says which fields custom data is mapped to.
        """
        self._database = database
        self._settings = settings
        self._clients = clients
        self._clock = clock
        self._on_known = on_known
        self._texts = texts
        self._files = files
        self._custom_fields = custom_fields
        self._pool = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="crm-runner")
        self._running: set[Future[int]] = set()
        self._lock = threading.Lock()
        self._is_closing = threading.Event()

    def run_session(self, session_id: int) -> int:
        """Run the due steps of one session, in order; return their number."""
        count = 0
        while taken := self._lease(session_id=session_id):
            count += self._run(taken[0])
        return count

    def carry_on(self, intent_id: int, owner: str) -> str:
        """Run one step that was leased for a durable job; after a crash the same job continues it.

        Args:
            intent_id: Of the step.
            owner: The owner of its lease.

        Returns:
            The step's state afterwards, or `passed on` when another runner has it.
        """
        with self._database.write() as connection:
            intent = leases.carry_on(connection, intent_id, owner, self._clock.now())
        if intent is None:
            return "passed on"
        following = self._run_one(intent) if intent.begun <= MAX_CRASHES else self._give_up(intent)
        with self._database.write() as connection:
            if following is not None:
                leases.release(connection, following)  # it gets a separate job
            return intents.by_id(connection, intent_id).state

    def sweep(self, *, wait: bool = True) -> int:
        """Run the due steps of all sessions in parallel; return how many were started.

        Args:
            wait: Whether to wait until they are done; without it a hanging CRM delays only its own steps.
        """
        taken = self._lease(limit=self._free_threads())
        started = [self._pool.submit(self._run, intent) for intent in taken]
        with self._lock:
            self._running |= set(started)
        if wait:
            for each in started:
                each.result()
        return len(started)

    def crm(self, connection: Connection) -> CrmIdentity:
        """Return the CRM that the settings name now; work for another CRM waits."""
        return crm_identity.current(connection, self._settings())

    def close(self) -> None:
        """Stop after the current requests; other runners can continue their steps at once."""
        self._is_closing.set()
        self._pool.shutdown(cancel_futures=True)

    def _free_threads(self) -> int:
        """Count the idle threads; a lease that waits for a thread would expire."""
        with self._lock:
            self._running = {each for each in self._running if not each.done()}
            return MAX_THREADS - len(self._running)

    def _lease(self, *, session_id: int | None = None, limit: int = 1) -> list[Intent]:
        if limit < 1 or self._is_closing.is_set():
            return []
        with self._database.read() as connection:  # most sweeps find nothing and need no write lock
            if not intents.any_due(connection, self._clock.now(), self.crm(connection), session_id=session_id):
                return []
        with self._database.write() as connection:
            crm = self.crm(connection)
            return lease(connection, str(ULID()), self._clock.now(), crm, session_id=session_id, limit=limit)

    def _run(self, intent: Intent | None) -> int:
        """Run a step and the following steps of its session; return their number."""
        count = 0
        while intent is not None:
            intent = self._run_one(intent)
            count += 1
        return count

    def _run_one(self, intent: Intent) -> Intent | None:
        """Run one step; return the next step of its session, already leased."""
        settings = self._settings()
        work = LeasedIntent(self._database, self._clock, secrets_of(settings), intent, self._is_closing.is_set)
        try:
            return self._step(work, settings)
        except (ClosingError, CrmChangedError):
            work.release()
        except LostLeaseError:
            log.info("another runner has taken over: session %s, %s", intent.session_id, intent.step)
        except CrmError as error:
            self._store_failure(work, error)
        except ConfigError as error:
            self._store_failure(work, CrmError(f"{intent.step}", str(error)))
        except DATABASE_UNAVAILABLE as error:
            # Nothing can be stored now; when the lease has expired, another runner continues.
            log.error("session %s, %s: the database failed (%s)", intent.session_id, intent.step, type(error).__name__)  # noqa: TRY400
            return None
        except Exception as error:  # noqa: BLE001 - the outermost edge: one bad session must not stop the others
            # The message is left out: it may hold personal data.
            place = "".join(traceback.format_tb(error.__traceback__))
            log.error("session %s, %s: %s at\n%s", intent.session_id, intent.step, type(error).__name__, place)  # noqa: TRY400
            self._store_failure(work, CrmError(intent.step, f"an error of ours ({type(error).__name__})"))
        finally:
            work.finish()
        return None

    def _give_up(self, intent: Intent) -> Intent | None:
        """Give up a step that crashes every process that begins it."""
        work = LeasedIntent(self._database, self._clock, secrets_of(self._settings()), intent, self._is_closing.is_set)
        try:
            self._store_failure(work, PoisonedStepError(intent.step))
        finally:
            work.finish()
        return None

    def _step(self, work: LeasedIntent, settings: CrmSettings) -> Intent | None:
        exchange = Exchange(settings, self._clients.of(settings), work, self._custom_fields)
        with self._database.read() as connection:
            if not crm_identity.current(connection, settings).owns(work.intent.crm_key):
                raise CrmChangedError
            step = open_step(connection, exchange, self._texts(), self._files)
        outcome = step.run()
        with work.writing() as connection:
            step.keep(connection, outcome, self._on_known)
            if self._is_closing.is_set():
                return None
            crm = crm_identity.current(connection, settings)
            following = lease(connection, str(ULID()), work.now, crm, session_id=work.intent.session_id)
        return following[0] if following else None

    def _store_failure(self, work: LeasedIntent, error: CrmError) -> None:
        try:
            with work.writing() as connection:
                keep_failure(connection, work, error)
        except LostLeaseError:
            log.info("another runner has taken over: session %s, %s", work.intent.session_id, work.intent.step)
