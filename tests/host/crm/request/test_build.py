import json
from typing import Any

import pytest

from host.crm.request.build import render, renderings
from host.crm.request.request import (
    FilePart,
    FormBody,
    JsonBody,
    MultipartBody,
    NotSent,
    RawBody,
    Request,
    TextPart,
    shown,
)
from tests.host.crm.facts import CALL, HOSTILE_NAME, NOBODY, RECORDING, endpoint, searching, variables


def request(made: Any) -> Request:
    assert isinstance(made, Request)
    return made


def body(made: Any) -> Any:
    content = request(made).body
    assert isinstance(content, JsonBody)
    return content.value


PARAMETERS = {"name": "{NAME}", "agent": "{AGENT_ID}", "rating": "{RATING}", "limit": 1, "vip": True, "none": None}


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        (None, {"name": "James Bond", "agent": 7, "limit": 1, "vip": True}),
        ({"type": "map", "name": "account"}, {"account": {"name": "James Bond", "agent": 7, "limit": 1, "vip": True}}),
        ({"type": "array", "name": "data"}, {"data": [{"name": "James Bond", "agent": 7, "limit": 1, "vip": True}]}),
    ],
)
def test_builds_properties_and_containers_as_in_the_reference(container: Any, expected: Any) -> None:
    keys = {"format": "container", "container": container} if container else {}
    assert body(render(endpoint(method="POST", parameters=PARAMETERS, **keys), variables())) == expected


def test_get_sends_parameters_as_the_query() -> None:
    made = request(render(endpoint(parameters=PARAMETERS), variables()))
    assert made.url == "https://crm.example/api/accounts?name=James%20Bond&agent=7&limit=1&vip=true"
    assert made.body is None


def test_dotted_names_nest_in_json_bodies_only() -> None:
    parameters = {"properties.email": "{EMAIL}", r"customer\.id": 1, "a.b.c": "x", "a.b.d": "y", "..": "z"}
    assert body(render(endpoint(method="POST", parameters=parameters), variables())) == {
        "properties": {"email": "james.bond@007"},
        "customer.id": 1,
        "a": {"b": {"c": "x", "d": "y"}},
        "..": "z",
    }
    assert "properties.email=" in request(render(endpoint(parameters=parameters), variables())).url


def test_text_around_a_missing_value_stays_outside_finds() -> None:
    made = render(endpoint(method="POST", parameters={"a": "rated {RATING}", "b": "{RATING}{FEEDBACK}"}), variables())
    assert body(made) == {"a": "rated "}


def test_ids_keep_their_type() -> None:
    for account_id in (123, "123"):
        made = render(
            endpoint(method="POST", parameters={"contactId": "{ACCOUNT_ID}"}), variables(account_id=account_id)
        )
        assert body(made) == {"contactId": account_id}


FIND = {"phone": "{PHONE_NUMBER}", "email": "{EMAIL}", "limit": 1}


@pytest.mark.parametrize(
    ("known", "parameters", "query"),
    [
        ({"phone": "+12223334444"}, FIND, "phone=%2B12223334444&limit=1"),
        ({"phone": "+12223334444"}, {"q": "(a:{PHONE_NUMBER}) or {EMAIL}", "p": "{PHONE_NUMBER}"}, "p=%2B12223334444"),
        ({"email": "james.bond@007"}, {"q": "=CONCAT_OR({PHONE_NUMBER}, {EMAIL})"}, "q=james.bond%40007"),
        (
            {"name": "James", "phone": "+12223334444"},
            {"q": "{PHONE_NUMBER}", "n": "is {FEEDBACK}"},
            "q=%2B12223334444&n=is%20",
        ),
    ],
)
def test_finds_drop_what_identifies_nobody(known: Any, parameters: Any, query: str) -> None:
    made = request(render(endpoint(parameters=parameters), searching(NOBODY, **known)))
    assert made.url.partition("?")[2] == query


