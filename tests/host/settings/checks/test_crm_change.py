"""The settings file names another CRM while a call waits: two CRMs on loopback, the whole host behind one of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from host import services as wiring
from host.commands.doctor import examine
from host.config import Config
from host.crm.intents import intents
from host.db.engine import Database
from host.orchestration.crm_outbox import CrmOutbox
from host.orchestration.session_actions import SessionActions
from host.services import Services
from host.sessions.calls import NewCall
from tests.databases import lay_migrated_tables
from tests.host.crm.conftest import running
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.nothing_remains import NothingRemains


def settings(crm: FaultyCrm, **keys: Any) -> dict[str, Any]:
    phone = [{"name": "phone", "value": "{PHONE_NUMBER}"}]
    return {
        "crm": {
            "type": "custom",
            "auth": {"method": "headers", "headers": [{"key": "X-Api-Key", "value": "s3cret-of-the-api"}]},
            "allowed_hosts": [crm.host],
            "allow_private_addresses": True,
            "endpoints": {
                "find_account_by_query": {
                    "url": f"{crm.url}/accounts",
                    "parameters": phone,
                    "response_location": "items",
                },
                "create_account": {"url": f"{crm.url}/accounts", "parameters": phone},
                "create_record": {
                    "url": f"{crm.url}/records",
                    "parameters": [{"name": "account_id", "value": "{ACCOUNT_ID}"}],
                },
            },
            **keys,
        }
    }


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    config = Config.from_env({}, data=tmp_path)
    database = Database(config.database_url)
    lay_migrated_tables(database)
    database.close()
    services = wiring.build(config)
    yield services
    services.stop()


def call(services: Services) -> int:
    """Start a call; nothing of its work is done yet."""
    outbox = CrmOutbox(
        services.clock, lambda: services.settings.current().crm, lambda session_id: None, NothingRemains()
    )
    calls = SessionActions.build(services.database, services.clock, outbox).calls
    started, _ = calls.start(NewCall(phone="+12223334444"))
    return started.id


def states(services: Services, session_id: int) -> list[str]:
    with services.database.read() as connection:
        return [intent.state for intent in intents.of_session(connection, session_id)]


def resume(services: Services, session_id: int) -> None:
    """Make due now what would be tried later, and do it."""
    with services.database.write() as connection:
        intent = intents.by_step(connection, session_id, "account")
        assert intent is not None
        intents.resume(connection, intent, services.clock.now())
    services.runner.run_session(session_id)


def test_a_call_that_waits_for_one_crm_is_done_there_and_nowhere_else(services: Services) -> None:
    with running() as first, running() as second:
        services.settings.import_file(settings(first))
        first.fail("503", "503", "503", method="GET")
        session_id = call(services)
        services.runner.run_session(session_id)
        [change, *_] = services.settings.import_file(settings(second)).warnings
        assert change.startswith(f"crm: is another CRM than before ({second.host}, not {first.host})")
        assert f'2 steps of work for {first.host} wait; if it is the same CRM, set crm.key: "{first.host}"' in change
        resume(services, session_id)
        assert states(services, session_id) == ["due", "due"]
        assert not second.asked
        found = [each.line() for each in examine(services.config) if each.is_wrong]
        assert sum(f"waits for another CRM ({first.host})" in line for line in found) == 2
        first.faults.clear()
        services.settings.import_file(settings(first))
        resume(services, session_id)
        assert states(services, session_id) == ["done", "done"]
        assert [len(first.rows[kind]) for kind in ("accounts", "records")] == [1, 1]
        assert not second.asked


def test_a_password_or_the_key_of_the_old_hosts_is_no_other_crm(services: Services) -> None:
    with running() as first, running() as second:
        assert not [each for each in services.settings.import_file(settings(first)).warnings if "another CRM" in each]
        changed = {"auth": {"method": "bearer", "token": "another"}}
        for same in (settings(first, **changed), settings(second, key=first.host)):
            assert not [each for each in services.settings.import_file(same).warnings if "another CRM" in each]
