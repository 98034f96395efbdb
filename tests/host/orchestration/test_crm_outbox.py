from typing import Any

from host.crm.intents import intents
from host.crm.intents.intents import Intent
from host.crm.settings.crm import CrmSettings
from host.orchestration.crm_outbox import CrmOutbox
from host.orchestration.session_actions import SessionActions
from host.sessions.calls import NewCall
from tests.host.nothing_remains import NothingRemains
from tests.host.world import World

ENDPOINT = {"url": "http://localhost:8001/api/x", "method": "POST", "parameters": []}
CRM = CrmSettings.model_validate(
    {
        "type": "custom",
        "auth": {"method": "headers", "headers": []},
        "allowed_hosts": ["localhost:8001"],
        "endpoints": dict.fromkeys(("create_account", "create_record"), ENDPOINT),
    }
)


def steps_of(world: World, **given: Any) -> dict[str, Intent]:
    outbox = CrmOutbox(world.clock, lambda: CRM, lambda _session_id: None, NothingRemains())
    session, _ = SessionActions.build(world.database, world.clock, outbox).calls.start(NewCall(**given))
    with world.database.read() as connection:
        return {intent.step: intent for intent in intents.of_session(connection, session.id)}


def test_a_new_calls_account_and_record_are_due(world: World) -> None:
    assert {name: step.state for name, step in steps_of(world).items()} == {"account": "due", "record": "due"}


def test_the_record_that_a_call_comes_with_is_used(world: World) -> None:
    steps = steps_of(world, record_id="T-12")
    assert {name: step.state for name, step in steps.items()} == {"account": "due", "record": "done"}
    assert steps["record"].result.as_json() == {"id": "T-12", "created": False, "given": True}
