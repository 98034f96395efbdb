"""`/api/crm/...` in the whole application, against a CRM that does wrong what real ones do wrong."""

import re
from typing import Any

import pytest
from urllib3.filepost import encode_multipart_formdata

from tests.host.web.crm_desk import PHONE, RECORD, Desk, configure, crm, desk, signed_in

__all__ = ["crm", "desk", "signed_in"]

EMPTY = {"name": None, "phone": None, "email": None, "subject": None, "status": None}


def form(name: str, content: bytes, **fields: str) -> dict[str, Any]:
    body, content_type = encode_multipart_formdata({**fields, "file": (name, content)})
    return {"data": body, "content_type": content_type}


JAMES = {"name": "James Bond", "phone": "+12223334444", "email": "james.bond@agents.co"}


def test_an_account_is_created_and_found(desk: Desk) -> None:
    made = desk.ask("POST", "accounts", json=JAMES)
    shape = {**EMPTY, **JAMES, "id": 1, "url": f"{desk.crm.url}/pages/accounts/1"}
    assert (made.status_code, made.json) == (201, shape)
    assert desk.ask("GET", "accounts", query_string={"phone": "(222) 333-4444"}).json == {"items": [shape]}
    assert desk.ask("GET", "accounts/1").json == shape
    assert "planted-key" not in made.text
    assert desk.crm.asked[0].headers["X-Api-Key"] == "planted-key"


def test_nobody_found_is_an_empty_list_and_a_missing_one_404(desk: Desk) -> None:
    assert desk.ask("GET", "accounts", query_string={"email": "nobody@agents.co"}).json == {"items": []}
    missing = desk.ask("GET", "accounts/4711")
    assert missing.json
    assert (missing.status_code, missing.json["error"]) == (404, "not_found")


def test_all_pages_of_a_find_are_read(desk: Desk) -> None:
    find = {
        "url": f"{desk.crm.url}/people",
        "parameters": PHONE,
        "response_location": "items",
        "paging": {"type": "next_link", "location": "next"},
    }
    configure(desk, find_account_by_query=find)
    desk.crm.answers["/people"] = {"items": [{"id": 1, "phone": "+19998887777"}], "next": "/people2"}
    desk.crm.answers["/people2"] = {"items": [{"id": 9, "phone": "222 333 4444"}]}
    answer = desk.ask("GET", "accounts", query_string={"phone": "+12223334444"})
    assert answer.json
    assert [item["id"] for item in answer.json["items"]] == [9]


def test_a_find_that_is_not_finished_is_not_an_empty_list(desk: Desk) -> None:
    find = {
        "url": f"{desk.crm.url}/people",
        "parameters": PHONE,
        "response_location": "items",
        "paging": {"type": "next_link", "location": "next", "max_pages": 1},
    }
    configure(desk, find_account_by_query=find)
    desk.crm.answers["/people"] = {"items": [{"id": 1, "phone": "+19998887777"}], "next": "/people2"}
    answer = desk.ask("GET", "accounts", query_string={"phone": "+12223334444"})
    assert answer.json
    assert (answer.status_code, answer.json["error"]) == (502, "crm_unfinished")


def test_a_record_is_created_read_and_changed(desk: Desk) -> None:
    made = desk.ask("POST", "records", json={"account_id": 1, "subject": "Help with {ACCOUNT_ID}", "status": "open"})
    shape = {
        **EMPTY,
        "id": 1,
        "url": f"{desk.crm.url}/pages/records/1",
        "subject": "Help with {ACCOUNT_ID}",
        "status": "open",
    }
    assert (made.status_code, made.json) == (201, shape)
    sent = desk.crm.asked[0].json
    assert (sent["account_id"], sent["agent"]) == (1, "agent@example.com")
    assert "session" not in sent
    assert desk.ask("GET", "records", query_string={"account_id": "1"}).json == {"items": [shape]}
    assert desk.ask("GET", "records/1").json == shape
    changed = desk.ask("PATCH", "records/1", json={"status": "closed"})
    assert changed.json
    assert (changed.status_code, changed.json["id"]) == (200, "1")
    assert desk.crm.asked[-1].path == "/changed/1"
    assert desk.crm.asked[-1].json["status"] == "closed"


