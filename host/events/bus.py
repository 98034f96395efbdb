"""Wakes the sockets of this process when the journal has grown, whichever process wrote to it.

SQLite: one reader watches `PRAGMA data_version` and is nudged at once by this process's own commits.
The bus may lose or repeat a wake-up without harm: sockets read what they show from the database.
"""

import logging
import threading
from collections.abc import Callable

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from host.db.engine import Database
from host.db.tables import journal
from host.events.journal import last_id

POLL_S = 0.05
"""How often another process's writes are looked for."""

Wake = Callable[[set[int], set[int]], None]
"""Called with the ids of the agents and of the sessions that something happened to."""

log = logging.getLogger(__name__)


class SqliteBus:
    """Follows the journal of a SQLite database."""

    def __init__(self, database: Database, wake: Wake) -> None:
        self._database = database
        self._wake = wake
        self._nudged = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bus", daemon=True)
        database.on_commit(self._nudged.set)

    def start(self) -> None:
        """Start following, from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and wait for the reader's end."""
        self._stopped.set()
        self._nudged.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                with self._database.engine.connect() as connection:
                    self._follow(connection)
            except SQLAlchemyError:
                log.exception("the bus cannot read the journal; trying again")
                self._stopped.wait(1)

    def _follow(self, connection: Connection) -> None:
        reader = connection.execution_options(patchbay_read_only=True)
        seen, version = self._newest(reader), -1
        while not self._stopped.is_set():
            self._nudged.wait(POLL_S)
            self._nudged.clear()
            now = int(reader.exec_driver_sql("PRAGMA data_version").scalar_one())
            reader.rollback()
            if now == version:
                continue
            version = now
            seen = self._tell(reader, seen)

    def _newest(self, reader: Connection) -> int:
        newest = last_id(reader)
        reader.rollback()
        return newest

    def _tell(self, reader: Connection, seen: int) -> int:
        columns = (journal.c.id, journal.c.agent_id, journal.c.session_id)
        rows = reader.execute(select(*columns).where(journal.c.id > seen).order_by(journal.c.id)).all()
        reader.rollback()
        if rows:
            self._wake(
                {row.agent_id for row in rows if row.agent_id is not None},
                {row.session_id for row in rows if row.session_id is not None},
            )
        return rows[-1].id if rows else seen
