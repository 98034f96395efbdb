"""A web process's own clockwork: says that it is alive, and with it the tabs whose sockets it holds."""

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from host.events import tabs
from host.jobs.worker import HEARTBEAT, beat
from host.services import Services

log = logging.getLogger(__name__)


class Keeper:
    """Runs beside the sockets of a web process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> None:
        """Start; with SQLite there is no other web process, so tabs of the past are gone."""
        if self._services.database.is_sqlite:
            with self._services.database.write() as connection:
                tabs.forget_all(connection)
        self._services.bus.start()
        self._thread.start()

    def stop(self) -> None:
        """Stop, and wait for the end."""
        self._stopped.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            try:
                with self._services.database.write() as connection:
                    now = self._services.clock.now()
                    beat(connection, self._services.process_id, "web", now)
                    tabs.still_alive(connection, self._services.process_id, now)
            except SQLAlchemyError:
                log.exception("the process could not say that it is alive; trying again")
            if self._stopped.wait(HEARTBEAT.total_seconds()):
                return
