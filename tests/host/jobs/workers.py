"""Starts real worker processes, kills them, and reads what their steps noted."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from host.clock import SystemClock
from host.db.engine import Database
from host.jobs import job_rows
from host.jobs.job_rows import Job
from tests.host.crm.world import World
from tests.host.jobs.drill_worker import STEPS

PATIENCE_S = 60


class Workers:
    """Worker processes on one database, and their jobs."""

    def __init__(self, database: Database, folder: Path, *, takes_s: float = 0.5) -> None:
        self.world = World(database)
        self.clock = SystemClock()
        self._log = folder / "steps.log"
        self._command = [sys.executable, "-m", "tests.host.jobs.drill_worker", str(folder), database.url]
        self._command += [str(self._log), str(takes_s)]
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        """Start one more and wait until its engine runs."""
        process = subprocess.Popen(self._command)
        self.running.append(process)
        ready = self._log.with_name(f"{self._log.name}.ready-{process.pid}")
        wait_until(lambda: ready.exists() or process.poll() is not None)
        assert process.poll() is None
        return process

    def plan(self, count: int, in_s: float = 0) -> list[int]:
        """Make jobs of new sessions due."""
        session_ids = [self.world.session({"name": "James Bond"}, starts=False) for _ in range(count)]
        at = self.clock.now() + timedelta(seconds=in_s)
        with self.world.database.write() as connection:
            job_rows.plan(connection, [Job("after_session", session_id, at) for session_id in session_ids])
        return session_ids

    def noted(self, what: str) -> Counter[tuple[int, str]]:
        """Count `begun` or `done` for each session and step."""
        return Counter((session_id, step) for session_id, step, state in self._notes() if state == what)

    def begun_in_order(self) -> list[int]:
        """List the sessions by when their first step began."""
        return list(dict.fromkeys(session_id for session_id, _, state in self._notes() if state == "begun"))

    def redone(self) -> list[tuple[int, str]]:
        """List steps that began again though the job was past them: the engine had written down that they were done."""
        reached: dict[int, int] = {}
        found: list[tuple[int, str]] = []
        for session_id, step, state in self._notes():
            if state == "begun" and STEPS.index(step) < reached.get(session_id, 0):
                found.append((session_id, step))
            reached[session_id] = max(reached.get(session_id, 0), STEPS.index(step))
        return found

    def _notes(self) -> list[tuple[int, str, str]]:
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        found = [line.split() for line in lines]
        return [(int(session_id), step, state) for session_id, step, state in found]

    def under_way(self) -> int:
        """How many middle steps are running, or were when their worker was killed."""
        begun, done = self.noted("begun"), self.noted("done")
        return sum(step == "middle" and done[session, step] == 0 for session, step in begun)

    def wait_for(self, session_ids: list[int]) -> None:
        """Wait until the last step of each is done."""
        wait_until(lambda: all(self.noted("done")[session_id, "last"] for session_id in session_ids))


@contextmanager
def on(database: Database, folder: Path, *, takes_s: float = 0.5) -> Iterator[Workers]:
    """Have workers, and none left behind."""
    workers = Workers(database, folder, takes_s=takes_s)
    try:
        yield workers
    finally:
        for process in workers.running:
            process.kill()
            process.wait()


def wait_until(is_so: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < give_up_at, "waited in vain"
        time.sleep(0.02)
