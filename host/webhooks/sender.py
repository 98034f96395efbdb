"""The threads of a worker that send webhooks: one looks for due messages, and one for each webhook sends them.

No webhook waits for another one.

Source: docs/webhooks.md, Retries.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta

from host.clock import Clock
from host.db.engine import Database
from host.webhooks import deliveries, receivers
from host.webhooks.batch import Batches
from host.webhooks.messages import Shapes
from host.webhooks.posting import Clients
from host.webhooks.settings import MOST_WEBHOOKS, Webhook

LOOK_EVERY_S = 0.5
CLEAN_UP_EVERY = timedelta(minutes=5)
GONE_FOR = timedelta(minutes=1)
"""How old a message without a webhook must be to be given up; this process may be the last to see new settings."""
KEEP_FAILED = timedelta(days=30)

log = logging.getLogger(__name__)


class Sender:
    """Sends what is due for the webhooks of the settings."""

    def __init__(
        self, database: Database, clock: Clock, webhooks: Callable[[], Sequence[Webhook]], shapes: Shapes
    ) -> None:
        self._database = database
        self._clock = clock
        self._webhooks = webhooks
        self._stopped = threading.Event()
        self._clients = Clients()
        self._batches = Batches(database, clock, shapes, self._clients, self._stopped)
        self._lock = threading.Lock()
        self._running: set[str] = set()
        self._cleaned_up_at: datetime | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Send while the block runs; at its end, wait for the requests that have begun."""
        with ThreadPoolExecutor(MOST_WEBHOOKS, thread_name_prefix="webhook-batch") as pool:
            thread = threading.Thread(target=self._run, args=(pool,), name="webhooks", daemon=True)
            thread.start()
            try:
                yield
            finally:
                self._stopped.set()
                thread.join()
        self._clients.keep(())

    def start_due(self, pool: ThreadPoolExecutor) -> None:
        """Start to send to each webhook for which something is due."""
        webhooks = self._webhooks()
        if not webhooks:
            return
        with self._lock:
            idle = [webhook for webhook in webhooks if webhook.key not in self._running]
        now = self._clock.now()
        with self._database.read() as connection:
            due = [
                webhook
                for webhook in idle
                if receivers.get(connection, webhook.key).is_free(now)
                and deliveries.is_any_due(connection, webhook.key, now)
            ]
        with self._lock:
            self._running |= {webhook.key for webhook in due}
        for webhook in due:
            pool.submit(self._send, webhook)

    def clean_up(self) -> None:
        """Give up the messages of webhooks that the settings have no more; delete old failed ones."""
        now, known = self._clock.now(), [webhook.key for webhook in self._webhooks()]
        self._clients.keep(known)
        with self._database.write() as connection:
            deliveries.give_up_unknown(connection, known, now - GONE_FOR)
            deliveries.purge(connection, now - KEEP_FAILED)

    def _run(self, pool: ThreadPoolExecutor) -> None:
        while not self._stopped.is_set():
            _guarded(lambda: self._round(pool))
            self._stopped.wait(LOOK_EVERY_S)

    def _round(self, pool: ThreadPoolExecutor) -> None:
        now = self._clock.now()
        if self._cleaned_up_at is None or now - self._cleaned_up_at >= CLEAN_UP_EVERY:
            self._cleaned_up_at = now
            self.clean_up()
        self.start_due(pool)

    def _send(self, webhook: Webhook) -> None:
        try:
            _guarded(lambda: self._batches.run(webhook))
        finally:
            with self._lock:
                self._running.discard(webhook.key)


def _guarded(work: Callable[[], None]) -> None:
    try:
        work()
    except Exception as error:  # noqa: BLE001 - the outermost edge of a thread, whose errors may hold URLs
        log.error("webhooks could not be sent (%s); trying again", type(error).__name__)  # noqa: TRY400
