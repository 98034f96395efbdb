"""What a strategy is: it says how one kind of CRM takes the fields that custom data is mapped to.

Each is one small module: `generic.py`, `zendesk.py`, `salesforce.py`, `kustomer.py`.

Source: docs/reference/field-mapping.md, How each CRM takes the fields.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from host.field_mapping.settings import FieldMapping, Target
from host.field_mapping.values import MappedValue

ReadJson = Callable[[str], Any]
"""Reads a path of the CRM, such as `/api/v2/ticket_fields.json`, or an address that it named; raises a CrmError."""


@dataclass(frozen=True)
class BodyFields:
    """What goes into the body of a request."""

    content: Mapping[str, Any] = field(default_factory=dict)
    """`{"custom": {"deviceStr": "iOS"}}`: objects join what the body has, lists are added to."""
    inside: Sequence[str] = ()
    """The object of the body that it goes into, by its possible names: `("ticket",)`; without it, the body itself."""
    notes: Sequence[str] = ()
    """For the trace; without values."""


class Strategy(Protocol):
    """How one kind of CRM takes the fields."""

    def problem(self, mapping: FieldMapping) -> str | None:
        """Return what is wrong with a mapping's `crm_field`, as far as its text tells; None: nothing."""
        ...

    def unknown(self, mapping: FieldMapping, read: ReadJson) -> str | None:
        """Ask the CRM for a mapping's field; return what is wrong, None when it knows the field.

        Raises:
            CrmError: The CRM can't be asked now.
        """
        ...

    def fields(self, values: Sequence[MappedValue], target: Target, read: ReadJson) -> BodyFields:
        """Return what goes into the body of a request that creates or updates a target.

        Args:
            values: At least one.
            target: For `session`, all values have the same `object`.
            read: Reads from the CRM.

        Raises:
            CrmError: The CRM can't be asked now, and the fields can't be known without it.
        """
        ...
