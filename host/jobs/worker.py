"""The worker process: sweeps up due work in the CRM and keeps time for offers and absent agents."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete
from sqlalchemy.exc import SQLAlchemyError

from host.db.tables import heartbeats
from host.db.upsert import upsert
from host.queues import routing
from host.services import Services

PAUSE_S = 0.25
HEARTBEAT = timedelta(seconds=5)
FORGET_AFTER = timedelta(hours=1)

log = logging.getLogger(__name__)


def run(services: Services, stop: threading.Event) -> None:
    """Work until `stop` is set; an error in one round doesn't end the next."""
    beat_at = datetime.min.replace(tzinfo=services.clock.now().tzinfo)
    while not stop.is_set():
        now = services.clock.now()
        if now - beat_at >= HEARTBEAT:
            _guarded(services, lambda connection: beat(connection, services.process_id, "worker", services.clock.now()))
            beat_at = now
        _guarded(services, lambda connection: _keep_time(connection, services))
        services.runner.sweep()
        stop.wait(PAUSE_S)


def beat(connection: Connection, process_id: str, kind: str, now: datetime) -> None:
    """Write down that this process is alive, and forget those long gone."""
    upsert(connection, heartbeats, ["process_id"], {"process_id": process_id, "kind": kind, "alive_at": now})
    connection.execute(delete(heartbeats).where(heartbeats.c.alive_at < now - FORGET_AFTER))


def _keep_time(connection: Connection, services: Services) -> None:
    now = services.clock.now()
    routing.expire(connection, now)
    services.agents.notice_the_gone(connection)
    services.route(connection, now)


def _guarded(services: Services, work: Callable[[Connection], None]) -> None:
    try:
        with services.database.write() as connection:
            work(connection)
    except SQLAlchemyError:
        log.exception("the worker could not do a round; trying again")
