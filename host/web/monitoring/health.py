"""`/healthz` and `/readyz`: tell whether the process is up, and whether it can work."""

from datetime import timedelta

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from host.db.tables import heartbeats
from host.web.current import services

WORKER_SILENT_AFTER = timedelta(seconds=15)

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Answer that the process is up; check nothing else."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Answer 200 if the database and a worker are there, else 503, with each part by name."""
    checks = _checks()
    is_ready = all(found == "ok" for found in checks.values())
    return jsonify(status="ready" if is_ready else "not ready", checks=checks), 200 if is_ready else 503


def _checks() -> dict[str, str]:
    query = select(func.max(heartbeats.c.alive_at)).where(heartbeats.c.kind == "worker")
    try:
        with services().database.read() as connection:
            alive_at = connection.execute(query).scalar_one_or_none()
    except SQLAlchemyError:
        return {"database": "does not answer", "worker": "unknown"}
    if alive_at is None:
        return {"database": "ok", "worker": "never seen"}
    silent = services().clock.now() - alive_at
    if silent >= WORKER_SILENT_AFTER:
        return {"database": "ok", "worker": f"silent for {int(silent.total_seconds())} s"}
    return {"database": "ok", "worker": "ok"}