@pytest.mark.parametrize(
    ("known", "keys"),
    [
        ({}, {"parameters": FIND}),
        ({"name": "James Bond"}, {"parameters": {"name": "{NAME}", **FIND}}),
        ({}, {"parameters": {"q": "type:user {PHONE_NUMBER}"}}),
        ({}, {"parameters": {"q": "=DEFAULT_VALUE({PHONE_NUMBER}, none)"}}),
        ({}, {"parameters": {"limit": 1}}),
        ({}, {"method": "POST", "format": "template", "template": {"filters": [{"v": "{EMAIL}"}], "limit": 1}}),
        ({}, {"url": "https://crm.example/a?q={EMAIL}"}),
        ({}, {"url": "https://crm.example/a/{ACCOUNT_ID}"}),
    ],
)
def test_a_find_for_nobody_is_not_sent(known: Any, keys: Any) -> None:
    made = render(endpoint(**keys), searching(NOBODY, **known))
    assert isinstance(made, NotSent)
    assert made.reason


def test_the_reason_names_what_has_no_value() -> None:
    made = render(endpoint(parameters=FIND), searching(NOBODY))
    assert isinstance(made, NotSent)
    assert made.reason == "nothing to search by: no value for {EMAIL}, {PHONE_NUMBER}"


HUBSPOT = {
    "filterGroups": [
        {"filters": [{"propertyName": "phone", "operator": "EQ", "value": "{PHONE_NUMBER}"}]},
        {"filters": [{"propertyName": "email", "operator": "EQ", "value": "{EMAIL}"}]},
    ],
    "limit": 1,
}


def test_a_finds_filter_goes_as_a_whole_without_its_value() -> None:
    find = endpoint(method="POST", format="template", template=HUBSPOT)
    assert body(render(find, searching(phone=""))) == {
        "filterGroups": [{"filters": [{"propertyName": "email", "operator": "EQ", "value": "james.bond@007"}]}],
        "limit": 1,
    }
    assert len(body(render(find, searching()))["filterGroups"]) == 2


def test_a_finds_domain_loses_the_terms_without_value() -> None:
    template = {"domain": [["phone", "=", "{PHONE_NUMBER}"], ["email", "=", "{EMAIL}"]], "ids": ["{ACCOUNT_ID}"]}
    find = endpoint(method="POST", format="template", template=template)
    assert body(render(find, searching(email=""))) == {"domain": [["phone", "=", "+12223334444"]]}


def test_templates_are_filled_at_any_depth() -> None:
    template = [
        {
            "subject": "{TICKET_SUBJECT}",
            "literal": "{{NAME}}",
            "empty": "",
            "rating": "{RATING}",
            "links": [{"account": "{ACCOUNT_ID}"}, "{RATING}", "x"],
            "agent": "=DEFAULT_VALUE({FEEDBACK}, none)",
            "gone": "=CONCAT_OR({FEEDBACK})",
            "number": 1.5,
            "no": None,
        }
    ]
    made = render(endpoint(method="POST", format="template", template=template), variables(account_id=5))
    assert body(made) == [
        {
            "subject": "Voice Inbound (IVR) via Patchbay",
            "literal": "{NAME}",
            "empty": "",
            "links": [{"account": 5}, "x"],
            "agent": "none",
            "number": 1.5,
            "no": None,
        }
    ]


def test_phone_formats_are_tried_in_turn_and_none_twice() -> None:
    find = endpoint(
        parameters={"phone": "{PHONE_NUMBER}"},
        phone_formats=["e164", "us_local", "last_digits:10", "last_digits:7"],
        alternatives=[
            {"url": "https://crm.example/api/accounts", "parameters": [{"name": "email", "value": "{EMAIL}"}]}
        ],
    )
    made = [request(each).url.partition("?")[2] for each in renderings(find, searching())]
    assert made == ["phone=%2B12223334444", "phone=2223334444", "phone=3334444", "email=james.bond%40007"]


def test_alternatives_follow_when_there_is_nothing_for_the_first() -> None:
    find = endpoint(
        parameters={"phone": "{PHONE_NUMBER}"},
        phone_formats=["e164", "us_local"],
        alternatives=[
            {"url": "https://crm.example/api/accounts", "parameters": [{"name": "email", "value": "{EMAIL}"}]}
        ],
    )
    first, second = renderings(find, searching(phone=""))
    assert isinstance(first, NotSent)
    assert request(second).endpoint is find.alternatives[0]


