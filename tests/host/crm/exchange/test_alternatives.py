"""Alternatives of a find, and the values saved of its hit, with a CRM on loopback."""

from typing import Any

import pytest

from host.crm.settings.crm import CrmSettings
from host.crm.settings.endpoint import Endpoint
from tests.host.crm.crm_settings import crm_settings
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.crm.story import Story, Tell

FIND: dict[str, Any] = {
    "url": "https://crm.example/people",
    "method": "POST",
    "parameters": [{"name": "phone", "value": "{PHONE_NUMBER}"}],
    "format": "container",
    "container": {"type": "map", "name": "search"},
    "body": "form",
    "marker": "external_id",
    "headers": [{"key": "X-Version", "value": "2"}],
    "response_location": "items",
    "phone_formats": ["e164", "us_local"],
    "timeout_s": 3,
}


def alternative(given: dict[str, Any], base: dict[str, Any] | None = None, **crm: Any) -> Endpoint:
    find = {**FIND, **(base or {}), "alternatives": [given]}
    settings = CrmSettings.model_validate({**crm, "endpoints": {"find_account_by_query": find}})
    endpoint = settings.endpoint("find_account_by_query")
    assert endpoint
    return endpoint.alternatives[0]


def test_one_with_a_url_of_its_own_takes_over_nothing_that_is_sent() -> None:
    found = alternative({"url": "https://crm.example/email/{EMAIL}"})
    assert (found.parameters, found.container, found.format, found.body, found.marker) == (
        (),
        None,
        "property",
        "json",
        None,
    )
    assert (found.method, found.response_location, found.timeout_s) == ("POST", "items", 3)
    assert [header.key for header in found.headers] == ["X-Version"]


def test_one_with_a_url_of_its_own_takes_over_no_template() -> None:
    base = {"format": "template", "container": None, "template": {"phone": "{PHONE_NUMBER}"}}
    found = alternative({"url": "https://crm.example/email/{EMAIL}"}, base)
    assert (found.template, found.format) == (None, "property")


def test_one_without_a_url_takes_over_all_that_it_does_not_say() -> None:
    found = alternative({"parameters": [{"name": "email", "value": "{EMAIL}"}]})
    assert (found.url, found.body, found.format) == ("https://crm.example/people", "form", "container")
    assert found.container is not None
    assert [each.name for each in found.parameters] == ["email"]
    assert found.marker is None


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("container", None),
        ("parameters", ()),
        ("headers", ()),
        ("body", "json"),
        ("marker", None),
        ("method", "GET"),
        ("response_location", ""),
        ("phone_formats", ()),
        ("timeout_s", 7),
    ],
)
def test_null_drops_what_would_be_taken_over(key: str, expected: Any) -> None:
    assert getattr(alternative({key: None}, timeout_s=7), key) == expected


def test_one_without_the_phone_is_asked_once(crm: FaultyCrm, tell: Tell) -> None:
    find = {
        "url": f"{crm.url}/people",
        "parameters": [{"name": "phone", "value": "{PHONE_NUMBER}"}],
        "phone_formats": ["e164", "us_local", "international", "last_digits:7"],
        "response_location": "items",
        "alternatives": [
            {"url": f"{crm.url}/email/{{EMAIL}}"},
            {"url": f"{crm.url}/cells", "parameters": [{"name": "cell", "value": "{PHONE_NUMBER}"}]},
        ],
    }
    crm.answers["/people"] = crm.answers["/email/james.bond%40agents.co"] = crm.answers["/cells"] = {"items": []}
    story = tell(crm_settings(crm, marker=False, endpoints={"find_account_by_query": find}))
    story.run(story.start())
    paths = ("/people", "/email/", "/cells")
    assert [crm.count("GET", path) for path in paths] == [4, 1, 4]
    assert all(not asked.query for asked in crm.asked if "/email/" in asked.path)


ADA = {"id": 1, "phone": "+19998887777", "email": "ada@agents.co", "links": {"self": "/people/1"}}
BEN = {"id": 2, "phone": "+12223334444", "email": "ben@agents.co", "links": {"self": "/people/2"}}
BEA = {"id": 3, "phone": "+12223334444", "email": "bea@agents.co", "links": {"self": "/people/3"}}


