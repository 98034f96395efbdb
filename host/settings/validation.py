"""Validates the JSON of a settings file, and reports all problems at once."""

import copy
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from host.errors import EndpointOrderError, SettingsError
from host.settings.checks import between_sections, templates
from host.settings.document.model import Document
from host.settings.problems import Location, is_given, kind_of, located, of_validation, path_of

MOST_ROUNDS = 8
INHERITORS = frozenset({"alternatives", "steps"})


def validated(given: Any) -> Document:
    """Return the validated document.

    Args:
        given: The file's JSON, secrets as plain text.

    Raises:
        SettingsError: All problems, each with its path, what was found and what is allowed. Its cause is an
            EndpointOrderError when an endpoint is set without an earlier one that it needs.
    """
    if not isinstance(given, dict):
        raise SettingsError({"settings": f"found {kind_of(given)}; allowed: an object"})
    try:
        document = Document.model_validate(given)
    except ValidationError as error:
        problems = of_validation(error, Document, given)
        rest = _valid_rest(given, error)
        raise SettingsError({**(_of_parts(rest, given) if rest else {}), **problems}) from None
    problems = _of_parts(document, given)
    disorder = {path_of(location): message for location, message in between_sections.of_whole(document)}
    if problems or disorder:
        cause = EndpointOrderError("; ".join(disorder.values())) if disorder else None
        raise SettingsError({**problems, **disorder}) from cause
    return document


def _of_parts(document: Document, given: Mapping[str, Any]) -> dict[str, str]:
    """Return the problems that the models can't find; one in an inherited value is reported where it was given."""
    found: dict[str, str] = {}
    for location, message in (*templates.problems(document), *between_sections.of_parts(document)):
        if is_given(given, location) or INHERITORS.isdisjoint(location):
            found.setdefault(path_of(location), message)
    return found


def _valid_rest(given: dict[str, Any], error: ValidationError) -> Document | None:
    """Return the document without its invalid parts, so that problems of the rest are reported as well."""
    rest = copy.deepcopy(given)
    for _ in range(MOST_ROUNDS):
        for detail in error.errors(include_url=False, include_context=False):
            keys = located(Document, detail["loc"])[1]
            if detail["type"] == "missing" or is_given(given, keys):  # else it was inherited: its origin is removed
                _take_out(rest, keys)
        try:
            return Document.model_validate(rest)
        except ValidationError as next_error:
            error = next_error
    return None


def _take_out(rest: Any, location: Location) -> None:
    """Remove the innermost key of an object on the path; removing from a list would move its other entries."""
    holder, key = None, None
    for step in location:
        if not is_given(rest, (step,)):
            break
        if isinstance(rest, dict):
            holder, key = rest, step
        rest = rest[step]
    if holder is not None:
        holder.pop(key, None)
