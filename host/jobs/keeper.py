"""A web process's own clockwork: says that it is alive, and with it the tabs whose sockets it holds."""

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from host.clock import Clock
from host.db.engine import Database
from host.events import tabs
from host.jobs.heartbeat import HEARTBEAT, beat

log = logging.getLogger(__name__)


class Keeper:
    """Runs beside the sockets of a web process."""

    def __init__(self, database: Database, clock: Clock, process_id: str) -> None:
        self._database = database
        self._clock = clock
        self._process_id = process_id
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

    def _run(self) -> None:
        while True:
            try:
                with self._database.write() as connection:
                    now = self._clock.now()
                    beat(connection, self._process_id, "web", now)
                    tabs.still_alive(connection, self._process_id, now)
            except SQLAlchemyError:
                log.exception("the process could not say that it is alive; trying again")
            if self._stopped.wait(HEARTBEAT.total_seconds()):
                return
