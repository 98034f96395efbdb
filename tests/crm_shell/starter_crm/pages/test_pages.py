import html
import re
from pathlib import Path
from typing import Any

import pytest

from crm_shell.starter_crm.app import create_app
from crm_shell.starter_crm.context import EXTENSION
from crm_shell.starter_crm.pages.show import file_size, moment

EVIL = "<img src=x onerror=alert(1)>\"'"


@pytest.fixture
def record(client: Any) -> int:
    fields = {"name": "James Bond", "phone": "+12223334444", "email": "james@example.com", "device": "Phone"}
    account = client.post("/api/accounts", json=fields).json["account"]["id"]
    found: int = client.post("/api/records", json={"account_id": account, "subject": "Chat Web"}).json["record"]["id"]
    return found


def token(page: str, action: str) -> str:
    found = re.search(rf'action="{action}".*?name="form_token" value="([^"]+)"', page, re.DOTALL)
    assert found
    return found[1]


def test_a_record_page_says_whose_it_is(visitor: Any, record: int) -> None:
    page = visitor.get(f"/records/{record}").text
    assert f"<h1>Record {record}: <bdi>Chat Web</bdi></h1>" in page
    for shown in ("James Bond", "+12223334444", "james@example.com"):
        assert shown in page


def test_an_account_page_lists_its_records_and_custom_fields(visitor: Any, record: int) -> None:
    page = visitor.get("/accounts/1").text
    assert "<h1><bdi>James Bond</bdi></h1>" in page
    assert f'href="/records/{record}"' in page
    assert "<dt><bdi>device</bdi></dt><dd><bdi>Phone</bdi></dd>" in page


@pytest.mark.parametrize("text", ["bond", "JAMES@", "333 4444", "(222) 333", ""])
def test_search_finds_accounts(visitor: Any, record: int, text: str) -> None:
    assert "James Bond" in visitor.get("/", query_string={"q": text}).text


@pytest.mark.parametrize("text", ["Blofeld", "%", "_", "James 4444"])
def test_search_leaves_others_out(visitor: Any, record: int, text: str) -> None:
    assert "No account holds this text" in visitor.get("/", query_string={"q": text}).text


def test_long_lists_have_pages(client: Any) -> None:
    for number in range(51):
        client.post("/api/accounts", json={"name": f"Person {number:02}"})
    first, second = client.get("/").text, client.get("/?page=2").text
    assert "Person 50" in first
    assert "Person 00" not in first
    assert "Person 00" in second
    assert client.get("/?page=-1").status_code == 200
    assert client.get("/?page=999999999999999999999").status_code == 200


def test_an_empty_list_says_what_to_do(visitor: Any) -> None:
    assert "start a call or a chat" in visitor.get("/").text


def test_a_comment_is_added_once_per_form(visitor: Any, record: int) -> None:
    path = f"/records/{record}/comments"
    form = {"body": "Called back\r\nSolved", "form_token": token(visitor.get(f"/records/{record}").text, path)}
    for _ in range(2):
        answer = visitor.post(path, data=form)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/records/{record}#comment-1")
    assert visitor.get(f"/records/{record}").text.count("Called back\nSolved") == 1


def test_an_empty_comment_is_refused_in_place(visitor: Any, record: int) -> None:
    path = f"/records/{record}/comments"
    answer = visitor.post(path, data={"body": " ", "form_token": token(visitor.get(f"/records/{record}").text, path)})
    assert answer.status_code == 422
    assert "Comment is empty; give a value." in answer.text


def test_a_record_is_closed_and_reopened(client: Any, record: int) -> None:
    path = f"/records/{record}/status"
    for status, button in (("closed", "Reopen record"), ("open", "Close record")):
        form = {"status": status, "form_token": token(client.get(f"/records/{record}").text, path)}
        assert client.post(path, data=form, follow_redirects=True).text.count(button) == 1
        assert client.get(f"/api/records/{record}").json["record"]["status"] == status


@pytest.mark.parametrize("path", ["comments", "status"])
def test_forms_need_a_token_of_their_own_page(visitor: Any, record: int, path: str) -> None:
    page = visitor.get(f"/records/{record}").text
    other = token(page, f"/records/{record}/{'status' if path == 'comments' else 'comments'}")
    for wrong in ("", "x.y.z", other):
        form = {"body": "x", "status": "closed", "form_token": wrong}
        answer = visitor.post(f"/records/{record}/{path}", data=form)
        assert answer.status_code == 403
        assert "reload the page" in answer.text


