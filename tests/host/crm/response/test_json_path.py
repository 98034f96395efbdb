from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.crm.response import json_path
from host.errors import ConfigError, CrmAnswerError
from tests.host.crm.facts import answer

BODY = {
    "data": [{"id": 1, "details": {"id": "a"}}, {"id": 2}],
    "@odata.etag": "W/1",
    "custom_fields": [
        {"name": "Work phone", "value": 7},
        {"name": "Phone", "value": "+1"},
        {"name": 3, "value": "three"},
    ],
    "7": "seven",
    "items": [{"item": {"id": 5}}],
    "a[0]": "odd",
}


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("data.0.id", 1),
        ("$.data.0.id", 1),
        ("data[1].id", 2),
        ("data.-1.id", 2),
        ("data.0.details.id", "a"),
        ("data.2", None),
        ("data.x", None),
        ("none.at.all", None),
        ("7", "seven"),
        (r"@odata\.etag", "W/1"),
        (r"a\[0\]", "odd"),
        ("custom_fields[name=Phone].value", "+1"),
        ("custom_fields[name='Work phone'].value", 7),
        ('$.custom_fields[name="Work phone"].value', 7),
        ("custom_fields[name = Work phone].value", 7),
        ("custom_fields[name=3].value", "three"),
        ("custom_fields[name=Fax].value", None),
        ("items.0.item.id", 5),
        ("", BODY),
        ("$", BODY),
        ("$.", BODY),
    ],
)
def test_paths_lead_to_values(location: str, expected: Any) -> None:
    assert json_path.parse(location).find(BODY) == expected


@pytest.mark.parametrize("location", [".a", "a..b", "a.", "a[", "a[]", "a]b", "a[b]", "$..a", "a[name=x", "x" * 501])
def test_other_texts_are_refused_with_what_would_be_right(location: str) -> None:
    with pytest.raises(ConfigError, match="right would be keys and indexes"):
        json_path.parse(location)


def test_headers_are_looked_up_without_regard_to_case() -> None:
    assert json_path.located("find", answer(b"<html>", headers={"ETag": "W/1"}), "header:etag") == "W/1"


@pytest.mark.parametrize("body", [b"<html>", b"\xff", b"[" * 100_000, b"{"])
def test_what_is_not_json_is_an_answer_error(body: bytes) -> None:
    with pytest.raises(CrmAnswerError, match="not JSON"):
        json_path.located("find", answer(body), "id")


def test_an_empty_body_is_nothing() -> None:
    assert json_path.located("find", answer(b" \n"), "id") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.text(alphabet="ab.[]=$0\\\"' -:", max_size=15), JSON)
def test_any_path_leads_somewhere_or_nowhere(location: str, value: Any) -> None:
    try:
        path = json_path.parse(location)
    except ConfigError:
        return
    path.find(value)
