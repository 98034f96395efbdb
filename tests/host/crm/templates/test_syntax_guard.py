"""End users' values in a find's text without a quote: as text, and at a CRM on loopback."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.crm.request.build import render
from host.crm.request.request import JsonBody, NotSent, Request
from tests.host.crm.crm_settings import crm_settings
from tests.host.crm.facts import CALL, NOBODY, endpoint, searching
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.crm.story import Tell

ZOHO = "=CONCAT_OR((Id:equals:{ACCOUNT_ID}), (Phone:equals:{PHONE_NUMBER}), (Email:equals:{EMAIL}))"
INJECTED = "a@b)or(Last_Name:starts_with:a"


def sent(value: str, quote: str = "none", **facts: Any) -> str | None:
    """Return what the CRM reads as the parameter `q`."""
    somebody = {"name": "id", "value": "{RECORD_ID}"}
    find = endpoint(method="POST", parameters=[{"name": "q", "value": value, "quote": quote}, somebody])
    request = render(find, searching(record_id=5, **facts))
    assert isinstance(request, Request)
    return json_of(request).get("q")


def json_of(request: Request) -> dict[str, Any]:
    assert isinstance(request.body, JsonBody)
    return dict(request.body.value)


def test_the_example_of_the_reference_comes_out_literally() -> None:
    known = searching(replace(NOBODY, phone="+12223334444", email="james.bond@007"))
    request = render(endpoint(parameters={"criteria": ZOHO}), known)
    assert isinstance(request, Request)
    assert request.url.endswith(
        "?criteria=%28Phone%3Aequals%3A%2B12223334444%29%20or%20%28Email%3Aequals%3Ajames.bond%40007%29"
    )
    assert sent(ZOHO) == "(Phone:equals:+12223334444) or (Email:equals:james.bond@007)"


@pytest.mark.parametrize(
    "name",
    [
        "James Bond",
        "O'Brien",
        "Anne-Marie d'Arc",
        "J. R. R. Tolkien",
        "José Müller",
        "山田 雪",
        "コーヒー",
        "नमस्ते",
        "Владимир_1",
        "+1 222 333 4444",
        "*222*333*4444",
        "james.bond@007",
    ],
)
def test_what_can_be_no_syntax_is_sent_as_it_is(name: str) -> None:
    assert sent("(Last_Name:equals:{NAME})", name=name) == f"(Last_Name:equals:{name})"


@pytest.mark.parametrize(
    "name",
    [
        "Bond (007)",
        INJECTED,
        "a,b",
        "a:b",
        "a=b",
        "a;b",
        "a|b",
        "a&b",
        "a%b",
        "a^b",
        "a~b",
        "a/b",
        "a\\b",
        'a"b',
        "a`b",
        "a<b",
        "a{b",
        "a[b",
        "a$b",
        "a#b",
        "a?b",
        "a!b",
        "'a",
        "a'",
        "a '",
        "' or",
        "a\nb",
        "a\tb",
        "a\0b",
        "a\u00a0b",
        "a\u2028b",
        "a\uff08b",
        "a\uff07b",
        "a\u201db",
        "O\u2019Brien",
        "a\ufffdb",
        "😀",
    ],
)
def test_what_could_be_syntax_counts_as_empty(name: str) -> None:
    text = "=CONCAT_OR((Last_Name:equals:{NAME}), (Email:equals:{EMAIL}))"
    assert sent(text, name=name) == "(Email:equals:james.bond@007)"
    assert sent("(Last_Name:equals:{NAME})", name=name) is None


@pytest.mark.parametrize("name", ["O'Brien", "a'or'1"])
def test_an_apostrophe_is_syntax_where_the_text_has_one(name: str) -> None:
    assert sent("SELECT Id FROM Contact WHERE Name = '{NAME}' OR Email = '{EMAIL}'", name=name) is None
    quoted = sent("SELECT Id FROM Contact WHERE Name = '{NAME}' OR Email = '{EMAIL}'", "soql", name=name)
    assert quoted is not None
    assert name.replace("'", "\\'") in quoted


@pytest.mark.parametrize(
    ("value", "facts", "expected"),
    [
        ("{EMAIL}", {"email": INJECTED}, INJECTED),
        ("=DEFAULT_VALUE({EMAIL}, {NAME})", {"email": INJECTED}, INJECTED),
        ("{FIRST_NAME} {LAST_NAME}", {"name": "James (Jr.) Bond"}, "James (Jr.) Bond"),
        ("*{PHONE_LAST_DIGITS:7}*", {"phone": "tel:+1(222)333-4444"}, "*3334444*"),
        ("(Phone:equals:{PHONE_LAST_DIGITS:7})", {"phone": "tel:+1(222)333-4444)or(a"}, "(Phone:equals:3334444)"),
        ("(Phone:equals:{PHONE_NUMBER})", {"phone": "sip:007)or(Name:starts_with:a@x"}, None),
        ("(Id:equals:{CUSTOM_USER_ID})", {"identifier": "a)or(b"}, None),
        ("(Id:equals:{ACCOUNT_ID})", {"account_id": "a/b=="}, "(Id:equals:a/b==)"),
        ("email:{CUSTOM_DATA.mail} {EMAIL}", {"custom_data": {"mail": "a:b"}}, None),
        ("email:{SAVED.mail} {EMAIL}", {"saved": {"mail": "a:b"}}, None),
        ("=CONCAT_OR({EMAIL}, {CUSTOM_USER_ID})", {"email": "a) or (b"}, "test.user3"),
        ("=CONCAT_OR(=DEFAULT_VALUE({EMAIL}, x), {CUSTOM_USER_ID})", {"email": "a) or (b"}, "x or test.user3"),
        ('=JSON({"q": "{EMAIL}"})', {"email": 'a"b'}, '{"q": "a\\"b"}'),
        ('=JSON({"q": "mail:{EMAIL}", "id": "{CUSTOM_USER_ID}"})', {"email": "a:b"}, None),
        ('=JSON_ARRAY({"q": "mail:{EMAIL}"}, {"id": "{CUSTOM_USER_ID}"})', {"email": "a:b"}, '[{"id": "test.user3"}]'),
    ],
)
def test_only_what_stands_inside_text_is_looked_at(value: str, facts: dict[str, Any], expected: str | None) -> None:
    assert sent(value, **facts) == expected


@pytest.mark.parametrize(
    "keys",
    [
        {"url": "https://crm.example/search?criteria=(Email:equals:{EMAIL})"},
        {"url": "https://crm.example/search?criteria=%28Email%3Aequals%3A{EMAIL}%29"},
        {"url": "https://crm.example/contacts(email='{EMAIL}')"},
        {"url": "https://crm.example/contacts(email=%27{EMAIL}%27)"},
        {"method": "POST", "format": "template", "template": {"query": ["mail:{EMAIL}"]}},
        {"parameters": {"q": "{ACCOUNT_ID}"}, "headers": [{"key": "X-Filter", "value": "mail eq {EMAIL}"}]},
    ],
)
def test_it_holds_for_the_whole_request(keys: dict[str, Any]) -> None:
    request = render(endpoint(**keys), searching(account_id=7, email="a'b)or(c"))
    if isinstance(request, NotSent):
        assert {str(each) for each in request.withheld} == {"{EMAIL}"}
    else:
        assert request.headers == {}
    fine = render(endpoint(**keys), searching(account_id=7))
    assert isinstance(fine, Request)
    assert not fine.withheld


def test_a_value_in_a_plain_path_is_only_encoded() -> None:
    request = render(endpoint(url="https://crm.example/customers/email={EMAIL}"), searching(email="a&b/c@x"))
    assert isinstance(request, Request)
    assert request.url == "https://crm.example/customers/email=a%26b%2Fc%40x"


@given(st.text(max_size=20))
def test_no_value_leaves_its_place(value: str) -> None:
    text = sent("(Name:equals:{NAME}) and (Id:equals:{ACCOUNT_ID})", name=value, account_id=7)
    inside = (text or "()").removeprefix("(Name:equals:").removesuffix(") and (Id:equals:7)")
    assert not set('():,;=<>"\\|&%/\n') & set(inside) or text is None


@pytest.mark.parametrize(
    "fmt", ["automatic", "e164", "us_local", "us_local_standard", "international", "last_digits:7"]
)
def test_a_number_in_any_phone_format_is_sent(fmt: str) -> None:
    find = endpoint(parameters={"q": "(Phone:equals:{PHONE_NUMBER})"}, phone_format=fmt if ":" not in fmt else "e164")
    request = render(find.model_copy(update={"phone_format": fmt}), searching())
    assert isinstance(request, Request)
    assert not request.withheld


def test_what_is_not_a_find_is_sent_as_it_is() -> None:
    create = endpoint(method="POST", parameters={"note": "Mail: {EMAIL}"})
    variables = searching(email=INJECTED)
    variables.for_find = False
    request = render(create, variables)
    assert isinstance(request, Request)
    assert json_of(request) == {"note": f"Mail: {INJECTED}"}


def test_a_hostile_email_reaches_no_query(crm: FaultyCrm, tell: Tell) -> None:
    find = {
        "url": f"{crm.url}/people",
        "parameters": [{"name": "criteria", "value": ZOHO}],
        "phone_formats": ["e164", "last_digits:7"],
        "response_location": "items",
    }
    crm.answers["/people"] = {"items": []}
    story = tell(crm_settings(crm, marker=False, endpoints={"find_account_by_query": find}))
    session_id = story.start({"phone": "+12223334444", "email": INJECTED})
    story.run(session_id)
    asked = [each.query["criteria"] for each in crm.asked if each.path == "/people"]
    assert asked == ["(Phone:equals:+12223334444)", "(Phone:equals:3334444)"]
    words = story.decisions_of(session_id)
    assert words.count("{EMAIL} holds what could be syntax in the text around it: left out") == 1
    assert "Last_Name" not in words
    assert crm.rows["accounts"][0]["email"] == INJECTED


def test_a_hostile_email_alone_asks_for_nobody(crm: FaultyCrm, tell: Tell) -> None:
    find = {
        "url": f"{crm.url}/people",
        "parameters": [{"name": "criteria", "value": "(Email:equals:{EMAIL})"}],
        "response_location": "items",
    }
    story = tell(crm_settings(crm, marker=False, endpoints={"find_account_by_query": find}))
    session_id = story.start({"email": INJECTED})
    story.run(session_id)
    assert (crm.count("GET", "/people"), len(crm.rows["accounts"])) == (0, 1)
    assert "{EMAIL} holds what could be syntax" in story.decisions_of(session_id)
    assert CALL.email not in story.decisions_of(session_id)
