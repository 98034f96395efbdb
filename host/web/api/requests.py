"""What comes in, checked against a model: every wrong field is named, with what was found and what would be right."""

import hashlib
from collections.abc import Mapping
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from host.errors import FieldsError
from host.gate import writing
from host.settings.problems import of_validation
from host.web import inputs

Model = TypeVar("Model", bound=BaseModel)
HEADER = "Idempotency-Key"
LONGEST_KEY = 180


def body() -> dict[str, Any]:
    """Return the request's JSON object; of an empty body an empty one.

    Raises:
        RequestError: It isn't a JSON object, or isn't called JSON.
        FieldsError: Something in it can't be taken.
    """
    return inputs.json_object('{"queue": "Developers / James"}', may_be_empty=True)


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
    return hashlib.sha256(writing.text(parts, sort_keys=True).encode()).hexdigest()
