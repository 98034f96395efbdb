import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.wire.envelope import LARGEST_BYTES, Accepted, Dropped, build, read, stamp
from host.wire.events import EVENTS

PAYLOADS = Path(__file__).parent / "payloads"
META = stamp("01HX0000000000000000000000", 7, "2026-05-01T10:00:00Z")
CHAT = {"chat_id": 73522, "session_type": "Messaging (Web)", "agent_id": 1, "agent_email": "james.bond@agents.co"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.mark.parametrize("name", EVENTS)
def test_every_example_round_trips(name: str) -> None:
    data = json.loads((PAYLOADS / f"{name}.json").read_text())["data"]
    message = json.loads(build(name, data, META))
    assert message == {"type": name, "data": data, "meta": META}
    decision = read(json.dumps(message))
    assert isinstance(decision, Accepted)
    assert decision.type == name
    assert decision.data == {key: value for key, value in data.items() if value is not None}
    assert decision.meta == META


def test_meta_says_id_number_time_and_version() -> None:
    assert META == {
        "id": "01HX0000000000000000000000",
        "seq": 7,
        "at": "2026-05-01T10:00:00Z",
        "replayed": False,
        "v": 1,
    }


def test_optional_keys_without_a_value_are_left_out() -> None:
    message = json.loads(build("New_Chat", {**CHAT, "agent_custom_id": None, "queue_id": None}, META))
    assert message["data"] == CHAT


def test_the_end_of_a_chat_names_absent_queue_and_custom_id_as_null() -> None:
    message = json.loads(build("End_Chat", CHAT, META))
    assert message["data"] == {**CHAT, "queue_id": None, "queue_path": None, "agent_custom_id": None}


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("New_Fax", {}, "no event 'New_Fax'; there are: Active_Chat"),
        ("New_Chat", {**CHAT, "call_id": 1}, "New_Chat takes no call_id; it takes: chat_id"),
        ("New_Chat", {"chat_id": 73522}, "New_Chat lacks session_type, agent_id, agent_email"),
        ("New_Chat", {**CHAT, "agent_id": None}, "New_Chat lacks agent_id"),
        ("Transfer", {"session_type": "Voice Outbound"}, "Transfer takes exactly one of call_id, chat_id"),
        (
            "Transfer",
            {"session_type": "Voice Outbound", "call_id": 1, "chat_id": 2},
            "Transfer takes exactly one of call_id, chat_id",
        ),
        ("Chat_Inbound_Message", {**CHAT, "message": "x" * LARGEST_BYTES}, "bytes, at most 65536 can be posted"),
    ],
)
def test_refuses_to_build_what_the_table_does_not_know(name: str, data: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        build(name, data, META)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON"),
        ("hello", "not JSON"),
        ("[" * 60000, "not JSON"),
        ("7", "no object"),
        ("null", "no object"),
        ('["New_Chat"]', "no object"),
        ("{}", "no event of ours"),
        ('{"type": "New_Fax", "data": {}}', "no event of ours"),
        ('{"type": ["New_Chat"], "data": {}}', "no event of ours"),
        ('{"type": "New_Chat"}', "New_Chat without data"),
        ('{"type": "New_Chat", "data": [1]}', "New_Chat without data"),
        ('{"type": "New_Chat", "data": {}}', "New_Chat without chat_id"),
        ('{"type": "CRM_Record_Pop", "data": {"recordUrl": null}}', "CRM_Record_Pop without recordUrl"),
        ('"' + "x" * LARGEST_BYTES + '"', "longer than 65536 bytes"),
        ('"' + "é" * (LARGEST_BYTES // 2) + '"', "longer than 65536 bytes"),
    ],
)
def test_drops_what_is_not_for_us_with_a_reason(text: str, reason: str) -> None:
    decision = read(text)
    assert isinstance(decision, Dropped)
    assert decision.reason == reason


def test_accepts_a_pop_that_has_only_what_the_reference_names() -> None:
    decision = read('{"type": "CRM_Record_Pop", "data": {"recordUrl": "https://crm.example/records/1"}}')
    assert isinstance(decision, Accepted)
    assert decision.data == {"recordUrl": "https://crm.example/records/1"}
    assert decision.meta == {}


def test_accepts_keys_that_we_do_not_know() -> None:
    decision = read('{"type": "New_Chat", "data": {"chat_id": 1, "mood": "good"}, "meta": "none"}')
    assert isinstance(decision, Accepted)
    assert decision.data["mood"] == "good"
    assert decision.meta == {}


@given(
    st.text()
    | JSON.map(json.dumps)
    | st.fixed_dictionaries({"type": st.sampled_from(list(EVENTS)), "data": JSON}).map(json.dumps)
)
def test_never_raises(text: str) -> None:
    assert isinstance(read(text), (Accepted, Dropped))
