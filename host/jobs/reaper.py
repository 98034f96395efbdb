"""The reaper: on PostgreSQL, a worker takes over the jobs of a worker that is gone.

Each worker holds an advisory lock in a database session of its own; the server frees the lock when that session ends. A
worker that gets the lock of another one resumes its jobs. A worker that has lost its own session exits at once, because
another one may run its jobs already.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from dbos import DBOS
from sqlalchemy.exc import SQLAlchemyError

from host.jobs.engine import QUEUE

POLL_EVERY_S = 0.5
GRACE_S = 1.5
"""From a freed lock to the takeover: time for a worker that is still alive to notice and exit."""
LOST_LOCK = 3
"""Exit status."""
KEEPALIVES = {"tcp_keepalives_idle": 10, "tcp_keepalives_interval": 5, "tcp_keepalives_count": 3}
"""For both ends: the server notices a machine that has vanished, and so does the worker."""

log = logging.getLogger(__name__)

Session = psycopg.Connection[tuple[Any, ...]]


@contextmanager
def reaping(database_url: str, executor_id: str) -> Iterator[Callable[[], None]]:
    """Hold this worker's lock; yields a function that starts the reaper, to be called when the engine runs.

    The lock is held from before the engine starts until after it stops: without it, others would take over its jobs.
    """
    with connect(database_url) as session:
        session.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (_lock(executor_id),))
        reaper = Reaper(session, executor_id)
        try:
            yield reaper.start
        finally:
            reaper.stop()


def connect(database_url: str) -> Session:
    """Open a database session that ends soon after one of the two machines has vanished."""
    session = psycopg.connect(
        database_url.replace("+psycopg", ""),
        autocommit=True,
        connect_timeout=10,
        tcp_user_timeout=10_000,
        keepalives_idle=KEEPALIVES["tcp_keepalives_idle"],
        keepalives_interval=KEEPALIVES["tcp_keepalives_interval"],
        keepalives_count=KEEPALIVES["tcp_keepalives_count"],
    )
    for name, value in KEEPALIVES.items():
        session.execute("SELECT set_config(%s, %s, false)", (name, str(value)))
    return session


class Reaper:
    """Takes over the jobs of dead workers.

    Args:
        session: Holds this worker's lock; nothing else uses it from `start` to `stop`.
        executor_id: This worker's name.
    """

    def __init__(self, session: Session, executor_id: str) -> None:
        self._session = session
        self._executor_id = executor_id
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reaper", daemon=True)

    def start(self) -> None:
        """Start watching, once the engine has started."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopped.wait(POLL_EVERY_S):
            try:
                self._session.execute("SELECT 1")  # raises if the session is lost
                self._take_over()
            except psycopg.Error:
                log.critical("this worker has lost its lock in the database; another one may go on with its jobs")
                os._exit(LOST_LOCK)
            except SQLAlchemyError as error:
                log.error("could not look for jobs of dead workers (%s); trying again", type(error).__name__)  # noqa: TRY400

    def _take_over(self) -> None:
        pending = DBOS.list_workflows(status="PENDING", load_input=False)
        others = {job.executor_id for job in pending if job.executor_id and job.executor_id != self._executor_id}
        for executor_id in sorted(others):
            self._take_over_from(executor_id)

    def _take_over_from(self, executor_id: str) -> None:
        lock = (_lock(executor_id),)
        taken = self._session.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", lock).fetchone()
        if not taken or not taken[0]:
            return
        try:
            if self._stopped.wait(GRACE_S):
                return
            self._session.execute("SELECT 1")  # raises if the session is lost
            theirs = DBOS.list_workflows(status="PENDING", executor_id=executor_id, load_input=False)
            log.warning("a worker is gone; going on with %s of its jobs", len(theirs))
            DBOS.resume_workflows([job.workflow_id for job in theirs], queue_name=QUEUE)
        finally:
            self._session.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", lock)


def _lock(executor_id: str) -> str:
    return f"patchbay worker {executor_id}"
