"""Durable jobs in real worker processes, which are killed."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from host.db.engine import Database
from host.jobs import reaper
from tests.host.jobs import workers
from tests.host.jobs.drill_worker import STEPS
from tests.postgresql import Cluster

JOBS_A_ROUND = 3


def test_nothing_is_lost_when_workers_are_killed_in_the_middle_of_a_step(database: Database, tmp_path: Path) -> None:
    assert kill_rounds(database, tmp_path, rounds=3) >= 1


@pytest.mark.drill
@pytest.mark.timeout(600)
def test_nothing_is_lost_in_twenty_kills(database: Database, tmp_path: Path) -> None:
    begun_again = kill_rounds(database, tmp_path, rounds=20)
    print(f"{database.engine.dialect.name}: 20 kills, 0 lost, {begun_again} steps that were hit begun again")


def kill_rounds(database: Database, folder: Path, *, rounds: int) -> int:
    """Kill workers in the middle of a step; return how many steps that hit."""
    dice = random.Random(7)
    all_jobs: list[int] = []
    with workers.on(database, folder) as drill:
        for _ in range(rounds):
            worker = drill.start()
            all_jobs += drill.plan(JOBS_A_ROUND)
            workers.wait_until(lambda: drill.under_way() > 0)
            time.sleep(dice.uniform(0, 0.3))
            worker.kill()
            worker.wait()
        drill.start()
        drill.wait_for(all_jobs)
        begun, done = drill.noted("begun"), drill.noted("done")
    assert len(done) == len(all_jobs) * len(STEPS)
    assert drill.redone() == []
    return begun.total() - len(done)


@pytest.fixture
def shared(postgresql: Cluster) -> Iterator[Database]:
    database = Database(postgresql.with_tables())
    yield database
    database.close()
    postgresql.drop(database.url)


def test_another_machine_finishes_what_a_dead_one_has_begun(shared: Database, tmp_path: Path) -> None:
    with workers.on(shared, tmp_path, takes_s=1) as drill:
        dead = drill.start()
        jobs = drill.plan(4)
        workers.wait_until(lambda: drill.under_way() == len(jobs))
        other = drill.start()
        dead.kill()
        dead.wait()
        drill.wait_for(jobs)
        assert other.poll() is None
    assert set(drill.noted("done").values()) == {1}


def test_a_worker_that_loses_its_lock_session_stops_at_once(shared: Database, tmp_path: Path) -> None:
    with workers.on(shared, tmp_path) as drill:
        worker = drill.start()
        end_lock_sessions(shared)
        assert worker.wait(timeout=30) == reaper.LOST_LOCK


def end_lock_sessions(database: Database) -> None:
    with psycopg.connect(database.url.replace("+psycopg", ""), autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )


def test_a_job_planned_for_later_waits_across_a_restart(database: Database, tmp_path: Path) -> None:
    with workers.on(database, tmp_path, takes_s=0) as drill:
        worker = drill.start()
        planned_at = time.monotonic()
        jobs = drill.plan(1, in_s=10)
        worker.kill()
        worker.wait()
        drill.start()
        later = drill.plan(1, in_s=10)
        workers.wait_until(lambda: bool(drill.noted("begun")))
        took_s = time.monotonic() - planned_at
        drill.wait_for(jobs + later)
    assert took_s >= 10
    assert drill.begun_in_order() == jobs + later  # the restart has put nothing off
