from typing import Any

import pytest

from host.crm.exchange.search_extent import extent_of
from host.crm.request.build import render
from host.crm.request.request import Request
from tests.host.crm.facts import answer, endpoint, searching


def more(body: Any, rows: int = 1, *, headers: dict[str, str] | None = None, **keys: Any) -> str:
    keys = {"parameters": {"phone": "{PHONE_NUMBER}"}, "response_location": "data", **keys}
    request = render(endpoint(**keys), searching())
    assert isinstance(request, Request)
    return extent_of(request, answer(body, headers=headers)).why_more(rows)


ROW = {"data": [{"id": 1, "total": 99, "next": "x", "has_more": True}]}


@pytest.mark.parametrize(
    ("around", "headers", "keys"),
    [
        ({"total": 17}, {}, {}),
        ({"total": "17"}, {}, {}),
        ({"total_count": 17}, {}, {}),
        ({"totalSize": 17}, {}, {}),
        ({"@odata.count": 17}, {}, {}),
        ({"meta": {"pagination": None, "total": 17}}, {}, {}),
        ({"total": {"value": 17, "relation": "eq"}}, {}, {}),
        ({"count": 17}, {}, {}),
        ({}, {"X-Total-Count": "17"}, {}),
        ({}, {"Content-Range": "items 0-0/17"}, {}),
        ({"next": "/contacts?page=2"}, {}, {}),
        ({"links": {"next": "/contacts?page=2"}}, {}, {}),
        ({"paging": {"next": {"after": "MQ"}}}, {}, {}),
        ({"@odata.nextLink": "https://crm.example/next"}, {}, {}),
        ({"has_more": True}, {}, {}),
        ({"info": {"more_records": True, "count": 1}}, {}, {}),
        ({"done": False, "nextRecordsUrl": "/q/1"}, {}, {}),
        ({}, {"Link": '</contacts?page=2>; rel="next"'}, {}),
        ({"per_page": 1}, {}, {}),
        ({}, {}, {"parameters": {"phone": "{PHONE_NUMBER}", "per_page": 1}}),
        ({}, {}, {"url": "https://crm.example/contacts?$top=1"}),
        ({}, {}, {"method": "POST", "parameters": {"phone": "{PHONE_NUMBER}", "limit": 1}}),
    ],
)
def test_the_answer_tells_of_more_hits(around: dict[str, Any], headers: dict[str, str], keys: dict[str, Any]) -> None:
    assert more({**ROW, **around}, headers=headers, **keys)


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        (ROW, {}),
        ({**ROW, "total": 1}, {}),
        ({**ROW, "total": 1, "per_page": 1}, {}),
        ({**ROW, "total": 1}, {"parameters": {"phone": "{PHONE_NUMBER}", "limit": 1}}),
        ({**ROW, "per_page": 20, "page": 1, "next": None, "has_more": False, "done": True}, {}),
        ({**ROW, "links": {"next": None, "self": "/contacts"}}, {}),
        ({**ROW, "paging": {}}, {}),
        ({**ROW, "info": {"count": 1, "more_records": False}}, {}),
        ({**ROW, "total": True}, {}),
        ([{"id": 1, "total": 17}], {"response_location": ""}),
        ({"id": 1, "total": 17, "next": "x"}, {"response_location": ""}),
        (b"<html>", {}),
    ],
)
def test_nothing_speaks_for_more_hits(body: Any, keys: dict[str, Any]) -> None:
    assert more(body, **keys) == ""