def test_a_comment_is_written_in_the_endpoints_format(desk: Desk) -> None:
    made = desk.ask("POST", "records/7/comments", json={"text": "<b>\nbold"})
    assert (made.status_code, made.json) == (201, {**EMPTY, "id": 1, "url": None})
    assert desk.crm.rows["comments"][0] == {"id": 1, "body": "<p>&lt;b&gt;<br>bold</p>", "record": "7"}


def test_a_file_goes_to_the_record_whole(desk: Desk) -> None:
    made = desk.ask("POST", "records/7/files", **form("../../photo of me.png", bytes(2_000_000)))
    assert (made.status_code, made.json) == (201, {**EMPTY, "id": 1, "url": f"{desk.crm.url}/files/1"})
    [row] = desk.crm.rows["comments"]
    assert (row["name"], len(row["data"])) == ("photo of me.png", 2_666_668)


def test_a_file_that_is_too_big_is_refused(desk: Desk) -> None:
    answer = desk.ask("POST", "records/7/files", **form("x.bin", bytes(26 * 1024 * 1024)))
    assert answer.status_code == 413
    assert desk.crm.asked == []


def test_raw_comes_along_only_on_request(desk: Desk) -> None:
    desk.crm.rows["accounts"].append({"id": 1, "secret_note": "x", **JAMES})
    plain, raw = desk.ask("GET", "accounts/1").json, desk.ask("GET", "accounts/1?raw=1").json
    assert plain
    assert raw
    assert "raw" not in plain
    assert raw["raw"]["secret_note"] == "x"


def test_a_find_that_answers_everyone_finds_nobody(desk: Desk) -> None:
    desk.crm.rows["accounts"] += [{"id": 1, **JAMES}, {"id": 2, "phone": "+13334445555"}]
    desk.crm.ignores_filters = True
    desk.crm.rows["records"].append({"id": 1, "account_id": 2})
    answer = desk.ask("GET", "accounts", query_string={"phone": "+14445556666"})
    assert answer.json == {"items": []}
    assert desk.ask("GET", "records", query_string={"account_id": "1"}).json == {"items": []}


def test_a_name_full_of_signs_stays_a_name(desk: Desk) -> None:
    name = "O'Brien \"}` {ACCOUNT_ID}"
    made = desk.ask("POST", "accounts", json={"name": name})
    assert made.json
    assert made.json["name"] == name
    assert desk.ask("GET", "accounts/..%2F..%2Fadmin").status_code == 404


def test_the_pages_key_makes_a_request_that_is_sent_twice_one(desk: Desk) -> None:
    answers = [desk.ask("POST", "accounts", json=JAMES, headers={"Idempotency-Key": "abc"}) for _ in range(2)]
    assert [answer.json["id"] for answer in answers if answer.json] == [1, 1]
    desk.ask("POST", "accounts", json=JAMES)
    assert len(desk.crm.rows["accounts"]) == 2
    assert re.fullmatch("[0-9A-Z]{26}", desk.crm.asked[-1].headers["Idempotency-Key"])


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
@pytest.mark.parametrize("headers", [{}, {"X-CSRF-Token": "forged"}])
def test_nothing_goes_without_the_pages_token(desk: Desk, method: str, headers: dict[str, str]) -> None:
    path = {"GET": "accounts/1", "POST": "accounts", "PATCH": "records/1"}[method]
    answer = desk.client.open(f"/api/crm/{path}", method=method, headers=headers, json=JAMES)
    assert answer.json
    assert (answer.status_code, answer.json["error"]) == (400, "csrf")
    assert desk.crm.asked == []


def test_the_token_counts_in_the_header_only(desk: Desk) -> None:
    given = form("x.txt", b"x", csrf_token=desk.token)
    assert desk.client.post("/api/crm/records/7/files", **given).status_code == 400


