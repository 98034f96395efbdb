import json
import logging
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from host.db.tables import journal, messages
from host.users import company_keys
from host.web.api import batch
from tests.host.web.api.conftest import Answer, Gateway, application, basic, gateway_of


def done(gateway: Gateway, *operations: object) -> list[dict[str, Any]]:
    answer = gateway.post("/batch", {"operations": list(operations)})
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json["results"]
    return results


def post(path: str, body: object = None, key: object = None) -> dict[str, Any]:
    return {"method": "POST", "path": path, "body": body, "idempotency_key": key}


def get(path: str) -> dict[str, Any]:
    return {"method": "GET", "path": path}


def say(chat_id: int, text: str, key: str | None = None) -> dict[str, Any]:
    return post(f"/chats/{chat_id}/message", {"text": text}, key)


def test_operations_are_done_in_order(gateway: Gateway) -> None:
    found = done(gateway, post("/chats", {"lang": "de"}), say(1, "Hallo"), get("/chats/1"), post("/chats/1/end"))
    assert [each["status"] for each in found] == [201, 201, 200, 200]
    assert (found[0]["body"]["lang"], found[1]["body"]["text"]) == ("de", "Hallo")
    assert (found[2]["body"]["message_count"], found[3]["body"]["status"]) == (1, "canceled")


def test_one_that_fails_leaves_the_others_alone(gateway: Gateway) -> None:
    chat = gateway.start("/chats")["id"]
    found = done(
        gateway,
        say(chat, "one"),
        say(chat, ""),
        say(999, "nobody"),
        post("/calls", {"queue": "Nowhere"}),
        {"method": "POST"},
        "no object",
        say(chat, "two"),
    )
    assert [each["status"] for each in found] == [201, 422, 404, 422, 422, 400, 201]
    assert list(found[1]["body"]["fields"]) == ["text"]
    assert found[2]["body"]["message"] == "There is no chat 999."
    assert texts(gateway) == ["one", "two"]


@pytest.mark.parametrize("bad", ["\ud800", "\u0000", "x" * 200_001, [[[]]]])
def test_what_nobody_can_read_is_refused_alone(gateway: Gateway, bad: object) -> None:
    chat = gateway.start("/chats")["id"]
    found = done(gateway, say(chat, "one"), post(f"/chats/{chat}/message", {"text": bad}), say(chat, "two"))
    assert [each["status"] for each in found] == [201, 422, 201]


def test_levels_count_for_each_operation(gateway: Gateway) -> None:
    deep: Any = {}
    for _ in range(50):
        deep = {"a": deep}
    assert [each["status"] for each in done(gateway, post("/calls", deep), post("/calls"))] == [422, 201]


@pytest.mark.parametrize("prefix", ["", "/api/v1", "/manager/api/v1", "/apps/api/v1"])
def test_a_path_may_have_a_prefix_and_a_query(gateway: Gateway, prefix: str) -> None:
    gateway.start("/calls")
    gateway.start("/calls")
    [found] = done(gateway, get(f"{prefix}/calls?page=2&per_page=1"))
    assert [each["id"] for each in found["body"]] == [2]


@pytest.mark.parametrize(
    ("operation", "status", "code"),
    [
        (post("/batch", {"operations": []}), 422, "fields"),
        (post("/api/v1/batch", {"operations": []}), 422, "fields"),
        (get("/nothing"), 404, "not_found"),
        (get("/sign-in"), 404, "not_found"),
        (get("calls"), 422, "fields"),
        (get("//calls"), 422, "fields"),
        (get("/calls/99999999999999999999"), 404, "not_found"),
        ({"method": "DELETE", "path": "/calls"}, 405, "method_not_allowed"),
        (post("/calls", []), 400, "bad_request"),
        (post("/calls", None, ""), 422, "fields"),
        (post("/calls", None, 12), 422, "fields"),
        (get("/calls?page=0"), 422, "fields"),
        (get("/calls?queue=%00"), 422, "fields"),
        ({**get("/calls"), "headers": {}}, 422, "fields"),
    ],
)
def test_what_an_operation_is_refused_for(gateway: Gateway, operation: object, status: int, code: str) -> None:
    [found] = done(gateway, operation)
    assert (found["status"], found["body"]["error"], found["body"]["status"]) == (status, code, status)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"operations": {}}, 422),
        ({"operations": [], "more": 1}, 422),
        ({"operations": [None] * (batch.MOST + 1)}, 422),
        ([], 400),
        (None, 422),
    ],
)
def test_a_batch_that_is_none_is_refused(gateway: Gateway, body: object, status: int) -> None:
    answer = gateway.post("/batch", body)
    assert answer.status_code == status


