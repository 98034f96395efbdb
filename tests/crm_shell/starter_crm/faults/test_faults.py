from typing import Any

import pytest

from crm_shell.starter_crm.faults.rules import FAULTS


def strike(client: Any, fault: str, **fields: object) -> None:
    answer = client.post("/faults", json={"fault": fault, "seconds": 0.01, **fields})
    assert answer.status_code == 201, answer.text


def accounts(client: Any) -> int:
    number: int = client.get("/api/counts").json["accounts"]
    return number


@pytest.mark.parametrize(
    ("fault", "status", "made"),
    [
        ("hang", 503, 0),
        ("hang_then_commit", 201, 1),
        ("commit_then_hang", 201, 1),
        ("500", 500, 0),
        ("500_after_commit", 500, 1),
        ("429", 429, 0),
        ("503", 503, 0),
        ("drip", 201, 1),
        ("html", 200, 0),
        ("error_in_200", 200, 0),
        ("redirect", 302, 0),
    ],
)
def test_a_create_goes_wrong_as_told(client: Any, fault: str, status: int, made: int) -> None:
    strike(client, fault, times=1)
    assert client.post("/api/accounts", json={"name": "James"}).status_code == status
    assert accounts(client) == made
    assert client.post("/api/accounts", json={"name": "James"}).status_code == 201


@pytest.mark.parametrize(("fault", "made"), [("reset", 0), ("reset_after_commit", 1)])
def test_a_reset_leaves_no_answer(client: Any, fault: str, made: int) -> None:
    strike(client, fault)
    with pytest.raises(ConnectionResetError):
        client.post("/api/accounts", json={})
    assert accounts(client) == made


def test_ignored_filters_find_everybody(client: Any) -> None:
    client.post("/api/accounts", json={"name": "a stranger"})
    strike(client, "ignore_filters", method="GET")
    assert len(client.get("/api/accounts?phone=%2B12223334444").json["items"]) == 1


def test_a_dripped_answer_arrives_whole(client: Any) -> None:
    strike(client, "drip", seconds=0.6)
    assert client.post("/api/accounts", json={"name": "James"}).json["account"]["name"] == "James"


def test_an_overloaded_crm_says_when_to_come_back(client: Any) -> None:
    strike(client, "503", seconds=7)
    assert client.get("/api/accounts/1").headers["Retry-After"] == "7"


def test_rules_fit_by_path_method_and_times(client: Any) -> None:
    strike(client, "500", path="/api/records", method="POST", times=1)
    assert client.post("/api/accounts", json={}).status_code == 201
    assert client.get("/api/records?status=open").status_code == 200
    assert client.post("/api/records", json={}).status_code == 500
    assert client.post("/api/records", json={}).status_code == 201
    assert client.get("/faults").json["items"][0]["hits"] == 1


def test_a_share_strikes_the_same_requests_for_the_same_seed(client: Any) -> None:
    rounds: list[list[int]] = []
    for _ in range(2):
        strike(client, "500", share=0.5, seed=7)
        rounds.append([client.get("/api/accounts?phone=1").status_code for _ in range(40)])
        client.delete("/faults")
    assert rounds[0] == rounds[1]
    assert set(rounds[0]) == {200, 500}


def test_cleared_rules_strike_no_more(client: Any) -> None:
    strike(client, "500")
    assert client.delete("/faults").status_code == 204
    assert client.get("/faults").json == {"items": []}
    assert client.get("/api/accounts?phone=1").status_code == 200


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ({}, "fault"),
        ({"fault": "explode"}, "fault"),
        ({"fault": ["500"]}, "fault"),
        ({"fault": "500", "seconds": -1}, "seconds"),
        ({"fault": "500", "seconds": True}, "seconds"),
        ({"fault": "500", "share": 2}, "share"),
        ({"fault": "500", "times": "1"}, "times"),
        ({"fault": "500", "path": None}, "path"),
        ({"fault": "500", "hits": 3}, "hits"),
    ],
)
def test_names_what_is_wrong_with_a_rule(client: Any, rule: dict[str, Any], name: str) -> None:
    answer = client.post("/faults", json=rule)
    assert answer.status_code == 422
    assert name in answer.json["fields"]


def test_every_fault_is_explained() -> None:
    assert all(FAULTS.values())
