from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.crm.templates import url_template
from tests.host.crm.facts import NOBODY, variables

LOOKUP = "https://crm.example/find?phone={ANI}&menu={MENU_PATH}&fixed=1"


def filled(template: str, **known: Any) -> str:
    url = url_template.fill(template, variables(NOBODY, **known))
    return url.text if isinstance(url, url_template.Url) else f"none: {url.reason}"


@pytest.mark.parametrize(
    ("template", "known", "expected"),
    [
        (LOOKUP, {"phone": "+12223334444", "queue_path": ("a b", "c")}, "?phone=%2B12223334444&menu=a%20b%2Fc&fixed=1"),
        (LOOKUP, {"phone": "+12223334444"}, "?phone=%2B12223334444&fixed=1"),
        (LOOKUP, {}, "?fixed=1"),
        ("https://crm.example/find?phone={ANI}", {}, ""),
        ("https://crm.example/find?q=a{ANI}&r", {}, "?r"),
        ("https://crm.example/find#/find?phone={ANI}&x=1", {}, "#/find?x=1"),
        ("https://crm.example/find#/find?phone={ANI}", {"phone": "+12223334444"}, "#/find?phone=%2B12223334444"),
        ("https://crm.example/find?next=#{ANI}", {"phone": "7"}, "?next=#7"),
        ("https://crm.example/find?a={{ANI}}", {}, "?a=%7BANI%7D"),
    ],
)
def test_leaves_out_empty_parameters(template: str, known: dict[str, Any], expected: str) -> None:
    assert filled(template, **known) == "https://crm.example/find" + expected


@pytest.mark.parametrize(
    ("template", "known", "expected"),
    [
        ("https://crm.example/a/{ACCOUNT_ID}", {"account_id": 12}, "https://crm.example/a/12"),
        (
            "https://crm.example/a/{ACCOUNT_ID}",
            {"account_id": "a/b?c#d&e=f"},
            "https://crm.example/a/a%2Fb%3Fc%23d%26e%3Df",
        ),
        ("https://crm.example/a/{ACCOUNT_ID}", {}, "none: {ACCOUNT_ID} has no value"),
        (
            "https://crm.example/a/{ACCOUNT_ID}",
            {"account_id": ".."},
            "none: a value of . or .. would lead to another path",
        ),
        ("https://crm.example/a#{ACCOUNT_ID}", {}, "none: {ACCOUNT_ID} has no value"),
        ("https://{SAVED.host}/a", {"saved": {"host": "eu.crm.example"}}, "https://eu.crm.example/a"),
        (
            "https://{SAVED.host}/a",
            {"saved": {"host": "evil.example/x?"}},
            "none: the value of {SAVED.host} is no host",
        ),
        ("https://{SAVED.host}/a", {"saved": {"host": "a@b"}}, "none: the value of {SAVED.host} is no host"),
        ("{BASE_URL}/a", {"base_url": "https://eu.crm.example/"}, "https://eu.crm.example/a"),
        ("{BASE_URL}/a", {}, "none: {BASE_URL} has no value"),
        ("{SAVED.url}?x=1", {"saved": {"url": "https://s.example/u?sig=1"}}, "https://s.example/u?sig=1&x=1"),
        ("{SAVED.url}", {"saved": {"url": "javascript:alert(1)"}}, "none: what {SAVED.url} comes to is no usable URL"),
    ],
)
def test_encodes_for_where_a_value_stands(template: str, known: dict[str, Any], expected: str) -> None:
    assert filled(template, **known) == expected


def test_appends_queries_before_the_fragment() -> None:
    url = url_template.Url("https://crm.example/a?x=1#top").with_query([("fields[]", "a b"), ("q", "+")])
    assert url.text == "https://crm.example/a?x=1&fields[]=a%20b&q=%2B#top"
    assert url_template.Url("https://crm.example/a").with_query([("q", "1")]).text == "https://crm.example/a?q=1"


@given(st.text(min_size=1, max_size=30))
def test_no_value_leaves_its_place(value: str) -> None:
    template = "https://crm.example/a/{SAVED.v}/z?q=<{SAVED.v}>&r=1#f={SAVED.v}"
    url = url_template.fill(template, variables(saved={"v": value}))
    if isinstance(url, url_template.NoUrl):
        assert value in {".", ".."}
        return
    parts = urlsplit(url.text)
    assert (parts.scheme, parts.netloc) == ("https", "crm.example")
    assert parts.path.count("/") == 3
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    assert [name for name, _ in pairs] == ["q", "r"]
    assert pairs[0][1] == f"<{value}>".encode("utf-8", "replace").decode()
