"""Checks the locations of an endpoint (the paths into answers) when settings are saved.

Source: docs/reference/generic-api.md, Response data location.
"""

from collections.abc import Iterator
from typing import TypeAlias

from host.crm.response import json_path
from host.crm.settings.endpoint import Endpoint
from host.errors import ConfigError

At: TypeAlias = tuple[str | int, ...]


def problems(endpoint: Endpoint) -> dict[At, str]:
    """Check the locations of an endpoint, its alternatives and its steps.

    Returns:
        For each wrong location its path and the reason: `("rows", 0, "location")` to `found the location 'a..b'`.
    """
    found: dict[At, str] = {}
    for at, location in _locations(endpoint):
        try:
            json_path.parse(location)
        except ConfigError as error:
            found[at] = str(error)
    return found


def _locations(endpoint: Endpoint) -> Iterator[tuple[At, str]]:
    yield ("response_location",), endpoint.response_location
    yield ("id_location",), endpoint.id_location or ""
    yield from _of_parts(endpoint)
    for name, kept in endpoint.save.items():
        yield ("save", name), kept.location
    for kind, locations in endpoint.match_fields.items():
        yield from ((("match_fields", kind, index), location) for index, location in enumerate(locations))
    for key, inner in (("alternatives", endpoint.alternatives), ("steps", endpoint.steps)):
        for index, each in enumerate(inner):
            yield from (((key, index, *at), location) for at, location in _locations(each))


def _of_parts(endpoint: Endpoint) -> Iterator[tuple[At, str]]:
    parts = {name: getattr(endpoint, name) for name in ("order", "paging", "attachment", "if_match")}
    yield from (((name, "location"), part.location) for name, part in parts.items() if part)
    if endpoint.duplicate:
        yield ("duplicate", "id_location"), endpoint.duplicate.id_location or ""
    conditions = (
        (("rows",), endpoint.rows),
        (("success", "unless"), endpoint.success.unless),
        (("not_found", "when"), endpoint.not_found.when),
        (("duplicate", "when"), endpoint.duplicate.when if endpoint.duplicate else ()),
    )
    for above, rows in conditions:
        yield from (((*above, index, "location"), row.location) for index, row in enumerate(rows))
