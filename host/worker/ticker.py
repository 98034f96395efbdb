"""Enqueues due steps and jobs in the engine, in the transaction that marks them as enqueued."""

from datetime import timedelta

from ulid import ULID

from host.crm.intents import intents, leases
from host.jobs import job_rows
from host.jobs.engine import Engine
from host.worker.parts import Parts

HEAD_START = timedelta(seconds=1)
"""The web process looks up a new session's account at once; the worker takes steps that are older than this."""


def tick(parts: Parts, engine: Engine) -> int:
    """Enqueue all due work; return the number of jobs."""
    now = parts.clock.now()
    with parts.database.read() as connection:  # most ticks find nothing, and need no write lock
        crm = parts.runner.crm(connection)
        if not intents.any_due(connection, now, crm) and not job_rows.is_any_due(connection, now):
            return 0
    room = engine.room()
    if room < 1:
        return 0
    with parts.database.write() as connection:
        owner = str(ULID())
        taken = leases.lease(connection, owner, now, crm, limit=room, head_start=HEAD_START)
        for intent in taken:
            engine.enqueue(connection, "crm", f"crm-{intent.id}-{owner}", intent.id, owner)
        jobs = job_rows.take(connection, now, room)
        for job in jobs:
            engine.enqueue(connection, job.kind, job.run_key, job.session_id)
    return len(taken) + len(jobs)
