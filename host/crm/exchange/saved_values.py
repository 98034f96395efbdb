"""Reads saved values from a hit when the endpoint's own answer was lost, and makes relative URLs absolute.

Source: docs/reference/generic-api.md, Steps.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from host.crm.response import json_path
from host.crm.response.hits import Hit, cut
from host.crm.settings.endpoint import Endpoint
from host.crm.settings.endpoint_parts import Saved
from host.crm.templates.template import parse
from host.sessions.model import CrmId

SAVED = "SAVED"


def of_hit(endpoint: Endpoint, hit: Hit, found_by: Endpoint | None = None) -> dict[str, Any]:
    """Return the saved values of an endpoint whose answer was lost, read from the hit.

    Args:
        endpoint: The endpoint whose answer was lost.
        hit: The object that it created.
        found_by: The find; the locations of its `save` are used first, else those of the lost answer, relative to
            the object.

    Returns:
        Name to value; a missing value is None.
    """
    places = {**endpoint.save, **(found_by.save if found_by else {})}
    return {key: _in_hit(endpoint, hit, places[key]) for key in endpoint.save}


def attachment_of_hit(endpoint: Endpoint, hit: Hit, request_url: str) -> CrmId | None:
    """Return an uploaded file's id or absolute download URL, read from the hit when the answer was lost.

    Args:
        endpoint: The upload.
        hit: The file that was found; its own id is used when the location of the lost answer has none.
        request_url: Of the search; the base of a relative URL.
    """
    if endpoint.attachment is None:
        return None
    found = _found_in(endpoint, hit, endpoint.attachment.location)
    is_told = isinstance(found, str | int | float) and not isinstance(found, bool) and found != ""
    if endpoint.attachment.type == "url":
        return urljoin(request_url, str(found)) if is_told else None
    return found if is_told else hit.id


def with_whole_urls(values: Mapping[str, Any], endpoint: Endpoint, request_url: str) -> dict[str, Any]:
    """Return the values, with relative URLs made absolute.

    Args:
        values: Of one answer.
        endpoint: Its steps and attachment use the values.
        request_url: The URL of the request; the base of relative URLs.
    """
    as_urls = urls_of(endpoint)
    return {
        key: urljoin(request_url, value) if key in as_urls and isinstance(value, str) and value else value
        for key, value in values.items()
    }


def urls_of(endpoint: Endpoint) -> set[str]:
    """Return the names of the values that a URL of a step or of the attachment begins with."""
    templates = [step.url for step in endpoint.steps]
    templates += [endpoint.attachment.url] if endpoint.attachment else []
    first = (next(iter(parse(template).pieces), "") for template in templates)
    return {piece.key for piece in first if not isinstance(piece, str) and piece.name == SAVED and piece.key}


def without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with None for empty ones: blanks, an empty list or object."""
    return {key: None if _is_empty(value) else value for key, value in values.items()}


def _is_empty(value: Any) -> bool:
    return value in ([], {}) or (isinstance(value, str) and not value.strip())


def _in_hit(endpoint: Endpoint, hit: Hit, kept: Saved) -> Any:
    return cut(kept, _found_in(endpoint, hit, kept.location))


def _found_in(endpoint: Endpoint, hit: Hit, location: str) -> Any:
    """Return the value at a location of the endpoint's answer, read from an object of that answer."""
    path, around = json_path.parse(location), json_path.parse(endpoint.response_location)
    if path.header:
        return None
    value = path.find(hit.object)
    if value is None and around.steps and path.steps[: len(around.steps)] == around.steps:
        value = json_path.Path(path.steps[len(around.steps) :]).find(hit.object)
    return value
