"""PostgreSQL: a worker's jobs go on elsewhere when its machine is gone for good.

Each worker holds an advisory lock on a session of its own; the server frees it when that session ends. Whoever
gets a dead worker's lock resumes its jobs. A worker that has lost its own session stops at once: another one
may be doing its jobs already.
"""

import logging
import os
import threading
from typing import Any

import psycopg
from dbos import DBOS

from host.jobs.engine import QUEUE

LOOK_EVERY_S = 1.0
LOST_LOCK = 3
"""Exit status."""

log = logging.getLogger(__name__)

Session = psycopg.Connection[tuple[Any, ...]]


class Reaper:
    """Watches over the workers of one database."""

    def __init__(self, database_url: str, executor_id: str) -> None:
        self._address = database_url.replace("+psycopg", "")
        self._executor_id = executor_id
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reaper", daemon=True)

    def hold(self) -> None:
        """Take this worker's lock, before its engine starts: a job without it would be taken for a dead one's."""
        self._session = psycopg.connect(
            self._address, autocommit=True, keepalives_idle=10, keepalives_interval=5, keepalives_count=3
        )
        self._session.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (_lock(self._executor_id),))

    def start(self) -> None:
        """Start watching, once the engine has started."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching and give the lock back; after the engine has stopped."""
        self._stopped.set()
        self._thread.join(timeout=5)
        self._session.close()

    def _run(self) -> None:
        while not self._stopped.wait(LOOK_EVERY_S):
            try:
                self._take_over(self._session)
            except psycopg.Error:
                log.critical("this worker has lost its lock in the database; another one may go on with its jobs")
                os._exit(LOST_LOCK)

    def _take_over(self, session: Session) -> None:
        session.execute("SELECT 1")  # a lost session shows here, with or without work
        pending = DBOS.list_workflows(status="PENDING", load_input=False)
        others = {job.executor_id for job in pending if job.executor_id and job.executor_id != self._executor_id}
        for executor_id in sorted(others):
            self._take_over_from(session, executor_id)

    def _take_over_from(self, session: Session, executor_id: str) -> None:
        lock = (_lock(executor_id),)
        taken = session.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", lock).fetchone()
        if not taken or not taken[0]:
            return
        try:
            theirs = DBOS.list_workflows(status="PENDING", executor_id=executor_id, load_input=False)
            log.warning("a worker is gone; going on with %s of its jobs", len(theirs))
            DBOS.resume_workflows([job.workflow_id for job in theirs], queue_name=QUEUE)
        finally:
            session.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", lock)


def _lock(executor_id: str) -> str:
    return f"patchbay worker {executor_id}"
