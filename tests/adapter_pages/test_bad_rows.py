"""Rows that are in a database already, as earlier releases or SQL left them: each hides itself only."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, text

from host.company import company_key
from tests.adapter_pages.live import Adapter, LiveHost

COLUMNS = {"sessions": "pb_sessions", "end_users": "pb_end_users", "journal": "pb_journal", "intents": "pb_intents"}
BAD_TEXTS = [
    r'{"a": "\ud800"}',
    r'{"a": {"label": "\u0000", "value": "\udfff"}}',
    '{"a": {"label": "A", "value": ' + "9" * 400 + "}}",
    '{"a": Infinity, "b": NaN}',
    '{"a": ' + "[" * 200 + "]" * 200 + "}",
    '{"a": ' + "[" * 5000 + "]" * 5000 + "}",
    "no JSON",
    "[]",
    "12",
    "null",
    '"text"',
]


@pytest.fixture
def host(tmp_path: Path) -> Iterator[LiveHost]:
    made = LiveHost(tmp_path)
    yield made
    made.stop()


def spoil(host: LiveHost, table: str, column: str, value: str, condition: str) -> None:
    """Write a row as no code of ours would."""
    statement = text(f"UPDATE {table} SET {column} = :value WHERE {condition}").bindparams(bindparam("value"))
    with host.services.database.write() as connection:
        assert connection.execute(statement, {"value": value}).rowcount


def heard(page: Adapter, said: str) -> bool:
    return said in json.dumps(page.ops("append"))


def api(host: LiveHost, path: str) -> Any:
    import requests

    key = company_key(host.services.config)
    response = requests.get(f"{host.origin}/api/v1{path}", auth=(key.key, key.secret), timeout=60)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.slow
@pytest.mark.parametrize("column", ["custom_data", "details", "account_id", "record_id"])
def test_a_bad_row_hides_no_other(host: LiveHost, column: str, caplog: pytest.LogCaptureFixture) -> None:
    with host.adapter(host.james) as page:
        page.act("status", status="Available")
        good = host.chat(host.james, email="good@example.com")
        bad = host.chat(host.james, email="bad@example.com")
        for value in BAD_TEXTS:
            spoil(host, "pb_sessions", column, value, f"id = {bad}")
            assert [each["id"] for each in api(host, "/chats")] == [good, bad]
            said = f"hello {len(value)}"
            assert host.services.chats.write(good, said, None)
            page.wait(partial(heard, page, said), "the other chat")
        assert page.closed is None
    assert "Traceback" not in caplog.text


def test_an_event_that_cannot_be_told_is_shown_as_trouble_and_the_others_arrive(host: LiveHost) -> None:
    with host.adapter(host.james) as page:
        page.act("status", status="Available")
        chat = host.chat(host.james, answered=False)
        spoil(host, "pb_sessions", "details", '{"campaign_id": 3, "custom_sip_headers": {"X": "1"}}', f"id = {chat}")
        assert "error" not in page.act("answer", session_id=chat)
        page.await_events("New_Chat", "Agent_Connects_to_Session")
        bad = '{"chat_id": 1, "no_such_key": 2}'
        spoil(host, "pb_journal", "data", bad, "name = 'New_Chat'")
        spoil(host, "pb_journal", "data", "[]", "name = 'Agent_Connects_to_Session'")
    with host.adapter(host.james, tab="tab-two2") as again:
        host.services.chats.write(chat, "still here", None)
        told = again.await_events("Chat_Inbound_Message")
        assert told[0]["data"]["message"] == "still here"
        shown = again.wait(lambda: [each for each in again.ops("regions") if "New_Chat" in str(each)], "its trouble")
        assert "All others go on" in str(shown)
    with host.services.database.read() as connection:
        noted = connection.execute(text("SELECT what, session_id FROM pb_unshown ORDER BY id")).all()
    assert {what for what, _ in noted} == {"event New_Chat", "event Agent_Connects_to_Session"}
    assert {session_id for _, session_id in noted} == {chat}