def test_forms_sent_by_another_sites_page_are_refused(visitor: Any, record: int) -> None:
    path = f"/records/{record}/status"
    form = {"status": "closed", "form_token": token(visitor.get(f"/records/{record}").text, path)}
    assert visitor.post(path, data=form, headers={"Sec-Fetch-Site": "same-site"}).status_code == 403


def test_nothing_from_outside_becomes_html(client: Any) -> None:
    fields: dict[str, object] = {"name": EVIL, "phone": EVIL, "external_id": EVIL, EVIL: EVIL}
    account = client.post("/api/accounts", json=fields).json["account"]["id"]
    fields = {
        "account_id": account,
        "subject": EVIL,
        "description": EVIL,
        "priority": EVIL,
        "feedback": EVIL,
        EVIL: [EVIL],
    }
    record = client.post("/api/records", json=fields).json["record"]["id"]
    for fmt in ("plain", "html", "markdown"):
        client.post(f"/api/records/{record}/comments", json={"body": f"{EVIL} https://x.example/{EVIL}", "format": fmt})
    client.post(f"/api/records/{record}/attachments", json={"name": EVIL, "data": "", "type": "image/png"})
    for path in ("/", f"/accounts/{account}", f"/records/{record}", "/?q=" + EVIL.replace("<", "%3C")):
        page = client.get(path).text
        assert "<img src=x" not in page
        assert html.escape("<img src=x") in page


@pytest.mark.parametrize("path", ["/", "/accounts/1", "/records/1", "/records/99", "/nowhere", "/api/accounts/1"])
def test_every_answer_is_protected(client: Any, record: int, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy == (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'self' http://127.0.0.1:8000"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in headers


def test_pages_hold_nothing_that_the_policy_would_block(visitor: Any, record: int) -> None:
    for path in ("/", "/accounts/1", f"/records/{record}", "/nowhere"):
        page = visitor.get(path).text
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page)


def test_what_is_not_there_is_a_page_for_people(visitor: Any) -> None:
    answer = visitor.get("/records/99")
    assert answer.status_code == 404
    assert "There is no record 99." in answer.text


def test_a_foreign_name_cannot_reach_the_open_pages(visitor: Any) -> None:
    assert visitor.get("/", headers={"Host": "rebound.example:8001"}).status_code == 400
    assert visitor.get("/", headers={"Host": "127.0.0.1:8001"}).status_code == 200


def test_pages_ask_for_the_key_when_others_can_reach_them(tmp_path: Path) -> None:
    app = create_app(tmp_path / "public", "key", [], is_public=True)
    client = app.test_client()
    assert client.get("/", headers={"Host": "crm.example"}).status_code == 401
    assert client.get("/", headers={"Host": "crm.example"}, auth=("api", "key")).status_code == 200
    with client.get("/static/starter-crm.css") as style:
        assert style.status_code == 200
    app.extensions[EXTENSION].database.close()


@pytest.mark.parametrize("origin", ["*", "http://a.example/", "http://a.example; script-src *", "a.example", "'none'"])
def test_a_frame_ancestor_must_be_an_origin(tmp_path: Path, origin: str) -> None:
    with pytest.raises(ValueError, match="give an origin"):
        create_app(tmp_path, "key", [origin])


def test_an_empty_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs an API key"):
        create_app(tmp_path, "", [])


def test_there_is_no_fault_switch_unless_asked_for(tmp_path: Path) -> None:
    app = create_app(tmp_path, "key", [])
    for path in ("/faults", "/api/counts"):
        assert app.test_client().get(path, headers={"X-Api-Key": "key"}).status_code == 404
    app.extensions[EXTENSION].database.close()


def test_a_record_without_an_account_says_so(client: Any) -> None:
    for fields, shown in (({"account_id": "tmp-12"}, "tmp-12 (not there yet)"), ({}, "<dd><bdi>none</bdi></dd>")):
        record = client.post("/api/records", json=fields | {"phone": "+12223334444"}).json["record"]["id"]
        page = client.get(f"/records/{record}").text
        assert shown in page
        assert "+12223334444" in page
        assert "(no subject)" in page


def test_sizes_and_times_read_well() -> None:
    assert [file_size(size) for size in (0, 999, 1536, 2_000_000)] == ["0 bytes", "999 bytes", "1.5 kB", "2.0 MB"]
    assert moment("2026-05-01T10:00:00.000000Z") == "1 May 2026, 10:00 UTC"
