from typing import Any

import pytest

from host.crm.intents.intents import Intent
from host.crm.intents.step_result import StepResult
from host.crm.settings.crm import CrmSettings
from host.orchestration import crm_plan
from tests.clock import FrozenClock

ENDPOINT = {"url": "http://localhost:8001/api/x", "method": "POST", "parameters": []}
ACCOUNTS = {"find_account_by_query": ENDPOINT, "create_account": ENDPOINT}
UPDATES = {"update_record": ENDPOINT, "add_comment": ENDPOINT}
RECORDS = {"find_record_by_query": ENDPOINT, "create_record": ENDPOINT}


def crm(endpoints: object, **given: Any) -> CrmSettings:
    return CrmSettings.model_validate(
        {
            "type": "custom",
            "auth": {"method": "headers", "headers": []},
            "allowed_hosts": ["localhost:8001"],
            "account_lookup_url": "http://localhost:8001/accounts/{ACCOUNT_ID}",
            "record_lookup_url": "http://localhost:8001/records/{RECORD_ID}",
            "endpoints": endpoints,
        }
        | given
    )


@pytest.mark.parametrize(
    ("settings", "steps"),
    [
        (crm({}), []),
        (crm(ACCOUNTS), ["account"]),
        (crm(ACCOUNTS | RECORDS), ["account", "record"]),
        (crm(ACCOUNTS | RECORDS, type="none"), []),
    ],
)
def test_a_new_session_makes_due_what_the_endpoints_allow(settings: CrmSettings, steps: list[str]) -> None:
    assert crm_plan.on_created(settings) == steps


def steps(states: dict[str, str], **result: Any) -> dict[str, Intent]:
    now = FrozenClock().now()
    facts: dict[str, Any] = dict.fromkeys(Intent.__dataclass_fields__)
    return {
        step: Intent(**{**facts, "step": step, "state": state, "result": StepResult(**result), "created_at": now})
        for step, state in states.items()
    }


@pytest.mark.parametrize(
    ("account_id", "record_id", "states", "reason"),
    [
        (None, None, {"account": "due", "record": "due"}, None),
        (7, None, {"account": "done", "record": "due"}, None),
        (7, 12, {"account": "done", "record": "done"}, "record"),
        (7, None, {"account": "done", "record": "done"}, "account"),
        (7, None, {"account": "done"}, "account"),
        (None, 12, {"account": "done", "record": "done"}, "record"),
        (7, None, {"account": "done", "record": "waiting"}, None),
    ],
)
def test_pops_the_record_or_the_account_where_there_is_none(
    account_id: int | None, record_id: int | None, states: dict[str, str], reason: str | None
) -> None:
    assert crm_plan.pop_reason(crm(ACCOUNTS | RECORDS), account_id, record_id, steps(states)) == reason


@pytest.mark.parametrize(
    ("record", "reason"),
    [("due", None), ("unknown", None), ("done", "open_custom_url"), ("waiting", "open_custom_url")],
)
def test_pops_the_queues_page_for_somebody_unknown(record: str, reason: str | None) -> None:
    planned = steps({"account": "done", "record": record}, open_custom_url=True)
    assert crm_plan.pop_reason(crm(ACCOUNTS | RECORDS), None, 12, planned) == reason


def test_pops_nothing_without_a_page_to_show() -> None:
    settings = crm(ACCOUNTS | RECORDS, account_lookup_url="", record_lookup_url="")
    assert crm_plan.pop_reason(settings, 7, 12, steps({"account": "done", "record": "done"})) is None


@pytest.mark.parametrize(
    ("given", "event", "due"),
    [
        ({}, "start", ["comment"]),
        ({}, "end", ["comment", "update"]),
        ({}, "connected", ["update"]),
        ({"comment_on": []}, "end", ["update"]),
        ({"update_on": []}, "end", ["comment"]),
        ({"type": "none"}, "end", []),
        ({"endpoints": {**ACCOUNTS, **RECORDS}}, "end", []),
    ],
)
def test_an_event_makes_due_what_the_settings_say(given: dict[str, Any], event: str, due: list[str]) -> None:
    settings = crm(**{"endpoints": ACCOUNTS | RECORDS | UPDATES, **given})
    assert crm_plan.on_event(settings, event) == due


def test_files_go_to_the_crm_by_their_kind() -> None:
    upload = {"upload_file": ENDPOINT | {"files": ["photos"]}}
    settings = crm(ACCOUNTS | RECORDS | upload)
    assert [crm_plan.takes_files(settings, kind) for kind in ("photos", "videos")] == [True, False]
