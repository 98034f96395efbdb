"""`/end_user` and `/rating` of calls and chats."""

from typing import Any

import pytest
from sqlalchemy import update

from host.db.tables import sessions
from tests.host.web.api.conftest import Gateway

PATHS = pytest.mark.parametrize("path", ["/calls", "/chats"])
SURVEY = [{"question": "Did we help you?", "answer": "Yes"}]


@PATHS
def test_a_consumer_is_verified(gateway: Gateway, path: str) -> None:
    session = gateway.start(path, end_user={"name": "J."})
    assert session["verified"] is False
    answer = gateway.post(f"{path}/{session['id']}/end_user", {"identifier": "007", "name": "James Bond"})
    assert answer.status_code == 200
    assert (answer.json["verified"], answer.json["end_user"]["identifier"]) == (True, "007")
    assert gateway.get(f"{path}/{session['id']}").json == answer.json


@PATHS
@pytest.mark.parametrize("body", [{}, {"identifier": ""}, {"identifier": None}, {"identifier": "7", "nick": "J"}])
def test_who_they_are_has_to_be_said(gateway: Gateway, path: str, body: dict[str, Any]) -> None:
    session = gateway.start(path)
    answer = gateway.post(f"{path}/{session['id']}/end_user", body)
    assert answer.status_code == 422
    assert gateway.get(f"{path}/{session['id']}").json == session


@PATHS
def test_a_session_is_rated(gateway: Gateway, path: str) -> None:
    session = talked(gateway, path)
    body = {"rating": 4, "feedback": "Quick!", "survey": SURVEY}
    answer = gateway.post(f"{path}/{session['id']}/rating", body)
    assert answer.status_code == 200
    assert {name: answer.json[name] for name in body} == body
    assert gateway.post(f"{path}/{session['id']}/rating", body).json == answer.json


@PATHS
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "rating"),
        ({"rating": None, "survey": []}, "rating"),
        ({"rating": 0}, "rating"),
        ({"rating": 6}, "rating"),
        ({"rating": 4.5}, "rating"),
        ({"rating": True}, "rating"),
        ({"stars": 4}, "stars"),
        ({"survey": [{"question": "?"}]}, "survey[0].answer"),
    ],
)
def test_a_rating_that_is_none_is_refused(gateway: Gateway, path: str, body: dict[str, Any], field: str) -> None:
    answer = gateway.post(f"{path}/{talked(gateway, path)['id']}/rating", body)
    assert (answer.status_code, list(answer.json["fields"])) == (422, [field])


@PATHS
def test_what_nobody_answered_is_not_rated(gateway: Gateway, path: str) -> None:
    answer = gateway.post(f"{path}/{gateway.start(path)['id']}/rating", {"rating": 4})
    assert (answer.status_code, answer.json["error"]) == (409, "transition")


@PATHS
@pytest.mark.parametrize(("what", "body"), [("end_user", {"identifier": "007"}), ("rating", {"rating": 4})])
def test_a_call_is_no_chat(gateway: Gateway, path: str, what: str, body: dict[str, Any]) -> None:
    other = gateway.start({"/calls": "/chats", "/chats": "/calls"}[path])
    assert gateway.post(f"{path}/{other['id']}/{what}", body).status_code == 404


def talked(gateway: Gateway, path: str) -> dict[str, Any]:
    """A session that an agent has taken."""
    session = gateway.start(path)
    with gateway.services.database.write() as connection:
        values = {"connected_at": gateway.clock.now(), "agent_id": 1}
        connection.execute(update(sessions).where(sessions.c.id == session["id"]).values(**values))
    return session
