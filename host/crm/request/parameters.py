"""Fills an endpoint's parameters: leaves out empty ones, adds the marker, nests dotted names.

Source: docs/reference/generic-api.md, Request; docs/reference/generic-api.md, Create-once.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from host.crm.settings.endpoint import Endpoint
from host.crm.settings.endpoint_parts import Parameter
from host.crm.templates.function_parser import read
from host.crm.templates.references import Reference
from host.crm.templates.syntax_guard import SAFE
from host.crm.templates.template import Filled
from host.crm.templates.variables import Variables

FILE_DATA = Reference("FILE_DATA")
MARKER = Reference("MARKER")
_FILE_REFERENCES = frozenset({"FILE_DATA", "FILE_DATA_URI"})


@dataclass(frozen=True)
class Field:
    """A parameter that is sent."""

    name: str
    filled: Filled
    is_file: bool = False
    """Whether its value is exactly `{FILE_DATA}`; then `filled` is empty."""


@dataclass(frozen=True)
class Fields:
    """All parameters of a request."""

    kept: list[Field]
    missing: frozenset[Reference]
    """The variables without a value, also those of parameters that are left out."""
    withheld: frozenset[Reference]
    """The variables whose values are not sent because they could be syntax."""


def fields_of(endpoint: Endpoint, variables: Variables) -> Fields:
    """Fill the parameters.

    In a find, a parameter with an identifying variable without a value is left out. A find by marker searches by the
    marker alone: parameters with other identifying values are left out.
    """
    kept: list[Field] = []
    missing: set[Reference] = set()
    withheld: set[Reference] = set()
    for parameter in _with_marker(endpoint, variables):
        if _is_file(parameter):
            if variables.context.file:
                kept.append(Field(parameter.name, Filled(None), is_file=True))
            else:
                missing.add(FILE_DATA)
            continue
        filled = fill_value(parameter.value, variables, parameter.quote)
        missing |= filled.missing
        withheld |= filled.withheld
        if not is_left_out(filled, variables):
            kept.append(Field(parameter.name, filled))
    return Fields(kept, frozenset(missing), frozenset(withheld))


def fill_value(value: Any, variables: Variables, quote: str = "none") -> Filled:
    """Fill a value of the settings: a text may be a template or a function; other types are sent unchanged."""
    return fill_text(value, variables, quote) if isinstance(value, str) else Filled(value)


def fill_text(text: str, variables: Variables, quote: str = "none") -> Filled:
    """Fill a template or a function; in a find without a quote, a value that could be syntax counts as empty."""
    is_checked = variables.for_find and quote == "none"
    return read(text).fill(variables, SAFE if is_checked else quote)


def is_left_out(filled: Filled, variables: Variables) -> bool:
    """Tell whether a parameter is left out."""
    if filled.is_empty or (variables.for_find and filled.lacks_identity):
        return True
    return is_by_marker(variables) and filled.has_identity and MARKER not in filled.used


def is_by_marker(variables: Variables) -> bool:
    """Tell whether this is a find for what an earlier request may have created."""
    return variables.for_find and variables.context.marker is not None


def names_file(endpoint: Endpoint) -> bool:
    """Tell whether a parameter or part holds the file."""
    texts = [parameter.value for parameter in endpoint.parameters] + [part.value for part in endpoint.parts]
    references = [reference for text in texts if isinstance(text, str) for reference in read(text).references]
    return any(part.file for part in endpoint.parts) or any(found.name in _FILE_REFERENCES for found in references)


def nested(fields: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    r"""Make a nested object from names and values; `a.b` nests, `\.` is a literal dot."""
    tree: dict[str, Any] = {}
    for name, value in fields:
        put(tree, name, value)
    return tree


def put(tree: dict[str, Any], name: str, value: Any) -> None:
    """Set one value under a dotted name; a scalar on the way is replaced."""
    *way, last = keys_of(name)
    for key in way:
        inner = tree.get(key)
        if not isinstance(inner, dict):
            inner = tree[key] = {}
        tree = inner
    tree[last] = value


def flat(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Flatten nested values to form names: `account[phones][0]`."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flat(inner, f"{name}[{key}]" if name else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from flat(inner, f"{name}[{index}]")
    else:
        yield name, value


def keys_of(name: str) -> list[str]:
    r"""Split a dotted name; `\.` is a literal dot."""
    keys = [part.replace("\\.", ".") for part in re.split(r"(?<!\\)\.", name)]
    return keys if all(keys) else [name]


def _is_file(parameter: Parameter) -> bool:
    return isinstance(parameter.value, str) and getattr(read(parameter.value), "only", None) == FILE_DATA


def _with_marker(endpoint: Endpoint, variables: Variables) -> list[Parameter]:
    """Return the parameters; while there is a marker, include the one that carries or searches it."""
    parameters = list(endpoint.parameters)
    if endpoint.marker is None or endpoint.format == "template":
        return parameters
    own = next((parameter for parameter in parameters if parameter.name == endpoint.marker), None)
    if own is not None and isinstance(own.value, str) and MARKER in read(own.value).references:
        return parameters
    kept = [parameter for parameter in parameters if parameter is not own]
    if variables.context.marker is None:
        return kept
    return [*kept, Parameter(name=endpoint.marker, value="{MARKER}")]