def test_other_origins_get_no_leave(desk: Desk) -> None:
    answer = desk.ask("GET", "accounts/1", headers={"Origin": "https://evil.example"})
    assert [name for name, _ in answer.headers if name.startswith("Access-Control")] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("GET", "accounts", None, "phone"),
        ("GET", "records", None, "account_id"),
        ("POST", "accounts", {}, "name"),
        ("POST", "accounts", {"nome": "x"}, "nome"),
        ("POST", "accounts", {"name": ["x"]}, "name"),
        ("POST", "accounts", {"name": "x" * 20_001}, "name"),
        ("POST", "records", {"account_id": True}, "account_id"),
        ("POST", "records/7/comments", {"text": ""}, "text"),
        ("POST", "records/7/files", None, "file"),
    ],
)
def test_bad_input_is_refused_by_name(desk: Desk, method: str, path: str, body: Any, field: str) -> None:
    answer = desk.ask(method, path, **({} if body is None else {"json": body}))
    assert answer.status_code == 422
    assert answer.json
    assert field in answer.json["fields"]
    assert desk.crm.asked == []


@pytest.mark.parametrize("body", ["[]", "7", "{", ""])
def test_a_body_that_is_no_object_is_refused(desk: Desk, body: str) -> None:
    answer = desk.ask("POST", "accounts", data=body, content_type="application/json")
    assert answer.json
    assert (answer.status_code, answer.json["error"]) == (400, "bad_request")


@pytest.mark.parametrize(
    ("fault", "status", "code", "retryable"),
    [
        ("503", 502, "crm_unavailable", True),
        ("422", 502, "crm_rejected", False),
        ("401", 502, "crm_auth", False),
        ("no_id", 502, "crm_answer", False),
        ("html", 502, "crm_answer", False),
        ("redirect", 502, "crm_rejected", False),
        ("hang", 504, "crm_timeout", True),
    ],
)
def test_what_the_crm_does_wrong_is_told_in_the_one_shape(
    desk: Desk, fault: str, status: int, code: str, retryable: bool
) -> None:
    desk.crm.fail(fault)
    answer = desk.ask("POST", "accounts", json=JAMES)
    assert answer.json
    assert answer.status_code == status
    assert (answer.json["error"], answer.json["retryable"], answer.json["status"]) == (code, retryable, status)
    assert "2223334444" not in answer.text


def test_an_upload_of_three_requests_arrives(desk: Desk) -> None:
    url, crm = desk.crm.url, desk.crm
    kept: dict[str, Any] = {}
    crm.acts = {
        "POST /reserve": lambda asked: (201, {"put_at": "/places/9?s=1", "file": "f-9", **kept}),
        "PUT /places/9": lambda asked: (kept.update(file=asked.body) or 200, {}),
        "POST /attach": lambda asked: (kept.update(on=asked.json) or 200, {}),
    }
    upload = {
        "url": f"{url}/reserve",
        "parameters": [{"name": "name", "value": "{FILE_NAME}"}],
        "save": {"place": "put_at", "file": "file"},
        "steps": [
            {"url": "{SAVED.place}", "method": "PUT", "body": "raw"},
            {
                "url": f"{url}/attach",
                "format": "template",
                "template": {"on": "{RECORD_ID}", "files": ["{SAVED.file}"]},
            },
        ],
        "attachment": {"type": "id", "location": "file", "url": f"{url}/files/{{SAVED.file}}"},
    }
    configure(desk, upload_file=upload)
    made = desk.ask("POST", "records/7/files", **form("photo.png", b"\x89PNG"))
    assert (made.status_code, made.json) == (201, {**EMPTY, "id": "f-9", "url": f"{url}/files/f-9"})
    assert kept == {"file": b"\x89PNG", "on": {"on": "7", "files": ["f-9"]}}


def in_two(desk: Desk, **keys: Any) -> dict[str, Any]:
    url = desk.crm.url
    template = {"messages": ["{SAVED.comment}"], "text": "{COMMENT_BODY}", "on": "{RECORD_ID}"}
    return {
        "url": f"{url}/comments",
        "parameters": [{"name": "body", "value": "{COMMENT_BODY}"}],
        "save": {"comment": "id"},
        "steps": [{"url": f"{url}/conversation", "format": "template", "template": template}],
        **keys,
    }


def test_a_comment_of_two_requests_arrives(desk: Desk) -> None:
    configure(desk, add_comment=in_two(desk))
    assert desk.ask("POST", "records/7/comments", json={"text": "Hello"}).status_code == 201
    assert desk.crm.asked[-1].json == {"messages": [1], "text": "Hello", "on": "7"}


