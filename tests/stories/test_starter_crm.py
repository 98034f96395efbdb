"""The runner against the real starter CRM, with the demo's settings."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from werkzeug.serving import BaseWSGIServer, make_server

from crm_shell.starter_crm.app import create_app
from host.crm.auth.clients import Clients
from host.crm.settings.crm import CrmSettings
from host.crm.steps.runner import CrmRunner
from host.settings.demo import demo_document
from tests.host.crm.world import World
from tests.serving import served

KEY = "key-of-the-crm"


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    folder = tmp_path / "crm"
    folder.mkdir()
    server: BaseWSGIServer = make_server("localhost", 0, create_app(folder, KEY, (), faults=True), threaded=True)
    with served(server):
        yield server.server_port


@pytest.fixture
def runner(port: int, world: World) -> Iterator[CrmRunner]:
    settings = CrmSettings.model_validate(demo_document(port, KEY, {})["crm"])
    runner = CrmRunner(world.database, lambda: settings, Clients(), world.clock, lambda connection, session_id: None)
    yield runner
    runner.close()


def counts(port: int) -> tuple[int, int]:
    answer = requests.get(f"http://localhost:{port}/api/counts", headers={"X-Api-Key": KEY}, timeout=60).json()
    return answer["accounts"], answer["records"]


def test_one_person_has_one_account_and_a_record_for_each_session(world: World, runner: CrmRunner, port: int) -> None:
    sessions = [world.session(), world.session()]
    for session_id in sessions:
        assert runner.run_session(session_id) == 2
    assert counts(port) == (1, 2)
    rows = [world.row(session_id) for session_id in sessions]
    assert rows[0].account_id == rows[1].account_id
    assert rows[0].record_id != rows[1].record_id


@pytest.mark.parametrize("fault", ["500_after_commit", "500"])
def test_a_create_that_went_wrong_is_there_once(world: World, runner: CrmRunner, port: int, fault: str) -> None:
    rule = {"fault": fault, "path": "/api", "method": "POST", "times": 2}
    requests.post(
        f"http://localhost:{port}/faults", json=rule, headers={"X-Api-Key": KEY}, timeout=5
    ).raise_for_status()
    session_id = world.session()
    for _ in range(20):
        runner.run_session(session_id)
        world.clock.forward(timedelta(seconds=5))
    assert counts(port) == (1, 1)
    assert world.row(session_id).record_id is not None
