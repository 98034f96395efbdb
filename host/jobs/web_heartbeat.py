"""Heartbeat of a web process and of the tabs whose sockets it holds.

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
    """A thread in a web process."""

    def __init__(self, database: Database, clock: Clock, process_id: str, on_late: Callable[[], None]) -> None:
        """Build the thread; it isn't started.

        Args:
            database: Holds the tabs.
            clock: The time.
            process_id: The process that holds the tabs.
            on_late: Called after a long pause: others may have taken this process for dead, so the sockets check
                whether they still count.
        """
        self._database = database
        self._clock = clock
        self._process_id = process_id
        self._on_late = on_late
        self._beat_at: datetime | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Start. With SQLite there is one web process, so all stored tabs are old and are deleted."""
        if self._database.is_sqlite:
            with self._database.write() as connection:
                tabs.forget_all(connection)
        self._thread.start()

    def stop(self) -> None:
        """Stop, and wait for the thread."""
        self._stopped.set()
        self._thread.join(timeout=5)

    def beat(self) -> None:
        """Store that the process is alive; after a long pause let the sockets check whether they still count."""
        with self._database.write() as connection:
            now = self._clock.now()
            beat(connection, self._process_id, "web", now)
            tabs.keep_alive(connection, self._process_id, now)
        is_late = self._beat_at is not None and now - self._beat_at > tabs.ALIVE_FOR
        self._beat_at = now
        if is_late:
            self._on_late()

    def _run(self) -> None:
        while True:
            refusals.log_new()
            try:
                self.beat()
            except SQLAlchemyError:
                log.exception("the process could not say that it is alive; trying again")
            if self._stopped.wait(HEARTBEAT.total_seconds()):
                return
