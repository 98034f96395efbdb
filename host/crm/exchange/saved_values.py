"""Values that an endpoint keeps for later requests, where its own answer doesn't tell them as they are needed.

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
    """Return what an endpoint keeps of its answer, read from what was found when that answer got lost.

    Args:
        endpoint: Its answer got lost.
        hit: What it has made.
        found_by: The find's own `save` says best where a value stands in what it finds; else the places in the lost
            answer are looked at, counted from the object.

    Returns:
        Name to value; what isn't there is None.
    """
    places = {**endpoint.save, **(found_by.save if found_by else {})}
    return {key: _in_hit(endpoint, hit, places[key]) for key in endpoint.save}


def attachment_of_hit(endpoint: Endpoint, hit: Hit, request_url: str) -> CrmId | None:
    """Return an uploaded file's id, or its whole download URL, read from what was found when its answer got lost.

    Args:
        endpoint: The upload.
        hit: The file that was found; its own id stands for one that isn't told where the lost answer would tell it.
        request_url: Of the search: a relative URL is joined to it.
    """
    if endpoint.attachment is None:
        return None
    found = _found_in(endpoint, hit, endpoint.attachment.location)
    is_told = isinstance(found, str | int | float) and not isinstance(found, bool) and found != ""
    if endpoint.attachment.type == "url":
        return urljoin(request_url, str(found)) if is_told else None
    return found if is_told else hit.id


def with_whole_urls(values: Mapping[str, Any], endpoint: Endpoint, request_url: str) -> dict[str, Any]:
    """Return the values with those joined to the request's URL that are used as a URL and are relative.

    Args:
        values: Of one answer.
        endpoint: Whose steps, or attachment, use them.
        request_url: That the answer came to.
    """
    as_urls = urls_of(endpoint)
    return {
        key: urljoin(request_url, value) if key in as_urls and isinstance(value, str) and value else value
        for key, value in values.items()
    }


def urls_of(endpoint: Endpoint) -> set[str]:
    """Return the names of the values with which a step's or the attachment's URL begins."""
    templates = [step.url for step in endpoint.steps]
    templates += [endpoint.attachment.url] if endpoint.attachment else []
    first = (next(iter(parse(template).pieces), "") for template in templates)
    return {piece.key for piece in first if not isinstance(piece, str) and piece.name == SAVED and piece.key}


def without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with None for those that say nothing: blanks, an empty list or object."""
    return {key: None if _says_nothing(value) else value for key, value in values.items()}


def _says_nothing(value: Any) -> bool:
    return value in ([], {}) or (isinstance(value, str) and not value.strip())


def _in_hit(endpoint: Endpoint, hit: Hit, kept: Saved) -> Any:
    return cut(kept, _found_in(endpoint, hit, kept.location))


def _found_in(endpoint: Endpoint, hit: Hit, location: str) -> Any:
    """Return what stands at a place of an endpoint's answer, in an object that stood in that answer."""
    path, around = json_path.parse(location), json_path.parse(endpoint.response_location)
    if path.header:
        return None
    value = path.find(hit.object)
    if value is None and around.steps and path.steps[: len(around.steps)] == around.steps:
        value = json_path.Path(path.steps[len(around.steps) :]).find(hit.object)
    return value
