"""The bus on PostgreSQL: LISTEN and NOTIFY, and a poll every second in case a NOTIFY is lost.

NOTIFY is sent after the commit, on a connection of its own: inside the transaction it would serialize commits.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from host.db.engine import Database
from host.events.journal import last_id
from host.events.journal_reader import JournalReader, Wake
from host.events.signals import Signal

Session = psycopg.Connection[tuple[Any, ...]]

CHANNEL = "pb_journal"
SIGNALS = "pb_signals"
MOST_SIGNALS = 1000
"""Signals that wait for being sent; they go out within milliseconds."""
POLL_EVERY_S = 1.0

log = logging.getLogger(__name__)


class PostgresqlBus:
    """Follows the journal of a PostgreSQL database, together with any number of other processes."""

    def __init__(self, database: Database, wake: Wake, hear: Callable[[Signal], None]) -> None:
        self._hear = hear
        self._signals: deque[Signal] = deque(maxlen=MOST_SIGNALS)
        self._database = database
        self._wake = wake
        self._address = database.url.replace("+psycopg", "")
        self._to_notify = threading.Event()
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._run_connected, args=(work,), name=name, daemon=True)
            for name, work in (("bus-listen", self._listen), ("bus-notify", self._notify))
        ]
        database.on_commit(self._to_notify.set)

    def start(self) -> None:
        """Start following the journal, from its end."""
        with self._database.read() as connection:
            self._journal = JournalReader(last_id(connection))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop, and wait for the threads."""
        self._stopped.set()
        self._to_notify.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=5)

    def signal(self, signal: Signal) -> None:
        """Hand a signal to all processes; of too many at once the oldest are lost."""
        self._signals.append(signal)
        self._to_notify.set()

    def _run_connected(self, work: Callable[[Session], None]) -> None:
        while not self._stopped.is_set():
            try:
                with psycopg.connect(self._address, autocommit=True) as connection:
                    work(connection)
            except (psycopg.Error, SQLAlchemyError):
                log.exception("the bus has lost the database; trying again")
                self._stopped.wait(1)

    def _listen(self, connection: Session) -> None:
        connection.execute(f"LISTEN {CHANNEL}")
        connection.execute(f"LISTEN {SIGNALS}")
        # A poll is one statement: without a transaction it is faster, and every event waits for it.
        with self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as reader:
            while not self._stopped.is_set():
                self._journal.poll(reader, self._wake)
                self._hear_signals(connection)

    def _hear_signals(self, connection: Session) -> None:
        """Hand on signals until there is news in the journal, or it is time to look."""
        until = time.monotonic() + POLL_EVERY_S
        while (left_s := until - time.monotonic()) > 0:
            for notice in connection.notifies(timeout=left_s, stop_after=1):
                if notice.channel == CHANNEL:
                    return
                self._hear(Signal.read(notice.payload))

    def _notify(self, connection: Session) -> None:
        while not self._stopped.is_set():
            connection.execute(f"NOTIFY {CHANNEL}")  # also at first: the connection before may have lost one
            self._to_notify.wait()
            self._to_notify.clear()
            while self._signals:
                connection.execute("SELECT pg_notify(%s, %s)", (SIGNALS, self._signals.popleft().text()))
