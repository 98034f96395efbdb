"""Reads the API's requests: JSON bodies, filters, idempotency keys."""

import json
from collections.abc import Sequence
from typing import NoReturn

from flask import request

from crm_shell.starter_crm.errors import MalformedError
from crm_shell.starter_crm.store.kinds import JsonObject

KEY_HEADER = "Idempotency-Key"
KEY_LIMIT = 255


def json_object(container: str) -> JsonObject:
    """Return the fields in the body: ``{"account": {...}}`` or flat.

    Raises:
        MalformedError: It isn't JSON, or not an object.
    """
    if not request.is_json:
        raise MalformedError(f"found Content-Type {request.mimetype or '(none)'}; send application/json")
    try:
        body = json.loads(request.get_data(), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"the body is not JSON: {_reason(error)}") from error
    inner = body.get(container) if isinstance(body, dict) and len(body) == 1 else None
    fields = inner if isinstance(inner, dict) else body
    if not isinstance(fields, dict):
        raise MalformedError(f'found no JSON object; send {{"{container}": {{...}}}} or the fields alone')
    return fields


def filters(known: Sequence[str], *, needed: bool = True) -> dict[str, list[str]]:
    """Return the filters of the query that have a value: ``{"phone": ["+12223334444"]}``.

    Raises:
        MalformedError: An unknown filter, or, when one is needed, none at all: finding "nobody in particular" must
            never find everybody.
    """
    unknown = sorted(set(request.args) - set(known))
    if unknown:
        raise MalformedError(f"unknown filters: {', '.join(unknown)}; known: {', '.join(known)}")
    given = {name: values for name in known if (values := [value for value in request.args.getlist(name) if value])}
    if needed and not given:
        raise MalformedError(f"no filter has a value; give at least one of: {', '.join(known)}")
    return given


def wants_all() -> bool:
    """Tell whether the query is ``all=true`` and nothing else: the newest of everything, asked for in so many words."""
    return request.args.to_dict(flat=False) == {"all": ["true"]}


def idempotency_key() -> str:
    """Return the request's idempotency key; empty when there is none.

    Raises:
        MalformedError: It is too long.
    """
    key = request.headers.get(KEY_HEADER, "")
    if len(key) > KEY_LIMIT:
        raise MalformedError(f"{KEY_HEADER}: found {len(key)} characters; give at most {KEY_LIMIT}")
    return key


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, at line {error.lineno}, column {error.colno}"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
