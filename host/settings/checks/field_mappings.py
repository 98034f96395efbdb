"""Rules for field mappings, as far as they hold without asking the CRM."""

from collections.abc import Iterator, Sequence

from host.addresses import shortened
from host.crm.settings.crm import CrmSettings
from host.field_mapping.choice import strategy_for
from host.field_mapping.settings import FieldMapping
from host.field_mapping.strategy import Strategy
from host.settings.problems import Location

LONGEST = 255
"""Characters of a text."""


def problems(mappings: Sequence[FieldMapping], crm: CrmSettings) -> Iterator[tuple[Location, str]]:
    """Yield what is wrong with the mappings of a file."""
    strategy, identities, ids = strategy_of(crm), set[tuple[str, str, str]](), set[int]()
    for index, mapping in enumerate(mappings):
        here = ("field_mappings", index)
        if mapping.identity in identities:
            yield here, "found twice; allowed: each crm_field, custom_data_label and target once"
        identities.add(mapping.identity)
        if mapping.id in ids:
            yield (*here, "id"), f"found {mapping.id} twice; allowed: each id once, or none"
        if mapping.id is not None:
            ids.add(mapping.id)
        yield from (((*here, field), reason) for field, reason in of_mapping(mapping, strategy))


def strategy_of(crm: CrmSettings) -> Strategy:
    """Return how the CRM takes mapped fields."""
    return strategy_for(crm.custom_fields, crm.api_hosts())


def of_mapping(mapping: FieldMapping, strategy: Strategy) -> Iterator[tuple[str, str]]:
    """Yield the fields of a mapping that are wrong, and why."""
    for field in ("title", "crm_field", "custom_data_label", "object"):
        text = getattr(mapping, field)
        if len(text) > LONGEST:
            yield field, f"has {len(text)} characters; allowed: {LONGEST}"
        elif text and not text.strip():
            yield field, "found only blanks; allowed: a text"
    if mapping.target == "session" and not mapping.object:
        yield "object", 'is empty; needed with "target": "session": the name of the CRM object'
    if mapping.target != "session" and mapping.object:
        yield "object", f'found {shortened(mapping.object)}; allowed only with "target": "session"'
    if reason := strategy.problem(mapping):
        yield "crm_field", reason
