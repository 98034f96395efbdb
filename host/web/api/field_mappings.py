"""`/crm_custom_fields`: lists, adds, changes and removes the mappings of custom data to fields of the CRM.

Source: docs/reference/field-mapping.md, The API.
"""

from typing import Annotated, Any

from pydantic import Field
from pydantic import StrictInt as Whole

from host.errors import FieldsError
from host.field_mapping.settings import FieldMapping, FieldType, Target, Text
from host.schema import Section
from host.web.api.operations import Answer, Asked, Nothing, Part
from host.web.current import services

PATH = "/crm_custom_fields"
ONE = f"{PATH}/{{mapping_id}}"
part = Part("field_mappings")


class NewMappingBody(Section):
    """What a new mapping is."""

    title: Text
    crm_field: Text
    custom_data_label: Text
    target: Target = "record"
    object: str = ""
    type: FieldType = "text"


class MappingChanges(Section):
    """What changes of a mapping; what is missing or null stays."""

    id: Whole | None = None
    """As in the address; a mapping can be sent as it was read."""
    title: Text | None = None
    crm_field: Text | None = None
    custom_data_label: Text | None = None
    target: Target | None = None
    object: str | None = None
    type: FieldType | None = None


class MappingAnswer(FieldMapping):
    """A mapping."""

    id: Annotated[Whole, Field(ge=1)]


@part.operation("GET", PATH, Nothing, list[MappingAnswer])
def index(_asked: Asked[Nothing]) -> Answer:
    """List the field mappings."""
    return Answer([_answer(each) for each in services().field_mappings.all()])


@part.operation("POST", PATH, NewMappingBody, MappingAnswer, status=201, fails=(502, 504))
def add(asked: Asked[NewMappingBody]) -> Answer:
    """Add a field mapping."""
    made = services().field_mappings.add(FieldMapping(**dict(asked.body)))
    return Answer(_answer(made), 201)


@part.operation("PUT", ONE, MappingChanges, MappingAnswer, fails=(502, 504))
def change(asked: Asked[MappingChanges]) -> Answer:
    """Change a field mapping; what is not given stays."""
    body, mapping_id = asked.body, asked.ids["mapping_id"]
    if body.id not in {None, mapping_id}:
        raise FieldsError({"id": f"found {body.id}; it must be {mapping_id}, as in the address, or missing"})
    changes = body.model_dump(exclude_none=True, exclude={"id"})
    return Answer(_answer(services().field_mappings.change(mapping_id, changes)))


@part.operation("DELETE", ONE, Nothing, None, status=204)
def remove(asked: Asked[Nothing]) -> Answer:
    """Remove a field mapping."""
    services().field_mappings.remove(asked.ids["mapping_id"])
    return Answer(None, 204)


def _answer(mapping: FieldMapping) -> dict[str, Any]:
    return mapping.model_dump(mode="json")
