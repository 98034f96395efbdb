"""Reads hits, ids and saved values from an answer, at the locations that the settings name.

Source: docs/reference/generic-api.md, Response data location.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from host.crm.http.answer import Answer
from host.crm.response import json_path
from host.crm.response.conditions import holds
from host.crm.settings.endpoint import Endpoint
from host.crm.settings.endpoint_parts import Saved
from host.crm.templates import patterns
from host.crm.templates.quoting import as_text
from host.crm.templates.template import Values
from host.errors import CrmAnswerError
from host.gate import lenient
from host.sessions.model import CrmId

ID_KEYS = ("id", "Id", "ID", "_id")


@dataclass(frozen=True)
class Hit:
    """An account, record or file that the CRM found or created."""

    id: CrmId
    object: Any
    """Its JSON object, or the bare id."""
    saved: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """Of a find: the values that the endpoint saves for later requests."""


def read(
    endpoint: Endpoint,
    answer: Answer,
    values: Values | None = None,
    *,
    name: str = "answer",
    asked: CrmId | None = None,
) -> list[Hit]:
    """Read the hits of a successful answer, in the endpoint's order; an empty list for no match.

    Args:
        endpoint: Its locations, `rows` and `order`.
        answer: Classified as success.
        values: For templates in `rows`.
        name: `find_account_by_query`, for error messages.
        asked: The requested id; used for an object without an id when the settings name no `id_location`.

    Raises:
        CrmAnswerError: The body is not JSON, or there are objects without an id at its location.
    """
    if answer.status == 204 and not _is_in_header(endpoint):
        return []
    rows = rows_of(endpoint, answer, name=name)
    counted = [row for row in rows if all(holds(condition, row, values) for condition in endpoint.rows)]
    found = [(row, id_of(endpoint, row, answer)) for row in counted]
    if endpoint.id_location is None and asked is not None:
        found = [(row, asked if identity is None and isinstance(row, dict) else identity) for row, identity in found]
    if found and not any(identity is not None for _, identity in found):
        raise CrmAnswerError(name, _no_id(endpoint, found[0][0]))
    hits = [Hit(identity, row) for row, identity in found if identity is not None]
    return ordered(endpoint, hits)


def ordered(endpoint: Endpoint, hits: Sequence[Hit]) -> list[Hit]:
    """Sort by the value at the location of `order`; hits without one come last."""
    if endpoint.order is None:
        return list(hits)
    path = json_path.parse(endpoint.order.location)
    valued = [(path.find(hit.object), hit) for hit in hits]
    given = [(value, hit) for value, hit in valued if value is not None]
    given.sort(key=lambda pair: _rank(pair[0]), reverse=endpoint.order.descending)
    return [hit for _, hit in given] + [hit for value, hit in valued if value is None]


def rows_of(endpoint: Endpoint, answer: Answer, *, name: str = "answer") -> list[Any]:
    """Return the rows at the response location: objects or bare ids, before `rows` is applied.

    Raises:
        CrmAnswerError: The body is needed and is not JSON.
    """
    if _is_in_header(endpoint) and not endpoint.response_location:
        return [_body_or_nothing(name, answer)]
    found = json_path.located(name, answer, endpoint.response_location)
    if isinstance(found, list):
        return [row for row in found if row not in (None, {}, [])]
    return [] if found in (None, "", {}, []) else [found]


def id_of(endpoint: Endpoint, row: Any, answer: Answer) -> CrmId | None:
    """Return the id of one row: at `id_location`, else under the first usual key; cut by `id_pattern`."""
    location = endpoint.id_location
    path = json_path.parse(location) if location is not None else None
    if path is not None and path.header:
        found: Any = answer.headers.get(path.header)
        found = _last_segment(found) if found and endpoint.id_pattern is None else found
    elif not isinstance(row, dict | list):
        found = row
    elif path is not None:
        found = path.find(row)
    else:
        found = next((row[key] for key in ID_KEYS if isinstance(row, dict) and row.get(key) is not None), None)
    return _cut(found, endpoint.id_pattern)


def duplicate_id(endpoint: Endpoint, answer: Answer) -> CrmId | None:
    """Return the id of the duplicate, if `duplicate.id_location` is set and the answer has it."""
    location = endpoint.duplicate.id_location if endpoint.duplicate else None
    if location is None:
        return None
    try:
        found = json_path.located("duplicate", answer, location)
    except CrmAnswerError:
        return None
    return _cut(found, endpoint.id_pattern)


def saved(endpoint: Endpoint, answer: Answer, *, name: str = "answer") -> dict[str, Any]:
    """Return the values that the endpoint saves for later requests; a missing value is None.

    Raises:
        CrmAnswerError: The body is needed and is not JSON.
    """
    return {key: cut(kept, json_path.located(name, answer, kept.location)) for key, kept in endpoint.save.items()}


def cut(kept: Saved, found: Any) -> Any:
    """Return the part of a value that is saved: all of it, or the group of the pattern."""
    return found if kept.pattern is None or found is None else patterns.cut(kept.pattern, as_text(found))


def with_saved(hits: Sequence[Hit], endpoint: Endpoint, answer: Answer, *, name: str = "answer") -> list[Hit]:
    """Return the hits of a find, each with its own saved values.

    A location starts at the hit, or at the whole answer as if this were its only hit: `email` and `items.0.email` are
    the same.

    Raises:
        CrmAnswerError: The body is needed and is not JSON.
    """
    if not endpoint.save or not hits:
        return list(hits)
    around = json_path.parse(endpoint.response_location)
    body = json_path.json_of(name, answer) if around.header is None else None
    is_list = isinstance(around.find(body), list)

    def kept_of(hit: Hit) -> dict[str, Any]:
        alone = around.replaced(body, [hit.object] if is_list else hit.object)
        return {key: _of_hit(hit, kept, alone, answer) for key, kept in endpoint.save.items()}

    return [replace(hit, saved=kept_of(hit)) for hit in hits]


def without_duplicates(hits: Sequence[Hit]) -> list[Hit]:
    """Return each account or record once: pages may overlap, and several rows may name the same one."""
    kept: dict[str, Hit] = {}
    for hit in hits:
        kept.setdefault(as_text(hit.id), hit)
    return list(kept.values())


def _of_hit(hit: Hit, kept: Saved, alone: Any, answer: Answer) -> Any:
    path = json_path.parse(kept.location)
    if path.header:
        return cut(kept, answer.headers.get(path.header))
    found = path.find(hit.object)
    return cut(kept, path.find(alone) if found is None else found)


def attachment(endpoint: Endpoint, answer: Answer, *, name: str = "upload_file") -> CrmId | None:
    """Return an uploaded file's id, or its download URL, by the attachment type; None when it is missing.

    Raises:
        CrmAnswerError: The body is not JSON.
    """
    if endpoint.attachment is None:
        return None
    path = json_path.parse(endpoint.attachment.location)
    if path.header:
        return _cut(answer.headers.get(path.header), None)
    whole = json_path.json_of(name, answer)
    inside = json_path.parse(endpoint.response_location)
    found = path.find(inside.find(whole)) if inside.header is None else None
    return _cut(found if found is not None else path.find(whole), None)


def _is_in_header(endpoint: Endpoint) -> bool:
    return endpoint.id_location is not None and json_path.parse(endpoint.id_location).header is not None


def _body_or_nothing(name: str, answer: Answer) -> Any:
    try:
        return json_path.json_of(name, answer)
    except CrmAnswerError:
        return None


def _last_segment(url: str) -> str:
    """Return the id in a URL: the last segment of its path."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return url
    return unquote(path.rstrip("/").rpartition("/")[2]) or url


def _cut(found: Any, pattern: str | None) -> CrmId | None:
    """Return an id, cut by the pattern; None for a value that can't be an id."""
    known = lenient.identity(found)
    return known if known is None or pattern is None else patterns.cut(pattern, str(known))


def _no_id(endpoint: Endpoint, row: Any) -> str:
    keys = f"; found the keys {', '.join(list(row)[:12])}" if isinstance(row, Mapping) else ""
    where = f"at {endpoint.id_location!r}" if endpoint.id_location is not None else f"under {', '.join(ID_KEYS)}"
    return f"no id {where} inside {endpoint.response_location or 'the whole body'!r}{keys}"


def _rank(value: Any) -> tuple[int, float, str]:
    """Return a sort key: numbers, also those written as text, before other texts."""
    try:
        return 0, float(value), ""
    except (TypeError, ValueError):
        return 1, 0.0, str(value)
