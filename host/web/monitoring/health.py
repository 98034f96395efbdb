"""`/healthz` and `/readyz`: tell whether the process is up, and whether it can work."""

from datetime import datetime, timedelta

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from host.db.tables import heartbeats
from host.deliveries import destinations
from host.web.current import services

WORKER_SILENT_AFTER = timedelta(seconds=15)

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Answer that the process is up; check nothing else."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Answer 200 if the database and a worker are there, else 503, with each part by name.

    The state of the external storage is told, but a storage that is down makes nobody unready: its files wait.
    """
    checks = _checks()
    is_ready = (checks["database"], checks["worker"]) == ("ok", "ok")
    return jsonify(status="ready" if is_ready else "not ready", checks=checks), 200 if is_ready else 503


def _checks() -> dict[str, str]:
    query = select(func.max(heartbeats.c.alive_at)).where(heartbeats.c.kind == "worker")
    try:
        with services().database.read() as connection:
            alive_at = connection.execute(query).scalar_one_or_none()
            down = destinations.down(connection)
    except SQLAlchemyError:
        return {"database": "does not answer", "worker": "unknown", "storage": "unknown"}
    storage = f"down since {down['storage'][0].isoformat(timespec='seconds')}" if "storage" in down else "ok"
    return {"database": "ok", "worker": _worker(alive_at), "storage": storage}


def _worker(alive_at: datetime | None) -> str:
    if alive_at is None:
        return "never seen"
    silent = services().clock.now() - alive_at
    return "ok" if silent < WORKER_SILENT_AFTER else f"silent for {int(silent.total_seconds())} s"
