"""Heartbeats: each process stores every few seconds that it is alive."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete

from host.db.tables import heartbeats
from host.db.upsert import upsert

HEARTBEAT = timedelta(seconds=5)
FORGET_AFTER = timedelta(hours=1)


def beat(connection: Connection, process_id: str, kind: str, now: datetime) -> None:
    """Store that this process is alive, and delete old rows."""
    upsert(connection, heartbeats, ["process_id"], {"process_id": process_id, "kind": kind, "alive_at": now})
    connection.execute(delete(heartbeats).where(heartbeats.c.alive_at < now - FORGET_AFTER))
