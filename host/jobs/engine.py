"""Durable jobs: DBOS behind a small interface. Only this module, its serializer and the reaper know DBOS.

A job is a name and arguments that are ids. It is enqueued in the transaction that makes it necessary, runs in
a worker process, and runs again from its last finished step when its process was killed. One that fails for
good stands in the engine as ERROR: a dead letter.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from dbos import DBOS, DBOSClient
from sqlalchemy import Connection

from host.jobs import engine_tables
from host.jobs.failures import DeadLetterError, FailedStepError
from host.jobs.serializer import JsonSerializer, never_unpickle

NAME = "patchbay"
QUEUE = "patchbay"
VERSION = "1"
"""Constant: DBOS leaves jobs of another version lying. Old jobs must be able to run on new code."""
AT_ONCE = 16
POLL_S = 0.2

DEAD = "ERROR"

Step = Callable[..., None]


@dataclass(frozen=True)
class DeadLetter:
    """A job that has failed for good."""

    name: str
    key: str
    error: str
    """Safe to show."""


class Engine(Protocol):
    """Runs jobs."""

    def start(self) -> None:
        """Start running what is enqueued, and go on with what a kill has interrupted."""
        ...

    def stop(self) -> None:
        """Stop; what is unfinished goes on at the next start."""
        ...

    def enqueue(self, connection: Connection, name: str, key: str, *args: int | str) -> None:
        """Enqueue a job in a transaction; the same `key` again is the same job.

        Args:
            connection: One that writes.
            name: Of the job's steps, as the engine was made with.
            key: Unique for ever.
            args: Ids; nothing personal, since the engine keeps them.
        """
        ...

    def room(self) -> int:
        """Return how many more jobs may be enqueued: what waits long would lose its lease."""
        ...

    def dead_letters(self, names: Sequence[str]) -> list[DeadLetter]:
        """Return the jobs of these names that have failed for good and aren't forgotten yet."""
        ...

    def forget(self, before: datetime) -> int:
        """Delete what was done, well or not, before then; return how many jobs that were."""
        ...

    def refuse(self, connection: Connection) -> list[str]:
        """Delete unfinished jobs that this version hasn't written itself; return their keys."""
        ...


class DbosEngine:
    """DBOS in the host's own database.

    Args:
        database_url: SQLite or PostgreSQL.
        executor_id: Names this worker: `local` on SQLite, where there is only one.
        jobs: Name to the steps of each job, in order; every step gets the job's arguments, and is done
            again if the kill hit it, so it has to be idempotent.
        on_begin: Called with the job's name and key whenever it begins, after a kill too; what it raises ends the job.
            DBOS counts such beginnings itself, but a takeover by another machine sets its count to 0.
    """

    def __init__(
        self,
        database_url: str,
        executor_id: str,
        jobs: Mapping[str, list[Step]],
        on_begin: Callable[[str, str], None] = lambda _name, _key: None,
    ) -> None:
        self._url = database_url
        self.executor_id = executor_id
        self._jobs = jobs
        self._on_begin = on_begin
        self._client: DBOSClient | None = None

    def start(self) -> None:
        """As `Engine.start`."""
        never_unpickle()
        logging.getLogger("dbos").setLevel(logging.CRITICAL)  # it would log what steps raise, in full
        DBOS(
            config={
                "name": NAME,
                "system_database_url": self._url,
                "application_version": VERSION,
                "executor_id": self.executor_id,
                "log_level": "CRITICAL",
                "enable_otlp": False,
                "serializer": JsonSerializer(),
            }
        )
        for name, steps in self._jobs.items():
            self._register(name, steps)
        DBOS.launch()
        DBOS.register_queue(QUEUE, worker_concurrency=AT_ONCE, polling_interval_sec=POLL_S)
        self._client = DBOSClient(system_database_url=self._url, serializer=JsonSerializer())

    def stop(self) -> None:
        """As `Engine.stop`."""
        if self._client is not None:
            self._client.destroy()
            DBOS.destroy(destroy_registry=True)
            self._client = None

    def enqueue(self, connection: Connection, name: str, key: str, *args: int | str) -> None:
        """As `Engine.enqueue`."""
        if self._client is None:
            raise RuntimeError("the engine has not been started")
        options = {"workflow_name": name, "queue_name": QUEUE, "workflow_id": key, "app_version": VERSION}
        self._client.enqueue_in_transaction(connection, options, *args)  # type: ignore[arg-type]

    def room(self) -> int:
        """As `Engine.room`."""
        most = 2 * AT_ONCE
        waiting = DBOS.list_workflows(status="ENQUEUED", limit=most, load_input=False)
        ours = DBOS.list_workflows(status="PENDING", executor_id=self.executor_id, limit=most, load_input=False)
        return max(0, most - len(waiting) - len(ours))  # other workers' jobs wait for nobody here

    def dead_letters(self, names: Sequence[str]) -> list[DeadLetter]:
        """As `Engine.dead_letters`."""
        found = DBOS.list_workflows(name=list(names), status=DEAD, limit=100, sort_desc=True, load_input=False)
        return [DeadLetter(job.name, job.workflow_id, _reason(job.error)) for job in found]

    def forget(self, before: datetime) -> int:
        """As `Engine.forget`."""
        old = DBOS.list_workflows(
            status=["SUCCESS", "CANCELLED", DEAD],
            completed_before=before.isoformat(),
            limit=500,
            load_input=False,
            load_output=False,
        )
        DBOS.delete_workflows([job.workflow_id for job in old])
        return len(old)

    def refuse(self, connection: Connection) -> list[str]:
        """As `Engine.refuse`: whoever has written them, an older version among others, they are never run."""
        keys = engine_tables.foreign(connection, list(self._jobs))
        engine_tables.drop(connection, keys)
        return keys

    def _register(self, name: str, steps: list[Step]) -> None:
        durable = [DBOS.step(name=f"{name}.{step.__name__}")(step) for step in steps]

        def job(*args: Any) -> None:
            self._on_begin(name, str(DBOS.workflow_id))
            for step in durable:
                step(*args)

        job.__qualname__ = job.__name__ = name
        DBOS.workflow(name=name, max_recovery_attempts=None)(job)


def _reason(error: object) -> str:
    """Say why without anything personal: only our own message is known to be safe."""
    if isinstance(error, DeadLetterError):
        return str(error)
    return f"an error of ours ({error if isinstance(error, FailedStepError) else 'unreadable'})"
