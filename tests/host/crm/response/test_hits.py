from typing import Any

import pytest

from host.crm.response.hits import attachment, duplicate_id, read, saved
from host.errors import CrmAnswerError
from tests.host.crm.facts import CALL, answer, endpoint, variables

JAMES = {"id": 123, "name": "James Bond", "phone": 11234567890, "email": "james.bond@agents.co"}


def ids(body: Any, *, status: int = 200, headers: dict[str, str] | None = None, **keys: Any) -> list[Any]:
    return [hit.id for hit in read(endpoint(**keys), answer(body, status, headers), variables(CALL, account_id=7))]


@pytest.mark.parametrize(
    ("location", "body", "expected"),
    [
        ("", JAMES, [123]),
        ("", [JAMES, {"Id": "b"}], [123, "b"]),
        ("data", {"data": JAMES}, [123]),
        ("result.records", {"result": {"records": [{"ID": "x"}, {"_id": "y"}]}}, ["x", "y"]),
        ("data.0.details", {"data": [{"details": {"id": "37500"}}]}, ["37500"]),
        ("$.data", {"data": [1, "b"]}, [1, "b"]),
        ("", [4711], [4711]),
        ("id", {"id": "a@b"}, ["a@b"]),
        ("data", {"data": None}, []),
        ("data", {"data": []}, []),
        ("data", {"data": {}}, []),
        ("data", {"data": [None, {}]}, []),
        ("data", {"total": 0}, []),
        ("", None, []),
        ("", {}, []),
    ],
)
def test_reads_objects_lists_and_scalars(location: str, body: Any, expected: Any) -> None:
    found = ids(body, response_location=location)
    assert found == expected
    assert [type(each) for each in found] == [type(each) for each in expected]


def test_204_is_no_match_unless_the_id_is_in_a_header() -> None:
    assert ids(None, status=204) == []
    headers = {"OData-EntityId": "https://org.example/api/contacts(4a-5b)"}
    keys = {"id_location": "header:OData-EntityId", "id_pattern": r"\(([^)]+)\)"}
    assert ids(None, status=204, headers=headers, **keys) == ["4a-5b"]


@pytest.mark.parametrize(
    "where", ["https://crm.example/api/contacts/a%2Fb", "/api/contacts/a%2Fb/", "/api/contacts/a%2Fb?x=1"]
)
def test_the_id_may_be_the_end_of_the_location_header(where: str) -> None:
    assert ids(b"<p>created", status=201, headers={"Location": where}, id_location="header:Location") == ["a/b"]


def test_ids_may_stand_elsewhere_and_be_cut_out() -> None:
    assert ids({"sys_id": {"value": "x1"}}, id_location="sys_id.value") == ["x1"]
    assert ids({"href": "/contacts/12/edit"}, id_location="href", id_pattern=r"/(\d+)/") == ["12"]
    assert ids({"data": {"items": [{"item": {"id": 5}}]}}, response_location="data.items", id_location="item.id") == [5]


def test_true_is_no_id() -> None:
    with pytest.raises(CrmAnswerError, match="no id"):
        ids({"result": True}, response_location="result")


def test_objects_without_id_are_a_configuration_error() -> None:
    with pytest.raises(CrmAnswerError, match=r"no id at 'number' inside 'result'; found the keys sys_id, name"):
        ids({"result": [{"sys_id": 1, "name": "x"}]}, response_location="result", id_location="number")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"location": "status", "equals": "open"}, [1]),
        ({"location": "status", "not_equals": "open"}, [2, 3]),
        ({"location": "status", "in": ["open", "new"]}, [1]),
        ({"location": "status", "not_in": ["open", 5]}, [3]),
        ({"location": "contact", "equals": "{ACCOUNT_ID}"}, [1, 3]),
        ({"location": "contact", "equals": "{RATING}"}, []),
        ({"location": "tags", "contains": "vip"}, [2]),
        ({"location": "title", "contains": "Call"}, [1]),
        ({"location": "gone", "equals": None}, [1, 2, 3]),
    ],
)
def test_rows_are_selected_on_our_side(condition: Any, expected: list[int]) -> None:
    rows = [
        {"id": 1, "status": "open", "contact": "7", "title": "Call from"},
        {"id": 2, "status": 5, "contact": 8, "tags": ["vip", 1]},
        {"id": 3, "status": None, "contact": 7},
    ]
    assert ids(rows, rows=[condition]) == expected


def test_hits_are_ordered() -> None:
    rows = [{"id": 1, "at": "2026-01-02"}, {"id": 2}, {"id": 3, "at": "2026-03-01"}, {"id": 4, "at": "2025-12-31"}]
    assert ids(rows, order={"location": "at"}) == [3, 1, 4, 2]
    assert ids(rows, order={"location": "at", "descending": False}) == [4, 1, 3, 2]
    assert ids([{"id": 1, "n": "9"}, {"id": 2, "n": 10}], order={"location": "n"}) == [2, 1]


def test_keeps_the_object_beside_the_id() -> None:
    assert read(endpoint(), answer(JAMES))[0].object == JAMES


def test_reads_what_is_saved_for_later() -> None:
    keep = endpoint(save={"token": "upload.token", "where": "header:Location", "none": "x"})
    got = saved(keep, answer({"upload": {"token": "t1"}}, headers={"Location": "/a"}))
    assert got == {"token": "t1", "where": "/a", "none": None}


@pytest.mark.parametrize(
    ("keys", "body", "expected"),
    [
        (
            {"attachment": {"type": "url", "location": "url"}},
            {"id": 123, "url": "https://h.example/x"},
            "https://h.example/x",
        ),
        ({"attachment": {"type": "id"}}, {"id": 123}, 123),
        ({"attachment": {"location": "id"}, "response_location": "file"}, {"file": {"id": 5}}, 5),
        ({"attachment": {"location": "upload.id"}, "response_location": "file"}, {"upload": {"id": 6}}, 6),
        ({"attachment": {"location": "id"}}, {}, None),
        ({}, {"id": 1}, None),
    ],
)
def test_reads_both_upload_answers_of_the_reference(keys: Any, body: Any, expected: Any) -> None:
    assert attachment(endpoint(method="POST", **keys), answer(body)) == expected


def test_a_duplicate_may_tell_its_id() -> None:
    hubspot = endpoint(duplicate={"id_location": "message"}, id_pattern=r"(\d+)")
    assert duplicate_id(hubspot, answer({"message": "Contact already exists. Existing ID: 901"}, 409)) == "901"
    assert duplicate_id(endpoint(), answer({"id": 1}, 409)) is None
    assert duplicate_id(hubspot, answer(b"<html>", 409)) is None
