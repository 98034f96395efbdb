from typing import Any

import pytest

from host.crm.body import render
from host.crm.paging import next_page
from host.crm.request import JsonBody, Request
from tests.host.crm.facts import answer, endpoint, searching

ROWS = {"data": [{"id": 1}, {"id": 2}]}


def first(paging: dict[str, Any], parameters: dict[str, Any] | None = None, **keys: Any) -> Request:
    given = {"email": "{EMAIL}", **(parameters or {})}
    find = endpoint(paging=paging, parameters=given, response_location="data", **keys)
    made = render(find, searching())
    assert isinstance(made, Request)
    return made


@pytest.mark.parametrize(
    ("paging", "parameters", "query"),
    [
        ({"type": "page", "parameter": "page"}, {}, "&page=2"),
        ({"type": "page", "parameter": "page"}, {"page": 0}, "&page=1"),
        ({"type": "offset", "parameter": "skip"}, {}, "&skip=2"),
        ({"type": "offset", "parameter": "skip"}, {"skip": 4}, "&skip=6"),
        ({"type": "cursor", "parameter": "after", "location": "next"}, {}, "&after=a%2Bb"),
    ],
)
def test_asks_for_the_next_page(paging: Any, parameters: Any, query: str) -> None:
    following = next_page(first(paging, parameters), answer({**ROWS, "next": "a+b"}), 1)
    assert following is not None
    assert following.url == "https://crm.example/api/accounts?email=james.bond%40007" + query


def test_a_cursor_goes_into_the_body_where_the_parameters_are() -> None:
    request = first({"type": "cursor", "parameter": "page.after", "location": "next"}, method="POST")
    following = next_page(request, answer({**ROWS, "next": "c2"}), 1)
    assert following is not None
    assert following.body == JsonBody({"email": "james.bond@007", "page": {"after": "c2"}})


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://crm.example/api/accounts?page=2", "https://crm.example/api/accounts?page=2"),
        ("/api/accounts?page=2", "https://crm.example/api/accounts?page=2"),
        ('<https://crm.example/a?p=1>; rel="prev", </a?p=3>; rel="next"', "https://crm.example/a?p=3"),
        ('<https://crm.example/a?p=1>; rel="prev"', None),
        ("HTTPS://CRM.example:443/api/accounts?page=2", "https://CRM.example:443/api/accounts?page=2"),
        ("https://crm.example./api/accounts?page=2", "https://crm.example./api/accounts?page=2"),
        ("https://evil.example/api", None),
        ("http://crm.example/api", None),
        ("http://[", None),
        (None, None),
        (5, None),
    ],
)
def test_follows_links_of_the_same_origin_only(link: Any, expected: str | None) -> None:
    following = next_page(first({"type": "next_link", "location": "next"}), answer({**ROWS, "next": link}), 1)
    assert (following.url if following else None) == expected


@pytest.mark.parametrize("body", [{"data": []}, {}, b"<html>"])
def test_ends_with_an_empty_page(body: Any) -> None:
    assert next_page(first({"type": "page", "parameter": "page"}), answer(body), 1) is None


def test_ends_after_the_set_number_of_pages() -> None:
    request = first({"type": "page", "parameter": "page", "max_pages": 3})
    assert next_page(request, answer(ROWS), 2) is not None
    assert next_page(request, answer(ROWS), 3) is None