def test_an_empty_batch_has_no_results(gateway: Gateway) -> None:
    assert done(gateway) == []


def test_its_body_may_be_longer_than_others(gateway: Gateway) -> None:
    chat = gateway.start("/chats")["id"]
    long = [say(chat, "x" * 9_000) for _ in range(400)]
    assert {each["status"] for each in done(gateway, *long)} == {201}
    assert send(gateway, " " * batch.LARGEST_BYTES + '{"operations": []}').status_code == 413


def test_a_repeated_batch_does_nothing_more(gateway: Gateway) -> None:
    operations = [post("/chats", {}, "start"), say(1, "Hi!", "m1"), say(1, "Hi!", "m1"), say(1, "Hi!", "m2")]
    first, again = done(gateway, *operations), done(gateway, *operations)
    assert [each["status"] for each in first] == [201, 201, 200, 201]
    assert [each["status"] for each in again] == [200, 200, 200, 200]
    assert first[1]["body"] == first[2]["body"] == again[1]["body"]
    assert texts(gateway) == ["Hi!", "Hi!"]


def test_a_key_for_two_messages_is_refused(gateway: Gateway) -> None:
    gateway.start("/chats")
    found = done(gateway, say(1, "one", "m"), say(1, "two", "m"), say(1, "three"))
    assert [each["status"] for each in found] == [201, 409, 201]
    assert texts(gateway) == ["one", "three"]


def test_messages_of_several_chats_keep_their_order(gateway: Gateway) -> None:
    chats = [gateway.start("/chats")["id"] for _ in range(3)]
    found = done(gateway, *(say(chats[number % 3], str(number)) for number in range(30)))
    assert [each["body"]["text"] for each in found] == [str(number) for number in range(30)]
    assert [each["body"]["chat_id"] for each in found] == [chats[number % 3] for number in range(30)]
    assert texts(gateway) == [str(number) for number in range(30)]
    with gateway.services.database.read() as connection:
        told = connection.execute(select(func.count()).where(journal.c.name == "message")).scalar_one()
    assert told == 30


def test_a_chats_budget_is_spent_message_by_message(gateway: Gateway) -> None:
    gateway.services.settings.import_file({"budgets": {"bytes_per_chat": 10}})
    gateway.start("/chats")
    found = done(gateway, say(1, "12345678"), say(1, "123"), say(1, "12"), say(1, "1"))
    assert [each["status"] for each in found] == [201, 429, 201, 429]
    assert gateway.post("/chats/1/message", {"text": "1"}).status_code == 429


@pytest.mark.parametrize(("scopes", "statuses"), [(["read"], [200, 403, 403]), (["write"], [403, 201, 201])])
def test_a_keys_scopes_count_for_each_operation(gateway: Gateway, scopes: list[str], statuses: list[int]) -> None:
    gateway.start("/chats")
    with gateway.services.database.write() as connection:
        key, secret = company_keys.add(connection, "another", scopes, gateway.clock.now())
    operations = {"operations": [get("/calls"), post("/calls"), say(1, "Hi!")]}
    answer = send(gateway, json.dumps(operations), basic(key.key, secret))
    assert [each["status"] for each in answer.json["results"]] == statuses


def test_without_a_key_nothing_is_done(gateway: Gateway) -> None:
    assert send(gateway, json.dumps({"operations": [post("/calls")]}), {}).status_code == 401
    assert gateway.get("/calls").json == []


def test_one_that_breaks_is_logged_and_the_others_are_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with application(tmp_path) as app:
        gateway = gateway_of(app)
        gateway.start("/chats")
        write_all = gateway.services.chats.write_all

        words = "words of a person"

        def breaks(drafts: Any) -> Any:
            if any(each.text == "poison" for each in drafts):
                raise ArithmeticError(words)
            return write_all(drafts)

        monkeypatch.setattr(gateway.services.chats, "write_all", breaks)
        with caplog.at_level(logging.ERROR):
            found = done(gateway, say(1, "one"), say(1, "poison"), say(1, "two"))
        assert [each["status"] for each in found] == [201, 500, 201]
        assert found[1]["body"]["error"] == "internal"
        assert words not in caplog.text
        assert texts(gateway) == ["one", "two"]


def texts(gateway: Gateway) -> list[str]:
    with gateway.services.database.read() as connection:
        return list(connection.execute(select(messages.c.text).order_by(messages.c.id)).scalars())


def send(gateway: Gateway, text: str, headers: dict[str, str] | None = None) -> Answer:
    return gateway.send("POST", "/batch", headers=headers, data=text, content_type="application/json")
