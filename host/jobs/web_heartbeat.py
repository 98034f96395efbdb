"""A web process's own clockwork: says that it is alive, and with it the tabs whose sockets it holds.

It also logs once a minute what the process has refused.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from host.clock import Clock
from host.db.engine import Database
from host.events import tabs
from host.jobs.heartbeat import HEARTBEAT, beat
from host.refusals import refusals

log = logging.getLogger(__name__)


class WebHeartbeat:
    """Runs beside the sockets of a web process."""

    def __init__(self, database: Database, clock: Clock, process_id: str, revived: Callable[[], None]) -> None:
        """Wire it; it isn't started.

        Args:
            database: Where the tabs are.
            clock: The product's.
            process_id: Whose tabs these are.
            revived: Called when others may have taken us for dead, so that the sockets look whether they count.
        """
        self._database = database
        self._clock = clock
        self._process_id = process_id
        self._revived = revived
        self._spoke_at: datetime | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> None:
        """Start; with SQLite there is no other web process, so tabs of the past are gone."""
        if self._database.is_sqlite:
            with self._database.write() as connection:
                tabs.forget_all(connection)
        self._thread.start()

    def stop(self) -> None:
        """Stop, and wait for the end."""
        self._stopped.set()
        self._thread.join(timeout=5)

    def beat(self) -> None:
        """Say that the process is alive; after a long silence let the sockets look whether they still count."""
        with self._database.write() as connection:
            now = self._clock.now()
            beat(connection, self._process_id, "web", now)
            tabs.keep_alive(connection, self._process_id, now)
        was_silent = self._spoke_at is not None and now - self._spoke_at > tabs.ALIVE_FOR
        self._spoke_at = now
        if was_silent:
            self._revived()

    def _run(self) -> None:
        while True:
            refusals.log_new()
            try:
                self.beat()
            except SQLAlchemyError:
                log.exception("the process could not say that it is alive; trying again")
            if self._stopped.wait(HEARTBEAT.total_seconds()):
                return