def keeping(crm: FaultyCrm, tell: Tell, save: dict[str, str], **changes: Any) -> Story:
    find = {
        "url": f"{crm.url}/people",
        "parameters": [{"name": "phone", "value": "{PHONE_NUMBER}"}],
        "response_location": "data.items",
        "save": save,
        **changes.pop("find", {}),
    }
    record = {
        "url": f"{crm.url}/records",
        "parameters": [
            {"name": "account_id", "value": "{ACCOUNT_ID}"},
            *({"name": name, "value": f"{{SAVED.{name}}}"} for name in save),
        ],
    }
    endpoints = {"find_account_by_query": find, "create_record": record}
    return tell(crm_settings(crm, marker=False, endpoints=endpoints, **changes))


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("email", "ben@agents.co"),
        ("links.self", "/people/2"),
        ("data.items.0.email", "ben@agents.co"),
        ("data.items[0].email", "ben@agents.co"),
        ("data.items[id=2].email", "ben@agents.co"),
        ("data.token", "t1"),
        ("header:Content-Type", "application/json"),
    ],
)
def test_a_find_keeps_what_belongs_to_the_hit_that_counts(
    crm: FaultyCrm, tell: Tell, location: str, expected: str
) -> None:
    crm.answers["/people"] = {"data": {"token": "t1", "items": [ADA, BEN]}}
    story = keeping(crm, tell, {"kept": location})
    story.run(story.start())
    assert crm.rows["records"] == [{"id": 1, "account_id": 2, "kept": expected}]


def test_nothing_is_kept_of_another_hit(crm: FaultyCrm, tell: Tell) -> None:
    crm.answers["/people"] = {"data": {"items": [ADA, {"id": 2, "phone": "+12223334444"}]}}
    story = keeping(crm, tell, {"kept": "data.items.0.email"})
    story.run(story.start())
    assert crm.rows["records"] == [{"id": 1, "account_id": 2}]


def test_a_find_keeps_what_belongs_to_the_first_by_order_on_any_page(crm: FaultyCrm, tell: Tell) -> None:
    crm.answers["/people"] = {"data": {"items": [{**BEN, "at": 1}]}, "next": "/people2"}
    crm.answers["/people2"] = {"data": {"items": [{**BEA, "at": 2}]}}
    find = {"order": {"location": "at"}, "paging": {"type": "next_link", "location": "next"}}
    story = keeping(crm, tell, {"kept": "email"}, find=find)
    story.run(story.start())
    assert crm.rows["records"] == [{"id": 1, "account_id": 3, "kept": "bea@agents.co"}]


def test_a_choice_brings_along_what_belongs_to_it(crm: FaultyCrm, tell: Tell) -> None:
    crm.answers["/people"] = {"data": {"items": [BEN, BEA]}}
    story = keeping(crm, tell, {"kept": "email"}, ask_on_many=True)
    session_id = story.start()
    story.run(session_id)
    story.answer(session_id)
    story.decisions.choose(session_id, story.james, "account", 3)
    story.run(session_id)
    assert crm.rows["records"] == [{"id": 1, "account_id": 3, "kept": "bea@agents.co"}]
    story.end(session_id)
    assert "ben@agents.co" not in story.dump()


def test_a_search_that_is_not_finished_lets_the_agent_create(crm: FaultyCrm, tell: Tell) -> None:
    crm.answers["/people"] = {"data": {"items": [ADA]}, "next": "/people2"}
    paging = {"type": "next_link", "location": "next", "max_pages": 1}
    story = keeping(crm, tell, {}, find={"paging": paging})
    session_id = story.start()
    story.run(session_id)
    story.answer(session_id)
    assert story.card(session_id).choices["account"].can_create
    story.decisions.choose(session_id, story.james, "account", None)
    story.run(session_id)
    assert (story.ids(session_id), len(crm.rows["accounts"])) == ((1, 1), 1)
