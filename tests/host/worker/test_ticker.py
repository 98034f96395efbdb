"""What is handed over when, with the product's clock."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from host.crm.intents import intents
from host.crm.steps.runner import MAX_CRASHES
from host.db.engine import Database
from host.db.tables import jobs as jobs_table
from host.db.tables import journal
from host.jobs import job_rows
from host.jobs.engine import DeadLetter
from host.jobs.failures import DeadLetterError
from host.jobs.job_rows import Job
from host.worker import job_steps, ticker
from tests.host.crm.crm_settings import crm_settings
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.crm.story import Story, telling

A_SECOND = timedelta(seconds=1)
QUARTER = timedelta(minutes=15)


@dataclass
class FakeEngine:
    """Keeps what it is given; with room for so many."""

    space: int = 32
    is_down: bool = False
    given: list[tuple[str, str, tuple[int | str, ...]]] = field(default_factory=list)

    def enqueue(self, connection: Connection, name: str, key: str, *args: int | str) -> None:
        if self.is_down:
            raise ConnectionError
        self.given.append((name, key, args))

    def room(self) -> int:
        return self.space

    def start(self) -> None:
        raise AssertionError

    def stop(self) -> None:
        raise AssertionError

    def dead_letters(self, names: Sequence[str]) -> list[DeadLetter]:
        raise AssertionError

    def drop(self, connection: Connection, keys: Sequence[str]) -> None:
        raise AssertionError

    def forget(self, before: datetime) -> int:
        raise AssertionError

    def refuse(self, connection: Connection) -> list[str]:
        return []


class Ticking:
    """A story whose work goes to an engine."""

    def __init__(self, story: Story) -> None:
        self.story, self.engine = story, FakeEngine()
        self.process_id = "process"
        self.agents: Any = None
        self.actions: Any = None
        self.inactivity: Any = None
        self.chat_files: Any = None
        self.runner, self.database, self.clock = story.runner, story.database, story.clock
        self.files = story.files

    def end(self, session_id: int) -> None:
        """End a chat; its transcript is made at once."""
        self.story.end(session_id)
        assert self.tick() == ["transcript"]

    def tick(self, *, after: timedelta = timedelta(0)) -> list[str]:
        self.clock.forward(after)
        before = len(self.engine.given)
        ticker.tick(self, self.engine)
        return [name for name, _, _ in self.engine.given[before:]]


@pytest.fixture
def host(database: Database, crm: FaultyCrm) -> Iterator[Ticking]:
    with telling(database) as tell:
        yield Ticking(tell(crm_settings(crm)))


def test_fifteen_minutes_are_fifteen_minutes(host: Ticking) -> None:
    session_id = host.story.answered()
    host.end(session_id)
    assert host.tick(after=QUARTER - A_SECOND) == []
    assert host.tick(after=A_SECOND) == ["after_session"]
    assert host.engine.given[-1][1:] == (f"after_session-{session_id}", (session_id,))


def test_what_is_handed_over_is_not_handed_over_again(host: Ticking) -> None:
    session_id = host.story.answered()
    host.end(session_id)
    host.tick(after=QUARTER)
    assert host.tick(after=QUARTER) == []


def test_a_clock_that_was_set_back_and_forth_changes_nothing(host: Ticking) -> None:
    session_id = host.story.answered()
    host.end(session_id)
    host.clock.forward(-timedelta(hours=1))
    assert host.tick() == []
    assert host.tick(after=timedelta(hours=1) + QUARTER - A_SECOND) == []
    assert host.tick(after=A_SECOND) == ["after_session"]


def test_what_fails_to_be_handed_over_stays_due(host: Ticking) -> None:
    host.end(host.story.answered())
    host.clock.forward(QUARTER)

    host.engine.is_down = True
    with pytest.raises(ConnectionError):
        host.tick()
    with host.database.read() as connection:
        assert job_rows.is_any_due(connection, host.clock.now())


def test_the_same_job_planned_twice_is_one(host: Ticking) -> None:
    session_id = host.story.start()
    again = [Job("after_session", session_id, host.clock.now())] * 2
    with host.database.write() as connection:
        job_rows.plan(connection, again)
        assert connection.execute(select(func.count()).select_from(jobs_table)).scalar_one() == 1


def test_the_web_process_has_a_second_before_the_worker(host: Ticking) -> None:
    host.story.start()
    assert host.tick() == []
    assert host.tick(after=ticker.HEAD_START) == ["crm"]


def test_a_lease_keeps_a_step_from_being_handed_over_twice(host: Ticking) -> None:
    host.story.start()
    assert host.tick(after=A_SECOND) == ["crm"]
    assert host.tick(after=A_SECOND) == []


def test_nothing_is_leased_that_would_wait(host: Ticking) -> None:
    host.story.start()
    host.engine.space = 0
    assert host.tick(after=A_SECOND) == []
    host.engine.space = 1
    assert host.tick() == ["crm"]


def run_job(host: Ticking) -> None:
    name, _, args = host.engine.given[-1]
    for step in job_steps.all_jobs(host)[name]:
        step(*args)


def test_a_step_of_a_killed_worker_goes_on_under_its_own_lease(host: Ticking) -> None:
    session_id = host.story.start()
    host.tick(after=A_SECOND)
    run_job(host)
    assert host.story.states(session_id)["account"] == "done"


def test_a_step_that_kills_whoever_begins_it_is_given_up_without_a_request(
    host: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = host.story.start()
    host.tick(after=A_SECOND)

    def die(*_: object) -> None:
        raise KeyboardInterrupt  # passes every handler, as a kill does

    with monkeypatch.context() as dying:
        dying.setattr(host.runner, "_step", die)
        for _ in range(MAX_CRASHES):
            with pytest.raises(KeyboardInterrupt):
                run_job(host)
    with pytest.raises(DeadLetterError):
        run_job(host)
    given_up = host.story.intent(session_id, "account")
    assert (given_up.state, given_up.error and given_up.error["code"]) == ("failed", "crm_killing")

    with host.database.write() as connection:
        assert intents.resume(connection, given_up, host.clock.now())
    host.tick(after=A_SECOND)
    run_job(host)
    assert host.story.states(session_id)["account"] == "done"


def test_a_job_that_kills_whoever_begins_it_is_given_up_until_a_person_lets_it_run(host: Ticking) -> None:
    session_id = host.story.answered()
    host.end(session_id)
    host.tick(after=QUARTER)
    name = f"after_session-{session_id}"
    for _ in range(MAX_CRASHES):
        job_steps.count_starts(host, "after_session", name)
    with pytest.raises(DeadLetterError):
        job_steps.count_starts(host, "after_session", name)
    with host.database.write() as connection:
        job_rows.fail(connection, name, "its process died in it again and again", host.clock.now())
        [dead] = job_rows.failed(connection)
        job_rows.retry(connection, dead.id, host.clock.now())
    job_steps.count_starts(host, "after_session", f"{name}-again-1")


def test_a_step_that_somebody_else_has_taken_is_passed_on(host: Ticking) -> None:
    session_id = host.story.start()
    host.tick(after=A_SECOND)
    host.clock.forward(timedelta(minutes=1))
    host.tick()
    taken_away = host.engine.given[0][2]
    owner = host.story.intent(session_id, "account").lease_owner
    assert host.runner.carry_on(int(taken_away[0]), str(taken_away[1])) == "passed on"
    assert host.story.intent(session_id, "account").lease_owner == owner


def test_a_session_whose_work_is_done_is_settled_once(host: Ticking) -> None:
    session_id = host.story.answered()
    host.end(session_id)
    host.tick(after=QUARTER)
    run_job(host)
    run_job(host)
    assert facts(host) == [("settled", {"steps": []})]


def test_a_session_with_open_work_says_which(host: Ticking) -> None:
    session_id = host.story.start()
    with host.database.write() as connection:
        job_rows.plan(connection, [Job("after_session", session_id, host.clock.now())])
    job_steps.record_open_steps(host, session_id)
    assert facts(host) == [("unfinished", {"steps": ["account", "record"]})]


def facts(host: Ticking) -> list[tuple[str, Any]]:
    query = select(journal.c.name, journal.c.data).where(journal.c.name.in_(("settled", "unfinished")))
    with host.database.read() as connection:
        return [(row.name, row.data) for row in connection.execute(query)]


def test_a_failed_job_runs_again_under_a_new_name_when_a_person_says_so(host: Ticking) -> None:
    session_id = host.story.answered()
    host.end(session_id)
    host.tick(after=QUARTER)
    name = f"after_session-{session_id}"
    with host.database.write() as connection:
        assert job_rows.fail(connection, name, "no luck", host.clock.now())
        assert not job_rows.fail(connection, name, "no luck", host.clock.now())
        [dead] = job_rows.failed(connection)
        assert (dead.error, job_rows.retry(connection, dead.id, host.clock.now())) == ("no luck", True)
        assert job_rows.failed(connection) == []
    assert host.tick() == ["after_session"]
    assert host.engine.given[-1][1] == f"{name}-again-1"
    with host.database.write() as connection:
        assert not job_rows.fail(connection, name, "the old run, seen late", host.clock.now())


@pytest.mark.slow
def test_a_job_that_meets_an_error_is_tried_again_ever_more_rarely_for_three_days(host: Ticking) -> None:
    session_id = host.story.answered()
    host.end(session_id)
    began, waits = host.clock.now(), []
    host.clock.forward(QUARTER)
    for number in range(job_rows.MOST_TRIES):
        while host.tick() != ["after_session"]:
            host.clock.forward(timedelta(seconds=10))
        key = f"after_session-{session_id}-again-{number}" if number else f"after_session-{session_id}"
        with host.database.write() as connection:
            assert job_rows.postpone(connection, key, host.clock.now())
            assert not job_rows.postpone(connection, key, host.clock.now()), "the old run, seen late"
            [due_at] = connection.execute(select(jobs_table.c.due_at).where(jobs_table.c.kind == "after_session")).one()
        waits.append((due_at - host.clock.now()).total_seconds())
        host.clock.forward(due_at - host.clock.now())
    assert waits[:5] == [10, 40, 160, 640, 900]
    assert timedelta(days=3) < host.clock.now() - began < timedelta(days=4)
    host.tick()
    with host.database.write() as connection:
        assert not job_rows.postpone(connection, host.engine.given[-1][1], host.clock.now())
