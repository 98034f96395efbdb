"""Checks the variables, functions and paths of endpoints when they are saved.

Source: 30-generic-api.md, Variables and Functions.
"""

from collections.abc import Callable, Iterator
from typing import Any

from host.crm import functions, paths, templates
from host.crm.catalogue import Place
from host.crm.endpoint import Endpoint
from host.crm.endpoint_parts import RowCondition
from host.errors import ConfigError

_PLACES = {"add_comment": Place.COMMENT, "upload_file": Place.UPLOAD}

Check = tuple[str, Callable[[], None]]
"""Where in the endpoint, and what raises when it is wrong."""


def problems(name: str, endpoint: Endpoint) -> dict[str, str]:
    """Return what is wrong with an endpoint's texts and paths.

    Args:
        name: `add_comment`: decides which variables it has.
        endpoint: Of that name.

    Returns:
        Path inside the endpoint to the reason: `{"parameters[0].value": "unknown variable {FAX}; ..."}`.
    """
    found = {}
    for path, check in _checks(endpoint, _PLACES.get(name, Place.REQUEST)):
        try:
            check()
        except ConfigError as error:
            found[path] = str(error)
    return found


def _checks(endpoint: Endpoint, place: Place, at: str = "") -> Iterator[Check]:
    yield from _texts(endpoint, place, at)
    yield from _locations(endpoint, place, at)
    for key in ("alternatives", "steps"):
        for index, inner in enumerate(getattr(endpoint, key)):
            yield from _checks(inner, place, f"{at}{key}[{index}].")


def _texts(endpoint: Endpoint, place: Place, at: str) -> Iterator[Check]:
    yield f"{at}url", lambda: templates.check(endpoint.url, place)
    for index, header in enumerate(endpoint.headers):
        yield _text(f"{at}headers[{index}].value", header.value, place)
    for index, parameter in enumerate(endpoint.parameters):
        yield _text(f"{at}parameters[{index}].value", parameter.value, place)
    if endpoint.template is not None:
        yield f"{at}template", lambda: functions.check_json(endpoint.template, place)
    for index, part in enumerate(endpoint.parts):
        yield _text(f"{at}parts[{index}].value", part.value, place)
        yield _json(f"{at}parts[{index}].json", part.json_value, place)
    if endpoint.if_match:
        yield _url(f"{at}if_match.url", endpoint.if_match.url, place)
    if endpoint.attachment:
        yield _url(f"{at}attachment.url", endpoint.attachment.url, Place.ATTACHMENT)


def _locations(endpoint: Endpoint, place: Place, at: str) -> Iterator[Check]:
    places = {
        "response_location": endpoint.response_location,
        "id_location": endpoint.id_location,
        "order.location": endpoint.order and endpoint.order.location,
        "paging.location": endpoint.paging and endpoint.paging.location,
        "duplicate.id_location": endpoint.duplicate.id_location,
        "attachment.location": endpoint.attachment and endpoint.attachment.location,
        "if_match.location": endpoint.if_match and endpoint.if_match.location,
        **{f"save.{name}": location for name, location in endpoint.save.items()},
        **{
            f"match_fields.{kind}[{index}]": location
            for kind, locations in endpoint.match_fields.items()
            for index, location in enumerate(locations)
        },
    }
    for path, location in places.items():
        if isinstance(location, str):
            yield _path(f"{at}{path}", location)
    conditions = {
        "rows": endpoint.rows,
        "success.unless": endpoint.success.unless,
        "not_found.when": endpoint.not_found.when,
    }
    for path, given in conditions.items():
        for index, condition in enumerate(given):
            yield from _condition(f"{at}{path}[{index}]", condition, place)


def _condition(at: str, condition: RowCondition, place: Place) -> Iterator[Check]:
    yield _path(f"{at}.location", condition.location)
    operand = condition.operand
    for each in operand if isinstance(operand, tuple) else (operand,):
        yield _text(f"{at}.{condition.operator}", each, place)


def _text(at: str, value: Any, place: Place) -> Check:
    return at, lambda: functions.check(value, place) if isinstance(value, str) else None


def _json(at: str, value: Any, place: Place) -> Check:
    return at, lambda: functions.check_json(value, place)


def _url(at: str, url: str, place: Place) -> Check:
    return at, lambda: templates.check(url, place)


def _path(at: str, location: str) -> Check:
    def check() -> None:
        paths.parse(location)

    return at, check