@pytest.mark.parametrize("path", ["records/7/comments", "records/7/files"])
@pytest.mark.parametrize(("fault", "code"), [("422", "crm_rejected"), ("503", "crm_unavailable"), ("401", "crm_auth")])
def test_a_step_that_fails_is_told(desk: Desk, path: str, fault: str, code: str) -> None:
    name = "add_comment" if "comments" in path else "upload_file"
    steps = [{"url": f"{desk.crm.url}/second"}]
    configure(desk, add_comment=in_two(desk, steps=steps), upload_file={"url": f"{desk.crm.url}/first", "steps": steps})
    desk.crm.fail("", fault)
    given = {"json": {"text": "Hello"}} if "comments" in path else form("x.txt", b"x")
    answer = desk.ask("POST", path, **given)
    assert answer.json
    assert (answer.status_code, answer.json["error"]) == (502, code)
    assert f"{name}, step 1: answered {fault}" in answer.json["message"]


def test_a_step_without_its_value_is_not_sent(desk: Desk) -> None:
    configure(desk, add_comment=in_two(desk, save={"comment": "nowhere"}))
    answer = desk.ask("POST", "records/7/comments", json={"text": "Hello"})
    assert answer.status_code == 502
    assert "{SAVED.comment}" in answer.text
    assert desk.crm.count("POST", "/conversation") == 0


@pytest.mark.parametrize("path", ["records/7/comments", "records/7/files"])
def test_a_conflict_is_no_success(desk: Desk, path: str) -> None:
    desk.crm.fail("409")
    answer = desk.ask("POST", path, **({"json": {"text": "Hello"}} if "comments" in path else form("x.txt", b"x")))
    assert answer.json
    assert (answer.status_code, answer.json["error"]) == (502, "crm_rejected")


def test_a_change_is_made_to_the_version_that_was_read(desk: Desk) -> None:
    url = f"{desk.crm.url}/records/{{RECORD_ID}}"
    desk.crm.rows["records"].append({"id": 1, "version": 8})
    versioned = {"url": url, "method": "PATCH", "parameters": RECORD, "if_match": {"url": url, "location": "version"}}
    configure(desk, update_record=versioned)
    desk.crm.fail("412", method="PATCH")
    assert desk.ask("PATCH", "records/1", json={"status": "closed"}).status_code == 200
    assert [asked.headers.get("If-Match") for asked in desk.crm.asked if asked.method == "PATCH"] == ["8", "8"]
    assert desk.crm.rows["records"][0]["status"] == "closed"


def test_all_pages_are_read(desk: Desk) -> None:
    url = desk.crm.url
    strangers = [{"id": number, "phone": f"+1999888{number:04}"} for number in range(1, 4)]
    desk.crm.answers["/people"] = {"items": strangers, "next": f"{url}/people/2"}
    desk.crm.answers["/people/2"] = {"items": [{"id": 9, "phone": JAMES["phone"]}], "next": None}
    paging = {"type": "next_link", "location": "next"}
    find = {"url": f"{url}/people", "parameters": PHONE, "response_location": "items", "paging": paging}
    configure(desk, find_account_by_query=find)
    found = desk.ask("GET", "accounts", query_string={"phone": JAMES["phone"]}).json
    assert found
    assert [item["id"] for item in found["items"]] == [9]


def test_an_account_that_exists_already_is_given_back(desk: Desk) -> None:
    desk.crm.rows["accounts"].append({"id": 1, **JAMES})
    desk.crm.fail("409")
    made = desk.ask("POST", "accounts", json=JAMES)
    assert made.json
    assert (made.status_code, made.json["id"], made.json["name"]) == (201, 1, "James Bond")


def test_an_endpoint_that_is_not_set_says_which(desk: Desk) -> None:
    configure(desk, update_record=None, upload_file=None, add_comment=None, find_account_by_id=None)
    for method, path, name in (
        ("PATCH", "records/1", "update_record"),
        ("POST", "records/1/comments", "add_comment"),
        ("GET", "accounts/1", "find_account_by_id"),
    ):
        answer = desk.ask(method, path, json={"text": "x"} if "comments" in path else {"subject": "x"})
        assert answer.status_code == 422
        assert f"crm.endpoints.{name}" in answer.text
