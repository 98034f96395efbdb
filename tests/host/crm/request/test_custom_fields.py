from dataclasses import replace
from typing import Any

import pytest

from host.crm.request.build import render
from host.crm.request.custom_fields import CustomFields, is_about, with_fields
from host.crm.request.request import FormBody, JsonBody, MultipartBody, Request, TextPart
from host.crm.settings.endpoint import Endpoint
from host.crm.templates.variables import Variables
from tests.host.crm.facts import CALL

FIELDS = CustomFields({"custom": {"deviceStr": "iOS"}})
URL = "https://crm.example/api/tickets"


def request(**endpoint: Any) -> Request:
    made = render(Endpoint(**{"url": URL, "method": "POST", **endpoint}), Variables(CALL))
    assert isinstance(made, Request)
    return made


def body(made: Request | None) -> Any:
    assert made is not None
    assert isinstance(made.body, JsonBody)
    return made.body.value


SUBJECT = {"name": "subject", "value": "Hi"}


@pytest.mark.parametrize(
    ("endpoint", "sent"),
    [
        ({"parameters": [SUBJECT]}, {"subject": "Hi", "custom": {"deviceStr": "iOS"}}),
        ({}, {"custom": {"deviceStr": "iOS"}}),
        (
            {"parameters": [SUBJECT], "format": "container", "container": {"type": "map", "name": "ticket"}},
            {"ticket": {"subject": "Hi", "custom": {"deviceStr": "iOS"}}},
        ),
        (
            {"parameters": [SUBJECT], "format": "container", "container": {"type": "array", "name": "data"}},
            {"data": [{"subject": "Hi", "custom": {"deviceStr": "iOS"}}]},
        ),
        (
            {"format": "template", "template": {"subject": "Hi", "custom": {"vip": True}}},
            {"subject": "Hi", "custom": {"vip": True, "deviceStr": "iOS"}},
        ),
        ({"format": "template", "template": [{"subject": "Hi"}]}, [{"subject": "Hi", "custom": {"deviceStr": "iOS"}}]),
    ],
)
def test_fields_go_where_the_parameters_go(endpoint: dict[str, Any], sent: Any) -> None:
    assert body(with_fields(request(**endpoint), FIELDS)) == sent


def test_fields_go_inside_the_object_that_the_body_has() -> None:
    fields = CustomFields({"custom_fields": [{"id": 1, "value": "x"}]}, inside=("ticket", "request"))
    nested = [{"name": "ticket.subject", "value": "Hi"}]
    assert body(with_fields(request(parameters=nested), fields)) == {
        "ticket": {"subject": "Hi", "custom_fields": [{"id": 1, "value": "x"}]}
    }
    template = {"ticket": {"custom_fields": [{"id": "1", "value": "old"}, {"id": 2, "value": "y"}]}}
    assert body(with_fields(request(format="template", template=template), fields)) == {
        "ticket": {"custom_fields": [{"id": 2, "value": "y"}, {"id": 1, "value": "x"}]}
    }
    assert template["ticket"]["custom_fields"][0] == {"id": "1", "value": "old"}


def test_a_form_has_them_as_its_other_fields() -> None:
    made = with_fields(request(body="form", parameters=[SUBJECT]), FIELDS)
    assert made is not None
    assert made.body == FormBody((("subject", "Hi"), ("custom[deviceStr]", "iOS")))
    container = {"format": "container", "container": {"type": "map", "name": "ticket"}}
    made = with_fields(request(body="form", parameters=[SUBJECT], **container), CustomFields({"subject": "Ho"}))
    assert made is not None
    assert made.body == FormBody((("ticket[subject]", "Ho"),))
    made = with_fields(request(body="multipart", parameters=[SUBJECT]), FIELDS)
    assert made is not None
    assert made.body == MultipartBody((TextPart("custom[deviceStr]", "iOS"), TextPart("subject", "Hi")))


@pytest.mark.parametrize("endpoint", [{"method": "GET"}, {"method": "DELETE"}, {"format": "template", "template": []}])
def test_a_request_without_room_gets_none(endpoint: dict[str, Any]) -> None:
    assert with_fields(request(**endpoint), FIELDS) is None


def test_the_text_of_a_consumer_is_no_template() -> None:
    assert body(with_fields(request(), CustomFields({"a": "{NAME} =CONCAT_OR(x)"}))) == {"a": "{NAME} =CONCAT_OR(x)"}


def test_path_or_body_say_what_a_request_is_about() -> None:
    made = request(format="template", template={"Session__c": {"a": 1}})
    assert is_about(made, "tickets")
    assert is_about(made, "Session__c")
    assert not is_about(made, "ticket")
    assert is_about(replace(made, url="https://crm.example/sobjects/My%20Object?x=1", body=None), "My Object")
