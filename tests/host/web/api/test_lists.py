import re
from datetime import timedelta
from typing import Any

import pytest

from host.sessions.calls import NewCall
from tests.host.web.api.conftest import Gateway


def ids(gateway: Gateway, path: str = "/calls", **query: Any) -> list[int]:
    answer = gateway.get(path, **query)
    assert answer.status_code == 200, answer.text
    return [shape["id"] for shape in answer.json]


@pytest.fixture
def five(gateway: Gateway) -> Gateway:
    """Five calls a minute apart; 2 in Sales, 4 has ended; a chat between them."""
    for number in range(1, 6):
        gateway.start("/calls", queue="Sales" if number == 2 else "Developers / James")
        gateway.clock.forward(timedelta(minutes=1))
    gateway.start("/chats")
    gateway.post("/calls/4/end")
    return gateway


def test_calls_and_chats_are_listed_apart(five: Gateway) -> None:
    assert ids(five) == [1, 2, 3, 4, 5]
    assert ids(five, "/chats") == [6]


def test_a_page_knows_the_others(five: Gateway) -> None:
    answer = five.get("/calls", page=2, per_page=2, sort_direction="desc")
    assert [shape["id"] for shape in answer.json] == [3, 2]
    assert answer.headers["X-Total"] == "5"
    pages = re.findall(r'[?&]page=(\d+)[^>]*>; rel="(\w+)"', answer.headers["Link"])
    assert pages == [("1", "first"), ("1", "prev"), ("3", "next"), ("3", "last")]
    assert "http://127.0.0.1:8000/api/v1/calls?" in answer.headers["Link"]
    assert "per_page=2" in answer.headers["Link"]


def test_links_lead_through_all_of_it(five: Gateway) -> None:
    found, address = [], "/calls?per_page=2"
    while address:
        answer = five.get(address)
        found += [shape["id"] for shape in answer.json]
        following = re.search(r'<[^>]*/api/v1(/[^>]*)>; rel="next"', answer.headers["Link"])
        address = following[1] if following else ""
    assert found == [1, 2, 3, 4, 5]


def test_a_page_behind_the_last_is_empty(five: Gateway) -> None:
    assert ids(five, page=9) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "failed"}, [4]),
        ({"status": "queued"}, [1, 2, 3, 5]),
        ({"queue": "Sales"}, [2]),
        ({"queue": "Developers"}, [1, 3, 4, 5]),
        ({"queue": "Developers / James", "status": "failed"}, [4]),
        ({"created_at[from]": "2026-05-01T10:03:00Z"}, [4, 5]),
        ({"created_at[to]": "2026-05-01T10:01:00.000+00:00"}, [1, 2]),
        ({"created_at[from]": "2026-05-01T12:01:00+02:00", "created_at[to]": "2026-05-01T10:02:00Z"}, [2, 3]),
        ({"updated_at[from]": "2026-05-01T10:05:00 00:00"}, [4]),
        ({"sort_column": "created_at", "sort_direction": "DESC"}, [5, 4, 3, 2, 1]),
        ({"sort_column": "updated_at", "sort_direction": "DESC", "per_page": "1"}, [4]),
        ({"sort_column": "status"}, [4, 1, 2, 3, 5]),
    ],
)
def test_filters_and_order(five: Gateway, query: dict[str, str], expected: list[int]) -> None:
    assert ids(five, **query) == expected


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"page": "0"}, "page"),
        ({"page": "x"}, "page"),
        ({"page": "9" * 30}, "page"),
        ({"per_page": "501"}, "per_page"),
        ({"sort_column": "name"}, "sort_column"),
        ({"sort_direction": "UP"}, "sort_direction"),
        ({"status": "ongoing"}, "status"),
        ({"queue": "Nowhere"}, "queue"),
        ({"updated_at[from]": "yesterday"}, "updated_at[from]"),
        ({"updated_at[from]": "1777629600"}, "updated_at[from]"),
        ({"updated_at[from]": "0001-01-01T00:00:00+14:00"}, "updated_at[from]"),
        ({"updated_at[to]": "9999-12-31T23:59:59-12:00"}, "updated_at[to]"),
        ({"queue": "Sales\x00"}, "queue"),
        ({"status": "\x1b"}, "status"),
        ({"created_at[until]": "2026-05-01T10:00:00Z"}, "created_at[until]"),
    ],
)
def test_a_wrong_filter_is_named(gateway: Gateway, query: dict[str, str], field: str) -> None:
    answer = gateway.get("/calls", **query)
    assert (answer.status_code, list(answer.json["fields"])) == (422, [field])


@pytest.mark.slow
def test_a_hundred_stand_on_a_page_unless_asked(gateway: Gateway) -> None:
    for _ in range(101):
        gateway.services.calls.start(NewCall())
    assert len(ids(gateway)) == 100
    assert len(ids(gateway, per_page=500)) == 101
