from typing import Any

import pytest

PATHS = [
    ("GET", "/api/accounts?phone=1"),
    ("POST", "/api/accounts"),
    ("GET", "/api/accounts/1"),
    ("PATCH", "/api/records/1"),
    ("GET", "/api/records/1/comments"),
    ("POST", "/api/records/1/attachments"),
    ("GET", "/api/counts"),
    ("GET", "/faults"),
    ("POST", "/faults"),
    ("DELETE", "/faults"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize(
    "headers", [{}, {"X-Api-Key": ""}, {"X-Api-Key": "schlüssel"}, {"Authorization": "Bearer key-of-the-tests"}]
)
def test_asks_for_the_key(visitor: Any, method: str, path: str, headers: dict[str, str]) -> None:
    answer = visitor.open(path, method=method, headers=headers)
    assert answer.status_code == 401
    assert answer.json["error"] == "not_signed_in"
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_takes_the_key_as_a_basic_password(visitor: Any) -> None:
    assert visitor.get("/api/accounts?phone=1", auth=("api", "key-of-the-tests")).status_code == 200
    assert visitor.get("/api/accounts?phone=1", auth=("api", "other")).status_code == 401
    assert visitor.get("/api/accounts?phone=1", auth=("root", "key-of-the-tests")).status_code == 401


def test_refuses_what_a_page_of_another_site_sends(client: Any) -> None:
    answer = client.post("/api/accounts", json={}, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.json["error"]) == (403, "foreign")
