"""Adds fields that custom data is mapped to, to the body of a request.

Source: docs/reference/field-mapping.md, Where the fields go.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from host.crm.request.parameters import flat
from host.crm.request.request import Body, FormBody, JsonBody, MultipartBody, Request, TextPart
from host.crm.settings.endpoint import Endpoint
from host.crm.templates.quoting import as_text

ReadJson = Callable[[str], Any]
"""Reads a path or address of the CRM; raises a CrmError."""


@dataclass(frozen=True)
class CustomFields:
    """Fields for one object of the CRM."""

    content: Mapping[str, Any] = field(default_factory=dict)
    """As JSON: objects join what the body has, lists are added to."""
    inside: Sequence[str] = ()
    """Possible names of the object in the body that they go into; without it, the body itself."""
    only_for: str = ""
    """The object that a request has to be about, as its URL or its body says; empty: any request."""
    notes: Sequence[str] = ()
    """For the trace; without values."""


Given = Sequence[CustomFields]
CustomFieldSource = Callable[[str | None, Mapping[str, Any], str, ReadJson], Given]
"""Says which fields a request has, by its target (`account` or `record`; None: only those of objects that it is about),
the session's custom data, the request's URL, and a function that reads from the CRM; raises a CrmError."""


def no_fields(_target: str | None, _custom_data: Mapping[str, Any], _url: str, _read: ReadJson) -> Given:
    """Return none: nothing is mapped."""
    return ()


def is_about(request: Request, name: str) -> bool:
    """Tell whether a request is about an object: its path has the name as a part, or its body as a key."""
    if name in map(unquote, urlsplit(request.url).path.split("/")):
        return True
    return isinstance(request.body, JsonBody) and isinstance(request.body.value, dict) and name in request.body.value


def with_fields(request: Request, fields: CustomFields) -> Request | None:
    """Return the request with the fields in its body; None when it has no body that can hold them."""
    body = _with(request.endpoint, request.body, fields)
    return None if body is None else replace(request, body=body)


def _with(endpoint: Endpoint, body: Body | None, fields: CustomFields) -> Body | None:
    match body:
        case JsonBody(value):
            return _with_json(endpoint, value, fields)
        case FormBody(pairs):
            added = _pairs(endpoint, fields)
            names = {name for name, _ in added}
            return FormBody((*(pair for pair in pairs if pair[0] not in names), *added))
        case MultipartBody(parts):
            return MultipartBody((*(TextPart(name, value) for name, value in _pairs(endpoint, fields)), *parts))
        case None if endpoint.method not in {"GET", "DELETE"} and endpoint.body == "json":
            return JsonBody(dict(fields.content))
        case _:
            return None


def _with_json(endpoint: Endpoint, value: Any, fields: CustomFields) -> Body | None:
    content = _copied(value)
    target = content
    if endpoint.format == "container" and endpoint.container and isinstance(content, dict):
        target = content.get(endpoint.container.name)
    if isinstance(target, list):
        target = target[0] if target else None
    names = (fields.only_for, *fields.inside)
    if isinstance(target, dict):
        target = next((target[name] for name in names if isinstance(target.get(name), dict)), target)
        _join(target, fields.content)
        return JsonBody(content)
    return None


def _join(target: dict[str, Any], content: Mapping[str, Any]) -> None:
    for key, value in content.items():
        before = target.get(key)
        if isinstance(before, dict) and isinstance(value, Mapping):
            _join(before, value)
        elif isinstance(before, list) and isinstance(value, list):
            target[key] = [*(each for each in before if _id(each) not in set(map(_id, value)) - {None}), *value]
        else:
            target[key] = value


def _id(item: Any) -> Any:
    """Return the id of a list's item as text, since settings may write it so; None when it has none."""
    found = item.get("id") if isinstance(item, Mapping) else None
    return None if found is None else as_text(found)


def _pairs(endpoint: Endpoint, fields: CustomFields) -> tuple[tuple[str, str], ...]:
    start = ""
    if container := endpoint.container:
        start = f"{container.name}[0]" if container.type == "array" else container.name
    return tuple((name, as_text(value)) for name, value in flat(dict(fields.content), start))


def _copied(value: Any) -> Any:
    """Copy objects and lists, which settings share."""
    if isinstance(value, Mapping):
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value