def test_creates_carry_the_marker() -> None:
    create = endpoint(method="POST", parameters={"name": "{NAME}"}, marker="external.id")
    made = request(render(create, variables(marker="01J")))
    assert body(made) == {"name": "James Bond", "external": {"id": "01J"}}
    assert made.headers == {"Idempotency-Key": "01J"}
    assert body(render(create, variables())) == {"name": "James Bond"}


def test_templates_carry_the_marker() -> None:
    create = endpoint(method="POST", format="template", template={"a": 1}, marker="ext", idempotency_header="X-Once")
    made = request(render(create, variables(marker="01J")))
    assert (body(made), made.headers) == ({"a": 1, "ext": "01J"}, {"X-Once": "01J"})


def test_finds_search_the_marker_alone() -> None:
    find = endpoint(parameters={**FIND, "external_id": ""}, marker="external_id")
    assert "external_id" not in request(render(find, searching())).url
    made = request(render(find, searching(marker="01J")))
    assert made.url == "https://crm.example/api/accounts?limit=1&external_id=01J"
    assert made.searched.ids == {"01J"}
    assert not made.headers


def test_finds_search_the_marker_inside_a_query_language() -> None:
    find = endpoint(parameters={"q": "SELECT Id FROM Case WHERE X__c = '{MARKER}'"}, marker="q")
    assert "01J" in request(render(find, searching(marker="01J"))).url
    assert isinstance(render(find, searching()), NotSent)


def test_a_find_without_a_marker_parameter_cannot_search_by_it() -> None:
    made = render(endpoint(parameters=FIND), searching(marker="01J"))
    assert isinstance(made, NotSent)
    assert "marker" in made.reason


def test_says_by_what_it_searched() -> None:
    made = request(render(endpoint(parameters={"p": "{PHONE_LAST_DIGITS:7}", "c": "{CUSTOM_USER_ID}"}), searching()))
    assert (made.searched.phone, made.searched.email, made.searched.ids) == (
        "+12223334444",
        "",
        frozenset({"test.user3"}),
    )


def test_headers_are_templates_on_one_line() -> None:
    headers = [{"key": "X-Name", "value": "{NAME}"}, {"key": "X-Rating", "value": "{RATING}"}]
    made = request(render(endpoint(headers=headers), variables(name="a\r\nX-Evil: 1")))
    assert made.headers == {"X-Name": "a  X-Evil: 1"}
    made = request(render(endpoint(headers=headers), variables(name="Łukasz")))
    assert made.headers["X-Name"].encode("latin-1").decode() == "Łukasz"


def test_forms_are_flat() -> None:
    form = endpoint(method="POST", body="form", parameters={"a.b": "{NAME}", "n": 1})
    made = request(render(form, variables()))
    assert made.body == FormBody((("a.b", "James Bond"), ("n", "1")))
    assert made.sent == ({"Content-Type": "application/x-www-form-urlencoded"}, b"a.b=James+Bond&n=1")
    nested = endpoint(
        method="POST", body="form", format="container", container={"type": "array", "name": "d"}, parameters={"n": 1}
    )
    assert request(render(nested, variables())).body == FormBody((("d[0][n]", "1"),))


UPLOAD = {"method": "POST", "url": "https://crm.example/records/{RECORD_ID}/files"}


def test_multipart_sends_the_file_under_its_parameters_name() -> None:
    upload = endpoint(
        **UPLOAD, type="multipart", body="multipart", parameters={"file": "{FILE_DATA}", "id": "{RECORD_ID}"}
    )
    made = request(render(upload, variables(file=RECORDING, record_id=123)))
    assert made.body == MultipartBody((FilePart("file", RECORDING), TextPart("id", "123")))
    headers, content = made.sent
    assert headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'name="file"; filename="call-103646.mp3"\r\nContent-Type: audio/mpeg\r\n\r\naudio\r\n' in (content or b"")
    assert made.is_upload


