"""The bus on SQLite: a thread watches `PRAGMA data_version`; commits of this process wake it at once."""

import logging
import threading
from collections.abc import Callable

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from host.db.engine import READ_ONLY, Database
from host.events.journal import last_id
from host.events.journal_reader import JournalReader, Wake
from host.events.signals import Signal

POLL_S = 0.05
"""The interval of looking for writes of other processes."""

log = logging.getLogger(__name__)


class SqliteBus:
    """Follows the journal of a SQLite database."""

    def __init__(self, database: Database, wake: Wake, hear: Callable[[Signal], None]) -> None:
        self._hear = hear
        self._database = database
        self._wake = wake
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bus", daemon=True)
        database.on_commit(self._woken.set)

    def start(self) -> None:
        """Start following the journal, from its end."""
        with self._database.read() as connection:
            self._journal = JournalReader(last_id(connection))
        self._thread.start()

    def stop(self) -> None:
        """Stop, and wait for the thread."""
        self._stopped.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def signal(self, signal: Signal) -> None:
        """Hand a signal to this process, the only one with pages."""
        self._hear(signal)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                with self._database.engine.connect() as connection:
                    self._follow(connection.execution_options(**READ_ONLY))
            except SQLAlchemyError:
                log.exception("the bus cannot read the journal; trying again")
                self._stopped.wait(1)

    def _follow(self, reader: Connection) -> None:
        version = -1
        while not self._stopped.is_set():
            now = int(reader.exec_driver_sql("PRAGMA data_version").scalar_one())
            reader.rollback()
            if now != version:
                version = now
                self._journal.poll(reader, self._wake)
            self._woken.wait(POLL_S)
            self._woken.clear()
