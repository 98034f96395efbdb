"""The main loop of the worker process: enqueue due work, end overdue offers, look after quiet chats, clean up."""

import logging
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from host.db.engine import advisory_lock
from host.deliveries import deliveries
from host.jobs import job_rows
from host.jobs.engine import DbosEngine, DeadLetter, Engine, Step
from host.jobs.heartbeat import HEARTBEAT, beat
from host.jobs.reaper import reaping
from host.sessions import used_tokens
from host.sessions.outbox import ROUTING
from host.users import housekeeping
from host.worker.job_steps import all_jobs, count_starts
from host.worker.parts import Parts
from host.worker.ticker import tick

PAUSE_S = 0.25
CLEAN_UP_EVERY = timedelta(minutes=5)
LOOK_FOR_QUIET_CHATS_EVERY = timedelta(seconds=2)
KEEP_FINISHED = timedelta(days=1)
"""How long finished jobs are kept for inspection."""

log = logging.getLogger(__name__)


@contextmanager
def engine_for(parts: Parts, jobs: Mapping[str, list[Step]] | None = None) -> Iterator[Engine]:
    """Run the engine, and on PostgreSQL the reaper, while the block runs.

    Args:
        parts: The services of the process.
        jobs: For tests: other jobs than the product's.
    """
    database = parts.database
    executor_id = "local" if database.is_sqlite else parts.process_id
    engine = DbosEngine(database.url, executor_id, jobs or all_jobs(parts), partial(count_starts, parts))
    with nullcontext() if database.is_sqlite else reaping(database.url, executor_id) as watch:
        engine.start()
        if watch:
            watch()
        try:
            yield engine
        finally:
            engine.stop()


def run(parts: Parts, engine: Engine, stop: threading.Event) -> None:
    """Work in rounds until `stop` is set; a database error in one round doesn't prevent the next."""
    beat_at = cleaned_up_at = looked_at = datetime.min.replace(tzinfo=parts.clock.now().tzinfo)
    while not stop.is_set():
        now = parts.clock.now()
        if now - beat_at >= HEARTBEAT:
            _transact(parts, lambda connection: beat(connection, parts.process_id, "worker", parts.clock.now()))
            beat_at = now
            _run_guarded(lambda: _record_failures(parts, engine))
        if now - cleaned_up_at >= CLEAN_UP_EVERY:
            cleaned_up_at = now
            _run_guarded(lambda: _clean_up(parts))
            _run_guarded(lambda: _keep_files(parts))
        if now - looked_at >= LOOK_FOR_QUIET_CHATS_EVERY:
            looked_at = now
            _transact(parts, lambda connection: _look_for_quiet_chats(connection, parts))
        _transact(parts, lambda connection: _run_timers(connection, parts))
        _run_guarded(lambda: tick(parts, engine))
        stop.wait(PAUSE_S)


def _record_failures(parts: Parts, engine: Engine) -> None:
    """Store the jobs that failed for good in our rows, where people see them; the engine's rows are deleted soon."""
    now = parts.clock.now()
    with parts.database.write() as connection:
        refused = engine.refuse(connection)
        job_rows.hand_over_again(connection, refused)
        deliveries.release(connection, refused, now)
    if refused:
        log.warning(
            "%s jobs of the engine were not written by this version; what is due of them begins anew", len(refused)
        )
    if letters := engine.dead_letters((*job_rows.KINDS, "deliver")):
        with parts.database.write() as connection:
            for letter in letters:
                _record_failure(connection, letter, now)
            engine.drop(connection, [letter.key for letter in letters])
    engine.forget(now - KEEP_FINISHED)


def _record_failure(connection: Connection, letter: DeadLetter, now: datetime) -> None:
    """Let a job that met an error run again later, such as a full disk; store one that has failed for good."""
    if letter.name == "deliver":
        deliveries.release(connection, [letter.key], now)  # only an error of the database ends a try like this
    elif not letter.is_final and job_rows.postpone(connection, letter.key, now):
        log.warning("the job %s is tried again: %s", letter.key, letter.error)
    elif job_rows.fail(connection, letter.key, letter.error, now):
        log.error("the job %s has failed: %s", letter.key, letter.error)


def _clean_up(parts: Parts) -> None:
    """Delete expired rows and abandoned files."""
    now = parts.clock.now()
    housekeeping.purge(parts.database, now)
    with parts.database.write() as connection:
        used_tokens.purge(connection, now)
    try:
        parts.chat_files.sweep()
    except OSError as error:
        log.warning("abandoned files of chats could not be deleted (%s); trying again", error.strerror)


def _keep_files(parts: Parts) -> None:
    """Delete content that nobody needs; once a night, look for missing files.

    One session that can't be read stops no other work, and not the worker: it would end at each start again.
    """
    for work in (_delete_content, _look_for_missing_files):
        try:
            work(parts)
        except SQLAlchemyError:
            raise
        except Exception as error:  # noqa: BLE001 - the outermost edge
            # The message is left out: it may hold personal data.
            place = "".join(traceback.format_tb(error.__traceback__))
            log.error("files could not be looked after: %s at\n%s", type(error).__name__, place)  # noqa: TRY400


def _delete_content(parts: Parts) -> None:
    try:
        parts.files.keeping.clean_up()
    except OSError as error:
        log.warning("content could not be deleted (%s); trying again", error.strerror)


def _look_for_missing_files(parts: Parts) -> None:
    if missing := parts.files.keeping.reconcile():
        log.warning("files were missing, and are made or sent now: %s", "; ".join(missing))


def _run_timers(connection: Connection, parts: Parts) -> None:
    advisory_lock(connection, ROUTING)
    now = parts.clock.now()
    parts.actions.run_timers(connection, now)
    parts.agents.mark_unresponsive(connection)
    parts.actions.route(connection, now)


def _look_for_quiet_chats(connection: Connection, parts: Parts) -> None:
    advisory_lock(connection, ROUTING)
    parts.inactivity.run(connection, parts.clock.now())


def _transact(parts: Parts, work: Callable[[Connection], None]) -> None:
    def write() -> None:
        with parts.database.write() as connection:
            work(connection)

    _run_guarded(write)


def _run_guarded(work: Callable[[], object]) -> None:
    try:
        work()
    except SQLAlchemyError as error:
        log.error("the worker could not do a round (%s); trying again", type(error).__name__)  # noqa: TRY400
