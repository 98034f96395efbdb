from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert

from host.db.tables import heartbeats
from host.deliveries import destinations
from tests.host.web.conftest import FakeServices


@pytest.mark.parametrize(
    ("silent_s", "kind", "http_status", "worker"),
    [
        (0, "worker", 200, "ok"),
        (14, "worker", 200, "ok"),
        (15, "worker", 503, "silent for 15 s"),
        (0, "web", 503, "never seen"),
    ],
)
def test_ready_needs_a_worker_that_was_heard_lately(
    client: FlaskClient, services: FakeServices, silent_s: int, kind: str, http_status: int, worker: str
) -> None:
    at = services.clock.now() - timedelta(seconds=silent_s)
    with services.database.write() as connection:
        connection.execute(insert(heartbeats).values(process_id="p", kind=kind, alive_at=at))
    answer = client.get("/readyz")
    assert answer.json
    assert answer.status_code == http_status
    assert answer.json["checks"] == {"database": "ok", "worker": worker, "storage": "ok"}


def test_a_storage_that_is_down_is_told_and_its_files_wait(client: FlaskClient, services: FakeServices) -> None:
    now = services.clock.now()
    with services.database.write() as connection:
        connection.execute(insert(heartbeats).values(process_id="p", kind="worker", alive_at=now))
        for _ in range(10):
            destinations.failed(connection, "storage", now)
    answer = client.get("/readyz")
    assert answer.json
    assert (answer.status_code, answer.json["checks"]["storage"]) == (
        200,
        f"down since {now.isoformat(timespec='seconds')}",
    )


def test_a_database_without_tables_is_not_ready(client: FlaskClient, services: FakeServices) -> None:
    with services.database.write() as connection:
        connection.exec_driver_sql("DROP TABLE pb_heartbeats")
    answer = client.get("/readyz")
    assert answer.json
    assert (answer.status_code, answer.json["checks"]["database"]) == (503, "does not answer")


def test_the_process_is_up(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