@pytest.mark.parametrize(("field", "name"), [("document", "document"), (None, "file")])
def test_multipart_has_a_short_form(field: str | None, name: str) -> None:
    upload = endpoint(**UPLOAD, body="multipart", file_field=field, parameters={"id": 1})
    made = request(render(upload, variables(file=RECORDING, record_id=123)))
    assert made.body == MultipartBody((TextPart("id", "1"), FilePart(name, RECORDING)))


def test_base64_stands_wherever_it_is_asked_for() -> None:
    upload = endpoint(**UPLOAD, parameters={"data": "{FILE_DATA}", "uri": "x:{FILE_DATA}", "name": "{FILE_NAME}"})
    made = render(upload, variables(file=RECORDING, record_id=123))
    assert body(made) == {"data": "YXVkaW8=", "uri": "x:YXVkaW8=", "name": "call-103646.mp3"}
    short = endpoint(**UPLOAD, type="base64", file_field="content")
    assert body(render(short, variables(file=RECORDING, record_id=123))) == {"content": "YXVkaW8="}


def test_raw_sends_the_file_and_the_rest_as_query() -> None:
    upload = endpoint("https://crm.example/uploads", method="POST", body="raw", parameters={"filename": "{FILE_NAME}"})
    made = request(render(upload, variables(file=RECORDING)))
    assert (made.url, made.body) == ("https://crm.example/uploads?filename=call-103646.mp3", RawBody(RECORDING))
    assert made.sent == ({"Content-Type": "audio/mpeg"}, b"audio")
    assert shown(made.body) == {"file": "call-103646.mp3", "type": "audio/mpeg", "size_bytes": 5}


def test_parts_keep_their_order() -> None:
    parts = [
        {"name": "options", "json": {"access": "PRIVATE", "name": "{FILE_NAME}"}},
        {"name": "folder", "value": "/calls"},
        {"name": "rating", "value": "{RATING}"},
        {"name": "file", "file": True},
    ]
    made = request(render(endpoint(method="POST", body="multipart", parts=parts), variables(file=RECORDING)))
    options = TextPart("options", '{"access": "PRIVATE", "name": "call-103646.mp3"}', "application/json")
    assert made.body == MultipartBody((options, TextPart("folder", "/calls"), FilePart("file", RECORDING)))


def test_a_url_that_lacks_a_value_is_not_sent() -> None:
    made = render(endpoint(**UPLOAD), variables(file=RECORDING))
    assert isinstance(made, NotSent)
    assert made.reason == "{RECORD_ID} has no value"


@pytest.mark.parametrize("kind", ["json", "form", "multipart"])
def test_a_hostile_name_injects_nothing(kind: str) -> None:
    parameters = {"name": "{NAME}", "text": "<{NAME}>", "f": "=CONCAT_OR({NAME}, b)", "j": '=JSON({"n": "{NAME}"})'}
    create = endpoint(method="POST", body=kind, parameters=parameters, headers=[{"key": "X-Name", "value": "{NAME}"}])
    made = request(render(create, variables(CALL, name=HOSTILE_NAME, account_id="secret")))
    names = {
        "name": HOSTILE_NAME,
        "text": f"<{HOSTILE_NAME}>",
        "f": f"{HOSTILE_NAME} or b",
        "j": json.dumps({"n": HOSTILE_NAME}),
    }
    found = shown(made.body)
    assert (found if kind == "json" else dict(found)) == names
    assert made.headers == {"X-Name": HOSTILE_NAME}
    assert "secret" not in repr(made.sent)


def test_a_hostile_name_injects_nothing_into_queries_and_templates() -> None:
    url = "https://crm.example/{NAME}/x?n={NAME}#{NAME}"
    made = request(
        render(
            endpoint(url, method="POST", format="template", template={"n": "{NAME}", "t": ["<{NAME}>"]}),
            variables(name=HOSTILE_NAME, account_id="secret"),
        )
    )
    encoded = "O%27Brien%20%22%7D%60%20%7BACCOUNT_ID%7D"
    assert made.url == f"https://crm.example/{encoded}/x?n={encoded}#{encoded}"
    assert shown(made.body) == {"n": HOSTILE_NAME, "t": [f"<{HOSTILE_NAME}>"]}
