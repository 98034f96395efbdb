from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.crm.response.classify import Meaning, classify, retry_after_s
from tests.host.crm.facts import NOW, answer, endpoint


@pytest.mark.parametrize(
    ("status", "create", "find"),
    [
        (200, Meaning.OK, Meaning.OK),
        (201, Meaning.OK, Meaning.OK),
        (204, Meaning.OK, Meaning.NOT_FOUND),
        (400, Meaning.REJECTED, Meaning.REJECTED),
        (401, Meaning.AUTH, Meaning.AUTH),
        (403, Meaning.AUTH, Meaning.AUTH),
        (404, Meaning.REJECTED, Meaning.NOT_FOUND),
        (408, Meaning.UNAVAILABLE, Meaning.UNAVAILABLE),
        (409, Meaning.DUPLICATE, Meaning.REJECTED),
        (422, Meaning.REJECTED, Meaning.REJECTED),
        (425, Meaning.UNAVAILABLE, Meaning.UNAVAILABLE),
        (429, Meaning.UNAVAILABLE, Meaning.UNAVAILABLE),
        (500, Meaning.UNAVAILABLE, Meaning.UNAVAILABLE),
        (501, Meaning.REJECTED, Meaning.REJECTED),
        (503, Meaning.UNAVAILABLE, Meaning.UNAVAILABLE),
        (505, Meaning.REJECTED, Meaning.REJECTED),
        (302, Meaning.REJECTED, Meaning.REJECTED),
    ],
)
def test_statuses_have_a_meaning(status: int, create: Meaning, find: Meaning) -> None:
    assert classify(endpoint(duplicate={}), answer({}, status)).meaning is create
    assert classify(endpoint(), answer({}, status), for_find=True).meaning is find


@pytest.mark.parametrize(
    ("keys", "body", "status", "expected"),
    [
        ({"success": {"unless": [{"location": "error", "not_equals": None}]}}, {"error": "x"}, 200, Meaning.REJECTED),
        ({"success": {"unless": [{"location": "error", "not_equals": None}]}}, {"id": 1}, 200, Meaning.OK),
        ({"success": {"unless": [{"location": "header:X-Error", "equals": "1"}]}}, {}, 200, Meaning.OK),
        ({"success": {"statuses": [202]}}, {}, 200, Meaning.REJECTED),
        ({"success": {"statuses": [202]}}, {}, 202, Meaning.OK),
        ({"not_found": {"statuses": [403]}}, {}, 403, Meaning.NOT_FOUND),
        ({"not_found": {"statuses": [403]}}, {}, 404, Meaning.REJECTED),
        ({"not_found": {"when": [{"location": "code", "equals": 7}]}}, {"code": "7"}, 400, Meaning.NOT_FOUND),
        ({"not_found": {"when": [{"location": "code", "equals": 7}]}}, b"<html>", 400, Meaning.REJECTED),
    ],
)
def test_the_settings_say_what_counts_as_what(keys: Any, body: Any, status: int, expected: Meaning) -> None:
    assert classify(endpoint(**keys), answer(body, status), for_find=True).meaning is expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"code": "DUPLICATE"}, Meaning.DUPLICATE),
        (400, {"code": "DUPLICATE"}, Meaning.DUPLICATE),
        (409, {}, Meaning.DUPLICATE),
        (400, {"code": "OTHER"}, Meaning.REJECTED),
        (200, {}, Meaning.OK),
        (400, b"<html>", Meaning.REJECTED),
    ],
)
def test_a_condition_may_say_that_it_exists_already(status: int, body: Any, expected: Meaning) -> None:
    create = endpoint(method="POST", duplicate={"when": [{"location": "code", "equals": "DUPLICATE"}]})
    assert classify(create, answer(body, status)).meaning is expected


def test_without_a_setting_nothing_exists_already() -> None:
    assert classify(endpoint(method="POST"), answer({}, 409)).meaning is Meaning.REJECTED


def test_duplicates_are_a_setting() -> None:
    create = endpoint(method="POST", duplicate={"statuses": [400, 422]})
    assert classify(create, answer({}, 422)).meaning is Meaning.DUPLICATE
    assert classify(create, answer({}, 409)).meaning is Meaning.REJECTED


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Retry-After": "8"}, 8),
        ({"Retry-After": " 0 "}, 0),
        ({"Retry-After": "86400"}, 900),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "Fri, 01 May 2026 10:00:30 GMT"}, 30),
        ({"Retry-After": "Fri, 01 May 2026 11:00:00 GMT"}, 900),
        ({"Retry-After": "Fri, 01 May 2026 09:00:00 GMT"}, None),
        ({}, None),
    ],
)
def test_honours_retry_after_up_to_15_minutes(headers: dict[str, str], expected: float | None) -> None:
    assert classify(endpoint(), answer({}, 429, headers), now=NOW).retry_after_s == expected


def test_a_date_is_counted_from_the_answers_own_without_a_clock() -> None:
    headers = {"Retry-After": "Fri, 01 May 2026 10:00:30 GMT", "Date": "Fri, 01 May 2026 10:00:20 GMT"}
    assert retry_after_s(answer({}, 429, headers)) == 10
    assert retry_after_s(answer({}, 429, {"Retry-After": headers["Retry-After"]})) is None


@given(st.text(max_size=40))
def test_no_retry_after_is_too_odd(text: str) -> None:
    seconds = retry_after_s(answer({}, 429, {"Retry-After": text}), datetime(2026, 5, 1, tzinfo=UTC))
    assert seconds is None or 0 <= seconds <= 900
