"""/metrics: figures for Prometheus, behind the company's key."""

from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert, update

from host.db.tables import heartbeats, intents, traces
from tests.host.crm.world import World
from tests.host.web.api.conftest import Gateway

Figures = dict[str, float]


def figures(gateway: Gateway) -> Figures:
    answer = gateway.send("GET", "/metrics")
    assert answer.status_code == 200
    return {
        "".join([sample.name, *(f" {value}" for value in sample.labels.values())]): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


@pytest.fixture
def scraper(gateway: Gateway) -> Gateway:
    gateway.prefix = ""
    return gateway


def test_an_idle_host(scraper: Gateway) -> None:
    found = figures(scraper)
    assert found["patchbay_queue_depth crm"] == found["patchbay_queue_oldest_due_seconds"] == 0
    assert found["patchbay_deliveries failed"] == found["patchbay_failed_jobs"] == found["patchbay_sockets"] == 0
    assert "patchbay_worker_silent_seconds" not in found
    assert found["patchbay_webhook_messages waiting"] == found["patchbay_webhook_messages failed"] == 0


def test_work_that_is_due_and_for_how_long(scraper: Gateway) -> None:
    world = World(scraper.services.database, scraper.clock)
    world.session()
    scraper.clock.forward(timedelta(seconds=90))
    found = figures(scraper)
    assert (found["patchbay_queue_depth crm"], found["patchbay_queue_oldest_due_seconds"]) == (2, 90)


def test_deliveries_by_state(scraper: Gateway) -> None:
    World(scraper.services.database, scraper.clock).session()
    with scraper.services.database.write() as connection:
        connection.execute(update(intents).where(intents.c.step == "record").values(state="failed"))
    found = figures(scraper)
    assert (found["patchbay_deliveries due"], found["patchbay_deliveries failed"]) == (1, 1)


def test_calls_to_the_crm_and_their_times(scraper: Gateway) -> None:
    session_id = World(scraper.services.database, scraper.clock).session()
    call = {"session_id": session_id, "endpoint": "create_account", "method": "POST", "decision": "", "at": None}
    now = scraper.clock.now()
    add(scraper, {**call, "at": now - timedelta(minutes=6), "status": 201, "took_ms": 9000})
    add(scraper, {**call, "at": now, "status": 201, "took_ms": 250})
    add(scraper, {**call, "at": now, "status": 200, "took_ms": 500})
    add(scraper, {**call, "at": now, "status": None, "took_ms": 5000})
    found = figures(scraper)
    assert found["patchbay_crm_calls create_account 2xx"] == 2
    assert found["patchbay_crm_calls_seconds create_account 2xx"] == 0.75
    assert found["patchbay_crm_calls_longest_seconds create_account 2xx"] == 0.5
    assert found["patchbay_crm_calls create_account none"] == 1


def add(gateway: Gateway, row: dict[str, Any]) -> None:
    with gateway.services.database.write() as connection:
        connection.execute(insert(traces).values(row))


def test_how_long_the_worker_has_been_silent(scraper: Gateway) -> None:
    worker = {"process_id": "worker", "kind": "worker", "alive_at": scraper.clock.now() - timedelta(seconds=4)}
    with scraper.services.database.write() as connection:
        connection.execute(insert(heartbeats).values(worker))
    assert figures(scraper)["patchbay_worker_silent_seconds"] == 4


def test_nobody_else_reads_them(scraper: Gateway) -> None:
    answer = scraper.send("GET", "/metrics", headers={})
    assert answer.status_code == 401
    assert "Basic" in answer.headers["WWW-Authenticate"]
