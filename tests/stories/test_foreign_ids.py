"""Ids that a CRM may give: texts inside, and what was a number goes back to it as one."""

import json
from dataclasses import replace

import pytest

from host.crm.http.answer import Answer
from host.crm.request.parameters import fill_value
from host.crm.request.request import JsonBody, Request
from host.crm.response import hits as response
from host.crm.settings.endpoint import Endpoint
from host.crm.templates.variables import Variables
from host.gate import strict, writing
from host.sessions.model import CrmId
from tests.host.crm.facts import NOBODY

WIDE = 9007199254740993


def found(text: str) -> CrmId | None:
    hits = response.read(Endpoint(url="http://crm.example/"), Answer(200, {}, text.encode(), 1))
    return hits[0].id if hits else None


@pytest.mark.parametrize(
    ("text", "crm_id"),
    [
        ("12", 12),
        ('"12"', "12"),
        (str(WIDE), str(WIDE)),
        ("9" * 30, "9" * 30),
        (str(2**63), str(2**63)),
        ("1e999", "1e999"),
        ("12.0", 12),
        ("12.5", "12.5"),
        (r'"a\ud83d"', "a\ufffd"),
        (r'"a\u0000"', "a\ufffd"),
    ],
)
def test_an_id_is_one_that_everybody_can_keep(text: str, crm_id: object) -> None:
    got = found(f'{{"id": {text}}}')
    assert (got, type(got) is int) == (crm_id, type(crm_id) is int)
    strict.check(got)
    assert json.loads(writing.text({"id": got})) == {"id": crm_id}


@pytest.mark.parametrize("text", ["true", "null", '""', "{}", "[]", json.dumps("x" * 501), "9" * 501])
def test_what_can_be_no_id_is_none(text: str) -> None:
    assert found(f'[{{"id": {text}}}, {{"id": 1}}]') == 1


def test_a_wide_number_goes_back_as_the_number_that_it_was() -> None:
    variables = Variables(replace(NOBODY, account_id=found(f'{{"id": {WIDE}}}')))
    body = JsonBody([fill_value(template, variables).value for template in ("{ACCOUNT_ID}", "#{ACCOUNT_ID}")])
    sent, _ = Request(Endpoint(url="http://crm.example/"), "POST", "http://crm.example/", body=body).content()
    assert sent == f'[{WIDE}, "#{WIDE}"]'.encode()
