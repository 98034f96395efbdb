"""The job engine: an interface, and DBOS behind it. Only this module, the serializer and the reaper use DBOS.

A job is a name and ids as arguments. It is enqueued in the transaction that makes it necessary, and runs in a worker
process. When its process was killed, it goes on after its last finished step. A job that fails for good has the state
ERROR in the engine: a dead letter.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Protocol

from dbos import DBOS, DBOSClient
from sqlalchemy import Connection

from host.jobs import engine_tables
from host.jobs.failures import DeadLetterError, FailedStepError
from host.jobs.serializer import JsonSerializer, never_unpickle

NAME = "patchbay"
QUEUE = "patchbay"
VERSION = "1"
"""Constant, because DBOS doesn't run jobs of another version. New code must be able to run old jobs."""
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
    is_final: bool
    """Whether the job said itself that another try is useless; else it met an error."""


class Engine(Protocol):
    """Runs jobs."""

    def start(self) -> None:
        """Start to run enqueued jobs, and jobs that a kill interrupted."""
        ...

    def stop(self) -> None:
        """Stop; unfinished jobs go on after the next start."""
        ...

    def enqueue(self, connection: Connection, name: str, key: str, *args: int | str) -> None:
        """Enqueue a job in a transaction; a second call with the same `key` changes nothing.

        Args:
            connection: In a writing transaction.
            name: A name of the jobs that the engine was built with.
            key: Unique for ever.
            args: Ids; nothing personal, since the engine stores them.
        """
        ...

    def room(self) -> int:
        """Return how many more jobs may be enqueued: one that waits long would lose its lease."""
        ...

    def dead_letters(self, names: Sequence[str]) -> list[DeadLetter]:
        """Return some jobs with these names that have failed and are not deleted yet."""
        ...

    def drop(self, connection: Connection, keys: Sequence[str]) -> None:
        """Delete failed jobs, in the transaction that records what follows."""
        ...

    def forget(self, before: datetime) -> int:
        """Delete the jobs that ended before then, also failed ones; return their number."""
        ...

    def refuse(self, connection: Connection) -> list[str]:
        """Delete unfinished jobs that this version of the host has not written; return their keys."""
        ...


class DbosEngine:
    """DBOS in the host's own database.

    Args:
        database_url: SQLite or PostgreSQL.
        executor_id: The worker's name: `local` on SQLite, where there is only one worker.
        jobs: Name to the steps of each job, in order. Every step gets the job's arguments. A step that a kill
            interrupted runs again, so it has to be idempotent.
        on_begin: Called with the job's name and key when it starts, also after a kill; an exception ends the job.
            DBOS counts starts as well, but a takeover by another worker resets its count.
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
        logging.getLogger("dbos").setLevel(logging.CRITICAL)  # it would log exceptions of steps in full
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
        return max(0, most - len(waiting) - len(ours))  # jobs of other workers take no room here

    def dead_letters(self, names: Sequence[str]) -> list[DeadLetter]:
        """As `Engine.dead_letters`."""
        found = DBOS.list_workflows(name=list(names), status=DEAD, limit=100, sort_desc=True, load_input=False)
        return [_letter(job.name, job.workflow_id, job.error) for job in found]

    def drop(self, connection: Connection, keys: Sequence[str]) -> None:
        """As `Engine.drop`."""
        engine_tables.drop(connection, keys)

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
        """As `Engine.refuse`; jobs of an older version are deleted as well, and run again from their rows."""
        keys = engine_tables.foreign(connection, list(self._jobs))
        engine_tables.drop(connection, keys)
        return keys

    def _register(self, name: str, steps: list[Step]) -> None:
        durable = [DBOS.step(name=f"{name}.{step.__name__}")(_as_function(step)) for step in steps]

        def job(*args: Any) -> None:
            self._on_begin(name, str(DBOS.workflow_id))
            for step in durable:
                step(*args)

        job.__qualname__ = job.__name__ = name
        DBOS.workflow(name=name, max_recovery_attempts=None)(job)


def _as_function(step: Step) -> Step:
    """Return a step as a function: DBOS can't decorate methods."""

    @wraps(step)
    def function(*args: Any) -> None:
        step(*args)

    return function


def _letter(name: str, key: str, error: object) -> DeadLetter:
    return DeadLetter(name, key, _reason(error), is_final=isinstance(error, DeadLetterError))


def _reason(error: object) -> str:
    """Return the reason without personal data: only the text of a DeadLetterError is safe."""
    if isinstance(error, DeadLetterError):
        return str(error)
    return f"an error of ours ({error if isinstance(error, FailedStepError) else 'unreadable'})"
