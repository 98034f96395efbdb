"""Checks an endpoint's locations when they are saved: the paths into answers.

Source: 75-settings.md, `response_location`, `id_location` and the like.
"""

from collections.abc import Iterator

from host.crm import paths
from host.crm.endpoint import Endpoint
from host.errors import ConfigError


def problems(endpoint: Endpoint) -> dict[str, str]:
    """Return what is wrong with an endpoint's locations, its alternatives' and steps' too.

    Returns:
        Path inside the endpoint to the reason: `{"rows[0].location": "found the location 'a..b'; ..."}`.
    """
    found = {}
    for at, location in _locations(endpoint, ""):
        try:
            paths.parse(location)
        except ConfigError as error:
            found[at] = str(error)
    return found


def _locations(endpoint: Endpoint, at: str) -> Iterator[tuple[str, str]]:
    own = {
        "response_location": endpoint.response_location,
        "id_location": endpoint.id_location or "",
        "order.location": endpoint.order.location if endpoint.order else "",
        "paging.location": endpoint.paging.location if endpoint.paging else "",
        "duplicate.id_location": endpoint.duplicate.id_location or "",
        "attachment.location": endpoint.attachment.location if endpoint.attachment else "",
        "if_match.location": endpoint.if_match.location if endpoint.if_match else "",
    }
    own |= {f"save.{name}": location for name, location in endpoint.save.items()}
    for kind, locations in endpoint.match_fields.items():
        own |= {f"match_fields.{kind}[{index}]": location for index, location in enumerate(locations)}
    for path, conditions in (
        ("rows", endpoint.rows),
        ("success.unless", endpoint.success.unless),
        ("not_found.when", endpoint.not_found.when),
    ):
        own |= {f"{path}[{index}].location": condition.location for index, condition in enumerate(conditions)}
    yield from ((at + path, location) for path, location in own.items())
    for key, inner in (("alternatives", endpoint.alternatives), ("steps", endpoint.steps)):
        for index, each in enumerate(inner):
            yield from _locations(each, f"{at}{key}[{index}].")
