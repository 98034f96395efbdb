import json
from pathlib import Path

import pytest

from host.wire.events import EVENTS

PAYLOADS = Path(__file__).parent / "payloads"


def test_every_type_has_an_example_payload_and_every_payload_a_type() -> None:
    assert {path.stem for path in PAYLOADS.glob("*.json")} == set(EVENTS)


def test_the_types_are_those_of_the_contract_in_its_order() -> None:
    assert list(EVENTS) == [
        "Agent_Login",
        "New_Call",
        "End_Call",
        "New_Chat",
        "Active_Chat",
        "Chat_Inbound_Message",
        "Chat_Outbound_Message",
        "End_Chat",
        "Dismissed_Chat",
        "Transfer",
        "Add_Party",
        "Agent_Connects_to_Session",
        "Task_VA_Joined",
        "CRM_Record_Pop",
    ]


@pytest.mark.parametrize("name", EVENTS)
def test_a_payload_holds_only_keys_of_the_table(name: str) -> None:
    data = json.loads((PAYLOADS / f"{name}.json").read_text())["data"]
    assert set(data) <= set(EVENTS[name].keys)
    assert set(EVENTS[name].required) <= set(data)


@pytest.mark.parametrize("name", EVENTS)
def test_no_key_stands_twice_and_vital_keys_and_nulls_are_keys_of_the_event(name: str) -> None:
    event = EVENTS[name]
    assert len(set(event.keys)) == len(event.keys)
    assert set(event.vital) <= set(event.required)
    assert set(event.nulls) <= set(event.optional)
