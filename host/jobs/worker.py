"""The worker process: sweeps up due work in the CRM and keeps time for offers and absent agents."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection, delete
from sqlalchemy.exc import SQLAlchemyError

from host.clock import Clock
from host.crm.runner import CrmRunner
from host.db.engine import Database, take_turns
from host.db.tables import heartbeats
from host.db.upsert import upsert
from host.jobs.agents import Agents
from host.queues import routing
from host.sessions import calls
from host.sessions.outbox import ROUTING, Route

PAUSE_S = 0.25
HEARTBEAT = timedelta(seconds=5)
FORGET_AFTER = timedelta(hours=1)

log = logging.getLogger(__name__)


class Parts(Protocol):
    """What a process works with; `host.services.Services` has it."""

    @property
    def database(self) -> Database:
        """Where the work is written down."""
        ...

    @property
    def clock(self) -> Clock:
        """The product's clock."""
        ...

    @property
    def process_id(self) -> str:
        """This process's name among all."""
        ...

    @property
    def runner(self) -> CrmRunner:
        """Does what is due in the CRM."""
        ...

    @property
    def agents(self) -> Agents:
        """Notices who is gone."""
        ...

    @property
    def route(self) -> Route:
        """Offers what waits."""
        ...


def run(parts: Parts, stop: threading.Event) -> None:
    """Work until `stop` is set; an error in one round doesn't end the next."""
    beat_at = datetime.min.replace(tzinfo=parts.clock.now().tzinfo)
    while not stop.is_set():
        now = parts.clock.now()
        if now - beat_at >= HEARTBEAT:
            _guarded(parts, lambda connection: beat(connection, parts.process_id, "worker", parts.clock.now()))
            beat_at = now
        _guarded(parts, lambda connection: _keep_time(connection, parts))
        parts.runner.sweep(wait=False)  # a hanging CRM must not hold up offers
        stop.wait(PAUSE_S)


def beat(connection: Connection, process_id: str, kind: str, now: datetime) -> None:
    """Write down that this process is alive, and forget those long gone."""
    upsert(connection, heartbeats, ["process_id"], {"process_id": process_id, "kind": kind, "alive_at": now})
    connection.execute(delete(heartbeats).where(heartbeats.c.alive_at < now - FORGET_AFTER))


def _keep_time(connection: Connection, parts: Parts) -> None:
    take_turns(connection, ROUTING)
    now = parts.clock.now()
    routing.expire(connection, now)
    calls.queue_due(connection, now)
    parts.agents.notice_the_gone(connection)
    parts.route(connection, now)


def _guarded(parts: Parts, work: Callable[[Connection], None]) -> None:
    try:
        with parts.database.write() as connection:
            work(connection)
    except SQLAlchemyError:
        log.exception("the worker could not do a round; trying again")
