import json
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from host.commands.cli import commands
from host.web.api.register import OPERATIONS
from host.web.openapi.document import INTERFACES, document
from tests.host.web.api.conftest import Gateway

WRITTEN = document()


def test_everybody_may_read_it(gateway: Gateway) -> None:
    answer = gateway.client.get("/openapi.json")
    assert (answer.status_code, answer.mimetype, answer.get_json()) == (200, "application/json", WRITTEN)


def test_the_command_prints_it() -> None:
    assert json.loads(CliRunner().invoke(commands, ["openapi"]).output) == WRITTEN


@pytest.mark.parametrize("prefix", ["/api/v1/", "/api/crm/", "/crm_custom_fields"])
def test_it_has_every_route_and_no_other(app: Flask, prefix: str) -> None:
    routes = {
        (rule.rule.replace("<int:", "{").replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(prefix)
    }
    shown = {(path, method) for path, each in WRITTEN["paths"].items() for method in each if path.startswith(prefix)}
    assert shown == routes


def test_every_operation_says_what_it_does() -> None:
    shown = [each for methods in WRITTEN["paths"].values() for each in methods.values()]
    assert all(each["summary"].endswith(".") for each in shown)
    names = [each["operationId"] for each in shown]
    assert sorted(set(names)) == sorted(names)


def test_every_reference_leads_somewhere() -> None:
    broken = [each for each in _references(WRITTEN) if not _has(each)]
    assert broken == []


def test_a_body_is_described_as_it_is_checked() -> None:
    body = WRITTEN["components"]["schemas"]["EndBody"]
    assert body["additionalProperties"] is False
    assert body["properties"]["by"]["enum"] == ["end_user", "agent", "virtual_agent", "system"]


def test_the_shown_prefix_is_one_of_those_that_answer(app: Flask) -> None:
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    for operation in OPERATIONS:
        assert {f"{prefix}{operation.rule}" for prefix in ("/manager/api/v1", "/apps/api/v1", "/api/v1")} <= rules


def test_each_interface_says_who_may_use_it() -> None:
    known = WRITTEN["components"]["securitySchemes"]
    ways = [way for interface in INTERFACES for way in interface.security]
    assert all(interface.security for interface in INTERFACES)
    assert all(way and way.keys() <= known.keys() for way in ways)


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for each in value.values() for found in _references(each)]
    return [found for each in value for found in _references(each)] if isinstance(value, list) else []


def _has(reference: str) -> bool:
    here: Any = WRITTEN
    for step in reference.removeprefix("#/").split("/"):
        here = here.get(step, {})
    return bool(here)
