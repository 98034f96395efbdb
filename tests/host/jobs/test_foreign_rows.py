"""Rows of the engine's tables that somebody else has written: nothing of them runs, and the worker goes on."""

import base64
import json
import pickle
from collections.abc import Iterator
from itertools import count, product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, Table, func, insert, select, update

from host.db.engine import Database
from host.db.tables import jobs
from host.jobs import engine_tables, job_rows
from host.jobs.failures import DeadLetterError, FailedStepError, RefusedError
from host.jobs.serializer import MARK, JsonSerializer
from tests.host.jobs import workers
from tests.host.jobs.workers import Workers, wait_until

MARKS = ("py_pickle", None, MARK, "portable_json", "something else")
PAYLOADS = (
    ("workflow_status", "inputs"),
    ("workflow_status", "output"),
    ("workflow_status", "error"),
    ("workflow_input", "inputs"),
    ("workflow_output", "output"),
    ("workflow_output", "error"),
    ("operation_outputs", "output"),
    ("operation_outputs", "error"),
    ("notifications", "message"),
    ("workflow_events", "value"),
    ("workflow_events_history", "value"),
    ("streams", "value"),
    ("workflow_schedules", "context"),
)
"""Each column that DBOS reads as a value."""
OURS = json.dumps({"args": [1], "kwargs": {}})


class Trap:
    """Leaves a file where it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> Any:
        return (Path.touch, (self.file,))


def pickled(file: Path) -> str:
    return base64.b64encode(pickle.dumps(Trap(file))).decode()


@pytest.fixture
def drill(database: Database, tmp_path: Path) -> Iterator[Workers]:
    """Workers whose engine has made its tables."""
    with workers.on(database, tmp_path, takes_s=0) as drill:
        first = drill.start()
        first.kill()
        first.wait()
        yield drill


class Planter:
    """Writes into the engine's tables as somebody with the database's password does."""

    def __init__(self, database: Database) -> None:
        schema = None if database.is_sqlite else engine_tables.SCHEMA
        self.database = database
        self.tables = MetaData(schema=schema)
        names = {name for name, _ in PAYLOADS}
        self.tables.reflect(database.engine, only=lambda name, _: name in names)
        self.numbers = count(1)

    def table(self, name: str) -> Table:
        return next(table for table in self.tables.sorted_tables if table.name == name)

    def row(self, connection: Connection, name: str, values: dict[str, Any]) -> None:
        table = self.table(name)
        known = {column: value for column, value in values.items() if column in table.c}
        connection.execute(insert(table).values(**known))

    def job(self, connection: Connection, key: str, status: str, mark: str | None, **values: Any) -> None:
        fixed = {"executor_id": "local", "queue_name": "patchbay", "application_version": "1", "priority": 0}
        fixed |= {"created_at": 1, "updated_at": 1, "application_name": "patchbay", "recovery_attempts": 0}
        own = {"workflow_uuid": key, "status": status, "name": "after_session", "inputs": OURS, "serialization": mark}
        self.row(connection, "workflow_status", fixed | own | values)

    def plant(self, connection: Connection, mark: str | None, payload: str) -> None:
        """Put a payload into each column, of jobs in whatever state reads it."""
        for (name, column), status in product(PAYLOADS, ("ENQUEUED", "PENDING", "ERROR")):
            key = f"after_session-{next(self.numbers)}-again-planted"
            self.job(connection, key, status, mark, **({column: payload} if name == "workflow_status" else {}))
            if name != "workflow_status":
                self.row(connection, name, beside(key, mark) | {column: payload})

    def open_ones(self) -> int:
        """Count the jobs that still wait, among those that aren't marked as ours."""
        table = self.table("workflow_status")
        query = select(func.count()).select_from(table)
        query = query.where(table.c.status.in_(("ENQUEUED", "PENDING")) & table.c.serialization.is_distinct_from(MARK))
        with self.database.read() as connection:
            return connection.execute(query).scalar_one()


