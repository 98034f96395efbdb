"""What comes in, checked against a model: every wrong field is named, with what was found and what would be right."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from host.errors import FieldsError, RequestError
from host.settings.problems import joined, of_validation

Model = TypeVar("Model", bound=BaseModel)
HEADER = "Idempotency-Key"
LONGEST_KEY = 180
DEEPEST = 32
BAD = "a NUL or half of a surrogate pair; send whole characters"
_BAD = re.compile("[\\x00\\ud800-\\udfff]")


def body() -> dict[str, Any]:
    """Return the request's JSON object; of an empty body an empty one.

    Raises:
        RequestError: It isn't a JSON object, or isn't called JSON: forms of other sites must not count.
        FieldsError: A text in it can't be kept, or it is nested too deep.
    """
    text = request.get_data()
    if text and not request.is_json:
        raise RequestError(f"Content-Type: found {request.mimetype or 'none'}; it must be application/json.")
    try:
        found = json.loads(text, parse_constant=_refuse_constant) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        where = f", at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else ""
        raise RequestError(f"The body is not JSON{where}.") from error
    if not isinstance(found, dict):
        raise RequestError('The body must be a JSON object such as {"queue": "Developers / James"}.')
    if problems := dict(_unkeepable(found)):
        raise FieldsError(problems)
    return found


def problems_with(model: type[Model], given: Mapping[str, Any]) -> tuple[Model | None, dict[str, str]]:
    """Return what was given as a model, or None and what is wrong with it."""
    try:
        return model.model_validate(given), {}
    except ValidationError as error:
        return None, of_validation(error, model, given)


def read(model: type[Model], given: Mapping[str, Any]) -> Model:
    """Return what was given as a model.

    Raises:
        FieldsError: All that is wrong with it.
    """
    made, problems = problems_with(model, given)
    if made is None:
        raise FieldsError(problems)
    return made


def idempotency_key() -> str | None:
    """Return the header that makes a repeated request do nothing more.

    Raises:
        FieldsError: It is empty, too long or not plain ASCII.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise FieldsError({HEADER: f"has {len(key)} characters; it must be 1 to {LONGEST_KEY} printable ASCII ones"})
    return key


def fingerprint(*parts: object) -> str:
    """Return a hash that is the same for the same request."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _unkeepable(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what no database or JSON text can hold; walks without recursion, whatever the depth."""
    waiting: list[tuple[str, Any, int]] = [("", found, 0)]
    while waiting:
        path, value, depth = waiting.pop()
        if depth > DEEPEST:
            yield re.split(r"[.\[]", path)[0], f"is nested too deep; at most {DEEPEST} levels fit"
            return
        if isinstance(value, str) and _is_bad(value):
            yield path, f"holds {BAD}"
        if isinstance(value, dict) and any(map(_is_bad, value)):
            yield path or "body", f"has a name that holds {BAD}"
        elif isinstance(value, dict | list):
            below = value.items() if isinstance(value, dict) else enumerate(value)
            waiting += [(joined(path, step), each, depth + 1) for step, each in below]


def _is_bad(text: str) -> bool:
    return _BAD.search(text) is not None
