"""Fixtures: runners of one CRM, and what they have come to know."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from host.crm.auth.clients import Clients
from host.crm.settings.crm import CrmSettings
from host.crm.steps.runner import CrmRunner
from tests.host.crm.runs import Run
from tests.host.crm.world import World


@pytest.fixture
def known() -> list[int]:
    return []


@pytest.fixture
def run(world: World, known: list[int]) -> Iterator[Run]:
    runners = []

    def make(settings: CrmSettings) -> CrmRunner:
        def on_known(connection: Connection, session_id: int) -> None:
            known.append(session_id)

        runner = CrmRunner(world.database, lambda: settings, Clients(), world.clock, on_known)
        runners.append(runner)
        return runner

    yield make
    for runner in runners:
        runner.close()
