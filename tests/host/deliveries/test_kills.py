"""A kill or an error of the database at every transaction of the way: nothing is lost, doubled or left behind."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from host.db.engine import Database
from host.deliveries import deliveries
from host.jobs import job_rows
from host.worker import job_steps
from tests.host.deliveries.conftest import QUARTER, Office

A_LITTLE = timedelta(seconds=45)


class Killed(BaseException):
    """Passes every handler, as a kill does."""


def no_database() -> OperationalError:
    return OperationalError("INSERT", {}, Exception("the disk is full"))


class Breaks:
    """Breaks one writing transaction of a database."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self._real = database.write
        self._count = 0
        self._at, self._commits, self._error = -1, False, Killed
        monkeypatch.setattr(database, "write", self._write)

    def at(self, number: int, error: Callable[[], BaseException], *, commits: bool) -> None:
        """Break the transaction with this number from now on."""
        self._count, self._at, self._commits, self._error = 0, number, commits, error  # type: ignore[assignment]

    @property
    def is_over(self) -> bool:
        """Whether there were fewer transactions than that."""
        return self._count <= self._at

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        is_broken, self._count = self._count == self._at, self._count + 1
        with self._real() as connection:
            yield connection
            if is_broken and not self._commits:
                raise self._error()
        if is_broken:
            raise self._error()


class Engine:
    """Runs jobs as the engine does: one that was interrupted runs again, one that failed is given back."""

    def __init__(self, office: Office, *, commits: bool) -> None:
        self._office, self._commits = office, commits
        self._jobs: list[tuple[str, Callable[[], Any]]] = []

    def round(self) -> None:
        """Enqueue what is due, and run everything once."""
        self._guarded(self._enqueue)
        self._jobs = [(key, run) for key, run in self._jobs if not self._guarded(run, key)]

    def _enqueue(self) -> None:
        """Enqueue in the transaction that marks the work as enqueued: both happen, or neither."""
        given: list[tuple[str, Callable[[], Any]]] = []
        try:
            self._take(given)
        except BaseException:
            self._jobs += given if self._commits else []
            raise
        self._jobs += given

    def _take(self, given: list[tuple[str, Callable[[], Any]]]) -> None:
        office, now = self._office, self._office.clock.now()
        steps = job_steps.all_jobs(office)  # type: ignore[arg-type]
        with office.database.write() as connection:
            jobs, tries = job_rows.take(connection, now, 10), deliveries.take(connection, "storage", now, 10)
            given += [(job.run_key, partial(_run, steps[job.kind], job.session_id)) for job in jobs]
            given += [(each.run_key, partial(office.files.courier.deliver, each.id, each.run)) for each in tries]

    def _guarded(self, run: Callable[[], Any], key: str = "") -> bool:
        """Run; return whether it has ended."""
        try:
            run()
        except Killed:
            return False
        except OperationalError:
            with self._office.database.write() as connection:
                job_rows.postpone(connection, key, self._office.clock.now())
                deliveries.release(connection, [key], self._office.clock.now())
        return True


def _run(steps: list[Callable[..., None]], session_id: int) -> None:
    for step in steps:
        step(session_id)


@pytest.mark.slow
@pytest.mark.parametrize("commits", [True, False])
@pytest.mark.parametrize("error", [Killed, no_database])
def test_a_break_at_any_transaction_changes_nothing_in_the_end(
    office: Office, monkeypatch: pytest.MonkeyPatch, error: Callable[[], BaseException], *, commits: bool
) -> None:
    breaks = Breaks(office.database, monkeypatch)
    number = 0
    while True:
        session_id = office.story.start()
        office.story.chats.end(session_id, by="end_user")
        engine = Engine(office, commits=commits)
        breaks.at(number, error, commits=commits)
        for _ in range(3):
            engine.round()
            office.clock.forward(A_LITTLE)
        is_over = breaks.is_over
        office.clock.forward(QUARTER)
        for _ in range(4):
            engine.round()
            office.clock.forward(A_LITTLE)
        check(office, session_id)
        if is_over and breaks.is_over:
            break
        number += 1
    assert number > 6, "each transaction of the way was broken"


def check(office: Office, session_id: int) -> None:
    stored = {path.rpartition("/")[2]: content for path, content in office.stored().items()}
    assert {f"chat-{session_id}.txt", f"chat-{session_id}.json"} <= set(stored)
    assert not [name for name in stored if name.startswith(".")]
    found = office.of(session_id)
    assert {each.state for each in found.values()} == {"done"}
    assert [found[name].version for name in sorted(found)] == [1, 1]
    assert not list((office.story.folder / "content").glob("*.partial"))