def beside(key: str, mark: str | None) -> dict[str, Any]:
    """Return what any row of the other tables needs."""
    values: dict[str, Any] = {"workflow_uuid": key, "destination_uuid": key, "message_uuid": key, "serialization": mark}
    values |= {"function_id": 1, "function_name": "after_session.first", "key": "k", "offset": 0}
    values |= {"schedule_id": key, "schedule_name": key, "workflow_name": "after_session", "status": "ACTIVE"}
    values |= {"schedule": "* * * * * *", "automatic_backfill": True, "last_fired_at": "2026-01-01T00:00:00+00:00"}
    return values | {"retention_timestamp": 1}


def test_no_planted_row_runs_code_and_the_worker_goes_on(database: Database, drill: Workers, tmp_path: Path) -> None:
    trap = tmp_path / "trapped"
    payload = pickled(trap)
    pickle.loads(base64.b64decode(payload))
    assert trap.exists()
    trap.unlink()
    planter = Planter(database)
    running = drill.start()
    with database.write() as connection:
        for mark in MARKS:
            planter.plant(connection, mark, payload)
    ours = drill.plan(2)
    drill.wait_for(ours)
    running.kill()
    with database.write() as connection:
        planter.plant(connection, "py_pickle", payload)
    running.wait()
    worker = drill.start()
    drill.wait_for(drill.plan(1))
    wait_until(lambda: planter.open_ones() == 0)
    assert worker.poll() is None
    assert not trap.exists()


@pytest.mark.parametrize("status", ["ENQUEUED", "PENDING"])
def test_what_an_older_version_has_enqueued_is_done_all_the_same(
    database: Database, drill: Workers, status: str
) -> None:
    [session_id] = drill.plan(1)
    with database.write() as connection:
        connection.execute(update(jobs).values(enqueued_at=drill.clock.now()))
    arguments = base64.b64encode(pickle.dumps({"args": (session_id,), "kwargs": {}})).decode()
    planter = Planter(database)
    with database.write() as connection:
        planter.job(connection, f"after_session-{session_id}", status, "py_pickle", inputs=arguments)
    drill.start()
    drill.wait_for([session_id])
    assert set(drill.noted("done").values()) == {1}


def test_what_has_failed_for_good_stays_so(database: Database, tmp_path: Path) -> None:
    drill = Workers(database, tmp_path)
    [session_id] = drill.plan(1)
    key, now = f"after_session-{session_id}", drill.clock.now()
    with database.write() as connection:
        connection.execute(update(jobs).values(enqueued_at=now))
        job_rows.fail(connection, key, "given up", now)
        job_rows.hand_over_again(connection, [key, "crm-1-01J", "after_session-1-again-x", f"{key}-again-9{'9' * 30}"])
        assert not job_rows.take(connection, now, 10)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12",
        "[]",
        "{}",
        '{"args": [1]}',
        '{"args": [[1]], "kwargs": {}}',
        '{"args": [1], "kwargs": {"a": 1}}',
        "[" * 9999,
        pickled(Path("/nowhere")),
    ],
)
def test_reads_only_what_it_writes(text: str) -> None:
    with pytest.raises(RefusedError):
        JsonSerializer().deserialize(text)


@pytest.mark.parametrize("value", [None, {"args": (12, "01J"), "kwargs": {}}, {"args": (), "kwargs": {}}])
def test_ids_come_back(value: object) -> None:
    serializer = JsonSerializer()
    assert serializer.deserialize(serializer.serialize(value)) == value


def test_only_our_own_words_of_an_error_are_kept() -> None:
    serializer = JsonSerializer()
    read = [
        serializer.deserialize(serializer.serialize(error)) for error in (DeadLetterError("a"), ValueError("+1222"))
    ]
    assert [(type(error), str(error)) for error in read] == [(DeadLetterError, "a"), (FailedStepError, "ValueError")]
    again = serializer.deserialize(serializer.serialize(read[1]))
    assert str(again) == "ValueError"


@pytest.mark.parametrize("value", [12, object(), {"args": (1.5,), "kwargs": {}}, {"args": (1,), "kwargs": {"a": 1}}])
def test_writes_nothing_else(value: object) -> None:
    with pytest.raises(TypeError, match="arguments are ids"):
        JsonSerializer().serialize(value)
