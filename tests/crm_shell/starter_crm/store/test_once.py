import threading
from typing import Any

from flask import Flask

KEY = {"Idempotency-Key": "01JAAAAAAAAAAAAAAAAAAAAAAA"}


def test_the_same_key_gets_the_first_answer_again(client: Any) -> None:
    first = client.post("/api/accounts", json={"name": "James"}, headers=KEY)
    again = client.post("/api/accounts", json={"name": "Other"}, headers=KEY)
    assert (again.status_code, again.json) == (201, first.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert client.get("/api/counts").json["accounts"] == 1


def test_keys_count_on_every_way_to_make_something(client: Any) -> None:
    for _ in range(2):
        record = client.post("/api/records", json={}, headers=KEY).json["record"]["id"]
        client.post(f"/api/records/{record}/comments", json={"body": "x"}, headers=KEY)
        client.post(f"/api/records/{record}/attachments", json={"name": "a", "data": ""}, headers=KEY)
    assert client.get("/api/counts").json == {"accounts": 0, "records": 1, "comments": 1, "attachments": 1}


def test_a_refused_request_does_not_use_its_key_up(client: Any) -> None:
    assert client.post("/api/records", json={"account_id": 1}, headers=KEY).status_code == 422
    client.post("/api/accounts", json={})
    assert client.post("/api/records", json={"account_id": 1}, headers=KEY).status_code == 201


def test_an_endless_key_is_refused(client: Any) -> None:
    answer = client.post("/api/accounts", json={}, headers={"Idempotency-Key": "x" * 256})
    assert (answer.status_code, answer.json["error"]) == (400, "malformed")


def test_requests_at_the_same_moment_make_one(app: Flask, client: Any) -> None:
    barrier = threading.Barrier(8)
    answers: list[Any] = []

    def send() -> None:
        barrier.wait()
        headers = KEY | {"X-Api-Key": "key-of-the-tests"}
        answers.append(app.test_client().post("/api/accounts", json={"name": "James"}, headers=headers).json)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [answers[0]] * 8
    assert client.get("/api/counts").json["accounts"] == 1
