"""Enqueues due steps and jobs in the engine, in the transaction that marks them as enqueued."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection
from ulid import ULID

from host.crm.intents import intents, leases
from host.deliveries import deliveries
from host.deliveries.destinations import Destination
from host.jobs import job_rows
from host.jobs.engine import Engine
from host.worker.parts import Parts

HEAD_START = timedelta(seconds=1)
"""The web process looks up a new session's account at once; the worker takes steps that are older than this."""


def tick(parts: Parts, engine: Engine) -> int:
    """Enqueue due work; return the number of jobs.

    No kind of work takes all the room: jobs take half of it at most, deliveries a few places for each destination.
    """
    now = parts.clock.now()
    with parts.database.read() as connection:  # most ticks find nothing, and need no write lock
        crm = parts.runner.crm(connection)
        open_to = parts.files.routes.open_destinations()
        if not (
            intents.any_due(connection, now, crm)
            or job_rows.is_any_due(connection, now)
            or deliveries.is_any_due(connection, now, open_to)
        ):
            return 0
    room = engine.room()
    if room < 1:
        return 0
    with parts.database.write() as connection:
        jobs = job_rows.take(connection, now, -(-room // 2))
        for job in jobs:
            engine.enqueue(connection, job.kind, job.run_key, job.session_id)
        sent = _enqueue_deliveries(connection, engine, now, open_to, room - len(jobs))
        rest = max(0, room - len(jobs) - sent)
        owner = str(ULID())
        taken = leases.lease(connection, owner, now, crm, limit=rest, head_start=HEAD_START) if rest else []
        for intent in taken:
            engine.enqueue(connection, "crm", f"crm-{intent.id}-{owner}", intent.id, owner)
    return len(taken) + len(jobs) + sent


def _enqueue_deliveries(
    connection: Connection, engine: Engine, now: datetime, open_to: Collection[Destination], room: int
) -> int:
    """Enqueue the tries of deliveries, a few for each destination; return their number."""
    sent = 0
    for destination in open_to:
        for delivery in deliveries.take(connection, destination, now, room - sent):
            engine.enqueue(connection, "deliver", delivery.run_key, delivery.id, delivery.run)
            sent += 1
    return sent
