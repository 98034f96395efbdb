"""Commands that an embedding page posts: which origin may send what, and what becomes of them."""

from typing import Any

import pytest

from adapter_pages.agent import page_commands
from host.errors import FieldsError, NotAllowedError
from host.settings.document.sections import Embedding

OWN = "http://127.0.0.1:8000"
SITE = "https://crm.example"
EMBEDDING = Embedding(
    allowed_origins=(SITE, "https://other.example"), commands={SITE: ("Answer", "End", "Send_Message")}
)


def read(type_: Any, data: Any = None, origin: Any = SITE) -> page_commands.PageCommand:
    return page_commands.read({"origin": origin, "type": type_, "data": data}, EMBEDDING, OWN)


@pytest.mark.parametrize(
    ("type_", "data", "name", "args"),
    [
        ("Set_Status", {"status": "Break"}, "status", {"status": "Break"}),
        ("Focus_Chat", {"chat_id": 7}, "focus", {"session_id": 7}),
        ("Answer", {"call_id": 7}, "answer", {"session_id": 7}),
        ("End", {"chat_id": 8}, "end", {"session_id": 8}),
        ("End", None, "end", {"session_id": None}),
        ("Send_Message", {"chat_id": 8, "text": "Hi"}, "message", {"session_id": 8, "text": "Hi"}),
        (
            "Set_Record",
            {"chat_id": 8, "record_id": 12},
            "set_record",
            {"session_id": 8, "account_id": None, "record_id": 12},
        ),
        (
            "Dial",
            {"phone_number": "+12223334444", "more": 1},
            "dial",
            {"phone_number": "+12223334444", "account_id": None, "record_id": None},
        ),
    ],
)
def test_a_command_becomes_one_of_the_adapter(type_: str, data: Any, name: str, args: dict[str, Any]) -> None:
    found = read(type_, data)
    assert (found.name, found.args) == (name, args)


@pytest.mark.parametrize("type_", page_commands.OPEN_TO_ALL)
@pytest.mark.parametrize("origin", [OWN, SITE, "https://other.example"])
def test_every_listed_page_may_send_these(type_: str, origin: str) -> None:
    read(type_, {"chat_id": 1, "record_id": 2}, origin)


@pytest.mark.parametrize("type_", [each for each in page_commands.TYPES if each not in page_commands.OPEN_TO_ALL])
@pytest.mark.parametrize("origin", [OWN, "https://other.example", "http://crm.example", "https://crm.example:444"])
def test_the_others_are_for_origins_that_they_are_granted_to(type_: str, origin: str) -> None:
    with pytest.raises(NotAllowedError):
        read(type_, {"chat_id": 1, "text": "x"}, origin)


@pytest.mark.parametrize("origin", ["https://stranger.example", "null", "", "*", "https://crm.example.evil.example"])
def test_a_stranger_may_send_nothing(origin: str) -> None:
    with pytest.raises(NotAllowedError, match="not on the allow-list"):
        read("Set_Status", {"status": "Break"}, origin)


@pytest.mark.parametrize(
    ("type_", "data", "field"),
    [
        ("Explode", {}, "type: found 'Explode'; there are: Dial, "),
        (None, {}, "type"),
        ("Set_Status", [], "data: must be an object, found list"),
        ("Focus_Chat", {}, "chat_id: is missing"),
        ("Send_Message", {"text": "x"}, "chat_id: is missing"),
        ("Set_Record", {"call_id": 1}, "record_id: is missing"),
    ],
)
def test_what_is_wrong_is_named(type_: Any, data: Any, field: str) -> None:
    with pytest.raises(FieldsError, match=field):
        read(type_, data)


def test_an_origin_is_a_text() -> None:
    with pytest.raises(FieldsError, match="origin"):
        read("Set_Status", {}, origin=None)
