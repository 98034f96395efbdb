import base64
import io
from typing import Any

import pytest


def create(client: Any, **fields: object) -> dict[str, Any]:
    answer = client.post("/api/records", json={"record": fields})
    assert answer.status_code == 201, answer.text
    record: dict[str, Any] = answer.json["record"]
    return record


def ids(client: Any, query: str) -> list[int]:
    return [item["id"] for item in client.get(f"/api/records?{query}").json["items"]]


def test_a_record_belongs_to_an_account_and_starts_open(client: Any) -> None:
    account = client.post("/api/accounts", json={"name": "James Bond"}).json["account"]["id"]
    record = create(client, account_id=account, subject="Chat via Patchbay", rating="5")
    assert (record["account_id"], record["status"], record["rating"]) == (account, "open", 5)
    assert create(client, account_id=str(account))["account_id"] == account


def test_a_record_may_wait_for_its_account_under_a_temporary_id(client: Any) -> None:
    record = create(client, account_id="tmp-12")
    assert record["account_id"] == "tmp-12"
    assert ids(client, "account_id=tmp-12") == [record["id"]]


def test_finds_by_all_filters_together_newest_first(client: Any) -> None:
    first = create(client, account_id="a", external_id="01J")["id"]
    second = create(client, account_id="a")["id"]
    create(client, account_id="b")
    client.patch(f"/api/records/{first}", json={"record": {"status": "closed"}})
    assert ids(client, "account_id=a") == [second, first]
    assert ids(client, "account_id=a&status=open") == [second]
    assert ids(client, "external_id=01J") == [first]
    assert client.get("/api/records").status_code == 400


@pytest.mark.parametrize(
    ("fields", "name", "reason"),
    [
        ({"status": "solved"}, "status", "allowed: open, closed"),
        ({"status": ["open"]}, "status", "allowed: open, closed"),
        ({"rating": 11}, "rating", "a whole number from 0 to 10"),
        ({"rating": 4.5}, "rating", "a whole number from 0 to 10"),
        ({"account_id": 99}, "account_id", "there is no account 99"),
        ({"account_id": "a b"}, "account_id", "give an account's id"),
    ],
)
def test_names_the_field_that_cannot_be_kept(client: Any, fields: dict[str, object], name: str, reason: str) -> None:
    created = client.post("/api/records", json=fields)
    changed = client.patch(f"/api/records/{create(client)['id']}", json=fields)
    for answer in (created, changed):
        assert answer.status_code == 422
        assert reason in answer.json["fields"][name]


def test_changes_only_what_is_given(client: Any) -> None:
    record = create(client, subject="Chat", description="Hello")
    changed = client.patch(f"/api/records/{record['id']}", json={"record": {"subject": "Chat Web"}}).json["record"]
    assert (changed["subject"], changed["description"]) == ("Chat Web", "Hello")
    assert changed["updated_at"] > record["updated_at"]
    assert client.patch("/api/records/99", json={"subject": "x"}).status_code == 404


def test_comments_are_kept_in_order(client: Any) -> None:
    path = f"/api/records/{create(client)['id']}/comments"
    assert client.post(path, json={"body": "Chat started"}).status_code == 201
    comment = client.post(path, json={"comment": {"body": "<p>Bye</p>", "format": "html", "external_id": "01J"}}).json[
        "comment"
    ]
    assert comment["format"] == "html"
    assert [item["body"] for item in client.get(path).json["items"]] == ["Chat started", "<p>Bye</p>"]
    assert [item["id"] for item in client.get(f"{path}?external_id=01J").json["items"]] == [comment["id"]]


@pytest.mark.parametrize("body", [{}, {"body": ""}, {"body": None}, {"body": "x", "format": "rtf"}])
def test_a_comment_needs_a_body_and_a_known_format(client: Any, body: dict[str, object]) -> None:
    answer = client.post(f"/api/records/{create(client)['id']}/comments", json=body)
    assert answer.status_code == 422


def test_nothing_is_added_to_a_record_that_is_not_there(client: Any) -> None:
    assert client.get("/api/records/99/comments").status_code == 404
    assert client.post("/api/records/99/comments", json={"body": "x"}).status_code == 404
    file = {"name": "a.txt", "data": ""}
    assert client.post("/api/records/99/attachments", json=file).status_code == 404
    assert client.get("/api/counts").json == {"accounts": 0, "records": 0, "comments": 0, "attachments": 0}


def test_a_multipart_file_comes_back_as_it_was(client: Any, visitor: Any) -> None:
    path = f"/api/records/{create(client)['id']}/attachments"
    data = bytes(range(256))
    form = {"file": (io.BytesIO(data), "../photo 1.png", "image/png"), "external_id": "01J"}
    answer = client.post(path, data=form)
    assert answer.status_code == 201
    assert (answer.json["name"], answer.json["size"], answer.json["external_id"]) == ("photo 1.png", 256, "01J")
    download = visitor.get(answer.json["url"])
    assert download.data == data
    assert download.content_type == "image/png"
    assert download.headers["Content-Disposition"] == 'attachment; filename="photo 1.png"'
    assert client.get(path).json["items"][0]["url"] == answer.json["url"]


def test_a_base64_file_comes_back_as_it_was(client: Any, visitor: Any) -> None:
    path = f"/api/records/{create(client)['id']}/attachments"
    file = {"name": "chat.txt", "type": "text/plain", "data": base64.b64encode(b"Hello").decode()}
    answer = client.post(path, json={"attachment": file})
    assert visitor.get(answer.json["url"]).data == b"Hello"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"name": "a.txt"}, "data"),
        ({"name": "a.txt", "data": "***"}, "data"),
        ({"name": "../", "data": ""}, "name"),
        ({"data": ""}, "name"),
        ({"name": "a.txt", "data": "", "type": "text\r\nX: y"}, "type"),
    ],
)
def test_names_what_is_wrong_with_a_file(client: Any, body: dict[str, str], name: str) -> None:
    answer = client.post(f"/api/records/{create(client)['id']}/attachments", json=body)
    assert answer.status_code == 422
    assert name in answer.json["fields"]


def test_a_form_without_a_file_is_told_which_part_it_needs(client: Any) -> None:
    form = {"document": (io.BytesIO(b"x"), "a.txt")}
    answer = client.post(f"/api/records/{create(client)['id']}/attachments", data=form)
    assert answer.json["fields"] == {"file": "found document; send the file as form part 'file'"}


def test_an_attachment_is_found_with_its_own_record_only(client: Any, visitor: Any) -> None:
    one, other = create(client)["id"], create(client)["id"]
    file = client.post(f"/api/records/{one}/attachments", json={"name": "a.txt", "data": ""}).json["id"]
    assert visitor.get(f"/records/{one}/attachments/{file}").status_code == 200
    assert visitor.get(f"/records/{other}/attachments/{file}").status_code == 404
