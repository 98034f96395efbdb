from typing import Any

import pytest


def create(client: Any, **fields: object) -> dict[str, Any]:
    answer = client.post("/api/accounts", json={"account": fields})
    assert answer.status_code == 201, answer.text
    account: dict[str, Any] = answer.json["account"]
    return account


def ids(client: Any, query: str) -> list[int]:
    answer = client.get(f"/api/accounts?{query}")
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json["items"]]


def test_creates_an_account_from_a_container_or_flat_fields(client: Any) -> None:
    contained = create(client, name="James Bond", phone="+12223334444")
    flat = client.post("/api/accounts", json={"name": "James Bond", "phone": "+12223334444"}).json["account"]
    assert flat["id"] == contained["id"] + 1
    assert client.get(f"/api/accounts/{flat['id']}").json["account"] == flat
    assert flat["name"] == "James Bond"
    assert flat["email"] is None
    assert flat["created_at"].endswith("Z")


def test_gives_unknown_fields_back_and_forgets_them_on_null(client: Any) -> None:
    account = create(client, name="James Bond", device="Phone", tags=["vip"])
    assert account["device"] == "Phone"
    assert account["tags"] == ["vip"]
    changed = client.patch(f"/api/accounts/{account['id']}", json={"account": {"device": None, "floor": 3}}).json[
        "account"
    ]
    assert "device" not in changed
    assert (changed["tags"], changed["floor"], changed["name"]) == (["vip"], 3, "James Bond")


@pytest.mark.parametrize("query", ["phone=%2B12223334444", "phone=*222*333*4444", "phone=(222)+333-4444"])
def test_finds_by_phone_in_any_form_newest_first(client: Any, query: str) -> None:
    older = create(client, phone="+1 222 333 4444")["id"]
    create(client, phone="+12223334445")
    newer = create(client, phone="2223334444")["id"]
    assert ids(client, query) == [newer, older]


def test_finds_by_any_filter_without_regard_to_the_case_of_emails(client: Any) -> None:
    by_email = create(client, email="James.Bond@Example.com")["id"]
    by_phone = create(client, phone="+12223334444")["id"]
    by_marker = create(client, external_id="01J")["id"]
    create(client, name="nobody")
    assert ids(client, "email=james.bond@example.com") == [by_email]
    assert ids(client, "email=james.bond@example.com&phone=2223334444&external_id=01J") == [
        by_marker,
        by_phone,
        by_email,
    ]
    assert ids(client, "external_id=other") == []


def test_a_changed_number_is_found_and_the_old_one_is_not(client: Any) -> None:
    account = create(client, phone="+12223334444")["id"]
    client.patch(f"/api/accounts/{account}", json={"phone": "+13334445555"})
    assert ids(client, "phone=3334445555") == [account]
    assert ids(client, "phone=2223334444") == []


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("", "phone, email, external_id"),
        ("phone=&email=", "phone, email, external_id"),
        ("fax=1", "unknown filters: fax"),
    ],
)
def test_refuses_to_look_for_nobody_in_particular(client: Any, query: str, named: str) -> None:
    create(client, name="somebody")
    answer = client.get(f"/api/accounts?{query}")
    assert answer.status_code == 400
    assert named in answer.json["message"]


def test_a_phone_without_digits_finds_nobody(client: Any) -> None:
    create(client, name="somebody", phone="anonymous")
    create(client, name="somebody")
    assert ids(client, "phone=anonymous") == []


def test_lists_the_newest_when_asked_for_all(client: Any) -> None:
    first, second = create(client)["id"], create(client)["id"]
    assert ids(client, "all=true") == [second, first]


@pytest.mark.parametrize(
    ("fields", "name", "reason"),
    [
        ({"name": {"first": "James"}}, "name", "found an object; give a text"),
        ({"name": "x" * 301}, "name", "at most 300"),
        ({"name": True}, "name", "found true or false"),
        ({"email": "james"}, "email", "give an e-mail address"),
        ({"name": "a\ud800b"}, "name", "surrogate"),
        ({"name": "a\0b"}, "name", "NUL"),
        ({"id": 7}, "id", "set by the CRM itself"),
        ({"notes": "x" * 70_000}, "notes", "give less"),
    ],
)
def test_names_the_field_that_cannot_be_kept(client: Any, fields: dict[str, object], name: str, reason: str) -> None:
    answer = client.post("/api/accounts", json={"account": fields})
    assert answer.status_code == 422
    assert reason in answer.json["fields"][name]
    assert client.get("/api/counts").json["accounts"] == 0


@pytest.mark.parametrize("body", ["{", "[]", '"text"', "NaN", '{"name": Infinity}', "[" * 100_000, "\xff"])
def test_refuses_what_is_not_a_json_object(client: Any, body: str) -> None:
    answer = client.post("/api/accounts", data=body.encode("latin-1"), content_type="application/json")
    assert answer.status_code == 400
    assert answer.json["error"] == "malformed"


def test_refuses_a_form_where_json_is_wanted(client: Any) -> None:
    answer = client.post("/api/accounts", data={"name": "James"})
    assert (answer.status_code, answer.json["error"]) == (400, "malformed")


@pytest.mark.parametrize(
    "path", ["/api/accounts/99", "/api/accounts/0", f"/api/accounts/{10**30}", "/api/accounts/x", "/api/x"]
)
def test_what_is_not_there_is_a_404_in_json(client: Any, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json["status"]) == (404, 404)


def test_a_wrong_method_is_a_405_in_json(client: Any) -> None:
    answer = client.delete("/api/accounts")
    assert (answer.status_code, answer.json["error"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]
