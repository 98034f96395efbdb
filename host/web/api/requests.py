"""Checks request bodies against models; errors name each field, what was found and what is allowed."""

import hashlib
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from host.errors import FieldsError
from host.gate import writing
from host.settings.problems import of_validation
from host.web import inputs

Model = TypeVar("Model", bound=BaseModel)
HEADER = "Idempotency-Key"
LONGEST_KEY = 180


def body() -> dict[str, Any]:
    """Return the request's JSON object; an empty one for an empty body.

    Raises:
        RequestError: The body is no JSON object, or its media type isn't JSON.
        FieldsError: It contains invalid values.
    """
    return inputs.json_object('{"queue": "Developers / James"}', may_be_empty=True)


def problems_with(model: type[Model], given: Mapping[str, Any]) -> tuple[Model | None, dict[str, str]]:
    """Return the model and no problems, or None and the problems by field."""
    try:
        return model.model_validate(given), {}
    except ValidationError as error:
        return None, of_validation(error, model, given)


def read(model: type[Model], given: Mapping[str, Any]) -> Model:
    """Return `given` as a model.

    Raises:
        FieldsError: All problems by field.
    """
    made, problems = problems_with(model, given)
    if made is None:
        raise FieldsError(problems)
    return made


def check_key(key: object, longest: int = LONGEST_KEY) -> str:
    """Return an idempotency key.

    Raises:
        FieldsError: It is no text, empty, too long or not plain ASCII.
    """
    if not isinstance(key, str):
        raise FieldsError({HEADER: f"found {type(key).__name__}; it must be a text"})
    if not 1 <= len(key) <= longest or not key.isascii() or not key.isprintable():
        raise FieldsError({HEADER: f"has {len(key)} characters; it must be 1 to {longest} printable ASCII ones"})
    return key


def fingerprint(*parts: object) -> str:
    """Return a hash that is equal for equal requests."""
    return hashlib.sha256(writing.text(parts, sort_keys=True).encode()).hexdigest()
