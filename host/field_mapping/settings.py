"""Settings `field_mappings`: which entry of the custom data goes into which field of the CRM.

Source: docs/reference/field-mapping.md, A mapping.
"""

from typing import Annotated, Literal

from pydantic import Field
from pydantic import StrictInt as Whole

from host.schema import Section

Text = Annotated[str, Field(min_length=1)]
Target = Literal["record", "account", "session"]
FieldType = Literal["text", "number", "checkbox", "date", "dropdown"]
CrmKind = Literal["generic", "zendesk", "salesforce", "kustomer"]


class FieldMapping(Section):
    """One entry of the consumer's custom data, written to one field of the CRM."""

    id: Annotated[Whole, Field(ge=1)] | None = None
    """Its number in the platform API; null: it gets one when it is saved."""
    title: Text
    crm_field: Text
    custom_data_label: Text
    """The label of the entry, or its key."""
    target: Target = "record"
    object: str = ""
    """The CRM object, for the target `session`."""
    type: FieldType = "text"

    @property
    def identity(self) -> tuple[str, str, str]:
        """What no two mappings share."""
        return self.crm_field, self.custom_data_label, self.target
