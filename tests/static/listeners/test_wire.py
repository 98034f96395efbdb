import json

from host.wire.envelope import Accepted, Dropped, build, read, stamp
from host.wire.events import EVENTS
from host.wire.session_types import find

CHAT = {"chat_id": 73522, "session_type": "Messaging (Web)", "agent_id": 1, "agent_email": "james.bond@agents.co"}
META = stamp("01HX", 7, "2026-05-01T10:00:00Z")


def test_what_is_built_can_be_read() -> None:
    decision = read(build("End_Chat", CHAT, META))
    assert isinstance(decision, Accepted)
    assert decision.type == "End_Chat"
    assert decision.data == CHAT
    assert decision.meta == META


def test_ids_of_any_size_come_through() -> None:
    decision = read('{"type": "New_Chat", "data": {"chat_id": 9007199254740991}}')
    assert isinstance(decision, Accepted)
    assert str(decision.data["chat_id"]) == "9007199254740991"


def test_junk_is_dropped() -> None:
    for text in ("", "x", "[" * 5000, "[]", "{}", "null", json.dumps({"type": "New_Fax", "data": {}})):
        assert isinstance(read(text), Dropped), text


def test_what_is_too_long_is_dropped() -> None:
    decision = read('"' + "x" * 70000 + '"')
    assert isinstance(decision, Dropped)
    assert decision.reason == "longer than 65536 bytes"


def test_the_tables_are_whole() -> None:
    assert len(EVENTS) == 14
    kind = find("messaging inbound (web chat)")
    assert kind is not None
    assert kind.key == "messaging_web"
