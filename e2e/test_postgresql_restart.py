"""PostgreSQL restarts while chats come in: accepted chats are there, once."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from e2e.product import Product
from e2e.waiting import eventually
from tests.postgresql import Cluster, private_server

CHATS = 120
RESTARTS = 3
AWAY_S = 2.0
DONE_WITHIN_S = 240


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server that this drill may kill."""
    with private_server() as running:
        yield running


@pytest.fixture
def product(cluster: Cluster, tmp_path: Path) -> Iterator[Product]:
    """The product on that server."""
    made = Product(tmp_path, cluster.empty("drill"))
    made.prepare()
    made.crm.start()
    try:
        made.start()
        yield made
    finally:
        made.kill()
        made.crm.stop()


@pytest.mark.drill
@pytest.mark.timeout(600)
def test_nothing_is_lost_or_doubled_when_postgresql_restarts_under_load(product: Product, cluster: Cluster) -> None:
    started: dict[int, list[int]] = {number: [] for number in range(CHATS)}
    threads = [threading.Thread(target=_start_chats, args=(product, started, part)) for part in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(RESTARTS):
        time.sleep(2)
        cluster.stop()
        time.sleep(AWAY_S)
        cluster.start()
    for thread in threads:
        thread.join(DONE_WITHIN_S)

    assert all(len(set(ids)) == 1 for ids in started.values())
    eventually(lambda: _all_done(product), within_s=DONE_WITHIN_S, what="each caller has an account and a record")
    accounts = Counter({number: len(product.crm.accounts(_phone(number))) for number in range(CHATS)})
    assert set(accounts.values()) == {1}


def _start_chats(product: Product, started: dict[int, list[int]], part: int) -> None:
    """Start every fourth chat: repeat each request until it is accepted, and once more."""
    company = json.loads((product.folder / "company-key.json").read_text())
    for number in range(part, CHATS, 4):
        body = {"queue": "Support / Web", "end_user": {"name": f"Caller {number}", "phone": _phone(number)}}
        while len(started[number]) < 2:
            try:
                answer = requests.post(
                    f"{product.url}/api/v1/chats",
                    json=body,
                    headers={"Idempotency-Key": f"drill-{number}"},
                    auth=(company["key"], company["secret"]),
                    timeout=10,
                )
            except requests.RequestException:
                time.sleep(0.2)
                continue
            if answer.ok:
                started[number].append(answer.json()["id"])
            else:
                assert answer.status_code >= 500, answer.text
                time.sleep(0.2)


def _all_done(product: Product) -> bool:
    found = [product.crm.accounts(_phone(number)) for number in range(CHATS)]
    return all(accounts and len(product.crm.records(accounts[0]["id"])) == 1 for accounts in found)


def _phone(number: int) -> str:
    return f"+1212556{number:04}"
