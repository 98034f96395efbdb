"""Benchmark: jobs per second after sessions, on both databases, with one worker and with two.

Measured from the moment at which all jobs are due, until the engine has finished the last one.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text, update

from bench.run import Row, Series, at_least_times
from host.clock import SystemClock
from host.db import migrate
from host.db.engine import Database
from host.db.tables import sessions
from host.jobs import job_rows
from host.jobs.job_rows import Job
from tests.host.crm.world import World
from tests.postgresql import Cluster, private_server

ROUNDS = 3
JOBS = 400
LOOK_EVERY_S = 0.05
DONE = "SELECT count(*) FROM {table} WHERE name = 'after_session' AND status = 'SUCCESS'"

SETUPS = {"SQLite": 1, "PostgreSQL": 1, "PostgreSQL, 2 workers": 2}
"""Name to number of workers; a SQLite file has only one."""


def measure(folder: Path) -> list[Row]:
    """Compare the product's steps with steps that do nothing, and two workers with one."""
    rates: dict[tuple[str, str], list[float]] = {(name, work): [] for name in SETUPS for work in ("product", "empty")}
    with private_server(keeps=True) as cluster:
        for number in range(ROUNDS):
            for (name, work), values in rates.items():
                here = folder / f"{number}-{name.replace(', ', '-').replace(' ', '-')}-{work}"
                here.mkdir()
                values.append(_rate(here, cluster, name, work))
    series = {key: Series(f"{key[1]}, {key[0]}", values) for key, values in rates.items()}
    rows = [
        Row(f"jobs, {name}", series[name, "product"], _named(series[name, "empty"], "empty steps"), HALF, "jobs/s")
        for name in SETUPS
    ]
    one, two = series["PostgreSQL", "product"], series["PostgreSQL, 2 workers", "product"]
    return [*rows, Row("jobs, 2 workers and 1", two, _named(one, "1 worker"), at_least_times(1.7), "jobs/s")]


HALF = at_least_times(0.5)


def _named(series: Series, name: str) -> Series:
    return Series(name, series.values)


def _rate(folder: Path, cluster: Cluster, name: str, work: str) -> float:
    database_url = f"sqlite:///{folder / 'patchbay.db'}" if name == "SQLite" else cluster.empty(folder.name)
    database = Database(database_url)
    migrate.upgrade(database)
    session_ids = _sessions(database)
    try:
        with _workers(folder, database_url, work, SETUPS[name]):
            return _until_done(database, session_ids)
    finally:
        database.close()
        if name != "SQLite":
            cluster.drop(database_url)


def _sessions(database: Database) -> list[int]:
    world = World(database)
    session_ids = [world.session({"name": "James Bond"}, starts=False) for _ in range(JOBS)]
    with database.write() as connection:
        connection.execute(update(sessions).values(status="finished"))
    return session_ids


def _until_done(database: Database, session_ids: Sequence[int]) -> float:
    now = SystemClock().now()
    with database.write() as connection:
        job_rows.plan(connection, [Job("after_session", session_id, now) for session_id in session_ids])
    started = time.monotonic()
    query = text(DONE.format(table="workflow_status" if database.is_sqlite else "dbos.workflow_status"))
    while True:
        with database.read() as connection:
            if connection.execute(query).scalar_one() == len(session_ids):
                return len(session_ids) / (time.monotonic() - started)
        time.sleep(LOOK_EVERY_S)


@contextmanager
def _workers(folder: Path, database_url: str, work: str, count: int) -> Iterator[None]:
    command = [sys.executable, "-m", "bench.job_worker", str(folder), database_url, work]
    running: list[subprocess.Popen[str]] = []
    try:
        for _ in range(count):
            running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
            _wait_for(running[-1])
        yield
    finally:
        for process in running:
            process.kill()
            process.communicate()


def _wait_for(worker: "subprocess.Popen[str]") -> None:
    if worker.stdout is None or worker.stdout.readline() != "ready\n":
        raise RuntimeError("a worker doesn't start")
