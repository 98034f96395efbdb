"""A worker that is killed with SIGKILL loses no message, and repeats few, with their ids; on both engines."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from host import services
from host.config import Config
from host.db.engine import Database
from host.db.tables import journal, webhook_deliveries
from host.sessions.calls import NewCall
from host.webhooks.event_types import type_of
from tests.host.webhooks.receiver import SECRET, Receiver
from tests.host.webhooks.test_sender import wait_until
from tests.host.world import World

CALLS = 60
PATIENCE_S = 100
"""Processes start slowly on a busy machine."""
KILLS = 1


@contextmanager
def sender(folder: Path, database: Database) -> Iterator[None]:
    """Run a process that sends; kill it at the end."""
    command = [sys.executable, "-m", "tests.host.webhooks.drill_sender", str(folder), database.url]
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        process.kill()
        process.wait()


@pytest.mark.timeout(400)
def test_a_killed_worker_loses_nothing(database: Database, receiver: Receiver, tmp_path: Path) -> None:
    World(database)
    host = services.build(Config.from_env({"PATCHBAY_DATA": str(tmp_path), "DATABASE_URL": database.url}))
    try:
        host.settings.import_file({"webhooks": [{"url": receiver.url, "secret": SECRET}]})
        receiver.takes_s = 0.03
        for _ in range(CALLS):
            session, _ = host.calls.start(NewCall(queue="Developers / James", name="James Bond"))
            host.calls.end(session.id, by="end_user")
        for kill in range(1, KILLS + 1):
            with sender(tmp_path, database):
                wait_until(lambda at_least=kill * 15: len(receiver.ids()) >= at_least, PATIENCE_S)  # type: ignore[misc]
        with sender(tmp_path, database):
            wait_until(lambda: count(database) == 0, PATIENCE_S)
    finally:
        host.stop()
    told = receiver.ids()
    assert set(told) == due(database)
    assert len(told) == 2 * CALLS
    assert sum(told.values()) - len(told) <= KILLS * 20
    shown: Any = receiver.received[-1].body["data"]["session"]
    assert (shown["end_user"]["name"], shown["status"]) == ("James Bond", "failed")


def count(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(webhook_deliveries)).scalar_one()


def due(database: Database) -> set[str]:
    """Return the ids of all messages that the journal makes necessary."""
    with database.read() as connection:
        rows = connection.execute(select(journal.c.ulid, journal.c.name, journal.c.data)).all()
    return {f"msg_{row.ulid}" for row in rows if type_of(row.name, row.data)}
