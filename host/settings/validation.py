"""From JSON to a valid settings document, or to all that is wrong with it at once."""

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
    """Return the document.

    Args:
        given: The file's JSON, secrets as plain text.

    Raises:
        SettingsError: All problems, each with its path, what was found and what is allowed. Its cause is an
            EndpointOrderError when a later endpoint is set without an earlier one.
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
    """Return what the models can't see; what an alternative inherited is told where it was given."""
    found: dict[str, str] = {}
    for location, message in (*templates.problems(document), *between_sections.of_parts(document)):
        if is_given(given, location) or INHERITORS.isdisjoint(location):
            found.setdefault(path_of(location), message)
    return found


def _valid_rest(given: dict[str, Any], error: ValidationError) -> Document | None:
    """Return what is left when all that is wrong is taken out: so that the rest's problems show too."""
    rest = copy.deepcopy(given)
    for _ in range(MOST_ROUNDS):
        for detail in error.errors(include_url=False, include_context=False):
            keys = located(Document, detail["loc"])[1]
            if detail["type"] == "missing" or is_given(given, keys):  # else it was inherited: the origin is taken out
                _take_out(rest, keys)
        try:
            return Document.model_validate(rest)
        except ValidationError as next_error:
            error = next_error
    return None


def _take_out(rest: Any, location: Location) -> None:
    """Remove the innermost key of an object on the way: removing from a list would move the others."""
    holder, key = None, None
    for step in location:
        if not is_given(rest, (step,)):
            break
        if isinstance(rest, dict):
            holder, key = rest, step
        rest = rest[step]
    if holder is not None:
        holder.pop(key, None)
