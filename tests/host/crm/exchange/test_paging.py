from typing import Any

import pytest

from host.crm.exchange.paging import OutOfReach, next_page
from host.crm.request.build import render
from host.crm.request.request import JsonBody, Request
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
    following = next_page(first(paging, parameters), answer({**ROWS, "next": "a+b"}), 2)
    assert isinstance(following, Request)
    assert following.url == "https://crm.example/api/accounts?email=james.bond%40007" + query


def test_a_cursor_goes_into_the_body_where_the_parameters_are() -> None:
    request = first({"type": "cursor", "parameter": "page.after", "location": "next"}, method="POST")
    following = next_page(request, answer({**ROWS, "next": "c2"}), 2)
    assert isinstance(following, Request)
    assert request.body == JsonBody({"email": "james.bond@007"})
    assert following.body == JsonBody({"email": "james.bond@007", "page": {"after": "c2"}})


def test_a_number_in_a_nested_body_goes_on() -> None:
    request = first({"type": "page", "parameter": "page.number"}, method="POST")
    second = next_page(request, answer(ROWS), 2)
    assert isinstance(second, Request)
    third = next_page(second, answer(ROWS), 2)
    assert isinstance(third, Request)
    assert third.body == JsonBody({"email": "james.bond@007", "page": {"number": 3}})
    assert second.body == JsonBody({"email": "james.bond@007", "page": {"number": 2}})


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://crm.example/api/accounts?page=2", "https://crm.example/api/accounts?page=2"),
        ("http://crm.example/api/accounts?page=2", "https://crm.example/api/accounts?page=2"),
        ("/api/accounts?page=2", "https://crm.example/api/accounts?page=2"),
        ('<https://crm.example/a?p=1>; rel="prev", </a?p=3>; rel="next"', "https://crm.example/a?p=3"),
        ('<https://crm.example/a?p=1>; rel="prev"', None),
        ("HTTPS://CRM.example:443/api/accounts?page=2", "https://CRM.example:443/api/accounts?page=2"),
        ("https://crm.example./api/accounts?page=2", "https://crm.example./api/accounts?page=2"),
        ("/api/accounts?email=james.bond%40007", None),
        (None, None),
        ("", None),
    ],
)
def test_follows_links_of_the_same_origin(link: Any, expected: str | None) -> None:
    following = next_page(first({"type": "next_link", "location": "next"}), answer({**ROWS, "next": link}), 2)
    assert following is None or isinstance(following, Request)
    assert (following.url if following else None) == expected


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("https://evil.example/api", "another host"),
        ("https://crm.example:8443/api", "another host"),
        ("ftp://crm.example/api", "another host"),
        ("http://[", "cannot be read"),
        ("https://crm.example:99999/api", "cannot be read"),
        (5, "no text"),
    ],
)
def test_a_next_page_that_cannot_be_asked_for_is_no_last_page(link: Any, reason: str) -> None:
    following = next_page(first({"type": "next_link", "location": "next"}), answer({**ROWS, "next": link}), 2)
    assert isinstance(following, OutOfReach)
    assert reason in following.reason


@pytest.mark.parametrize("body", [{"data": []}, {}, b"<html>"])
def test_ends_with_an_empty_page(body: Any) -> None:
    assert next_page(first({"type": "page", "parameter": "page"}), answer(body), 0) is None


def test_a_cursor_that_stays_ends_with_an_empty_page() -> None:
    request = first({"type": "cursor", "parameter": "after", "location": "next"}, {"after": "c1"})
    assert next_page(request, answer({"data": [], "next": "c1"}), 0) is None
    assert isinstance(next_page(request, answer({"data": [], "next": "c2"}), 0), Request)
