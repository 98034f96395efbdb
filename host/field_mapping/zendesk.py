"""Zendesk: `custom_fields: [{id, value}]` on tickets, `user_fields: {key: value}` on users.

A mapping may name a field by its title, key or id; the list of the fields says which it is.

Source: docs/reference/field-mapping.md, How each CRM takes the fields.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from host.errors import CrmError
from host.field_mapping.settings import FieldMapping, Target
from host.field_mapping.strategy import BodyFields, ReadJson
from host.field_mapping.values import MappedValue, Value, day_of, named
from host.field_mapping.zendesk_fields import ZendeskField, list_path, read_fields

INSIDE: Mapping[Target, Sequence[str]] = {
    "record": ("ticket", "request"),
    "account": ("user",),
    "session": ("custom_object_record",),
}


class Zendesk:
    """Tickets have field ids, users and custom objects have keys."""

    def problem(self, _mapping: FieldMapping) -> str | None:
        """Return None: a title may be anything."""
        return None

    def unknown(self, mapping: FieldMapping, read: ReadJson) -> str | None:
        """Return what is wrong: no field has this title, key or id, or several have."""
        found = [each for each in read_fields(mapping.target, mapping.object, read) if each.is_called(mapping)]
        if len(_best(found, mapping)) == 1:
            return None
        where = list_path(mapping.target, mapping.object)
        if not found:
            return f"found {mapping.crm_field!r}; Zendesk has no such title, key or id in {where}"
        ids = ", ".join(str(each.id) for each in found)
        return f"found {mapping.crm_field!r}, which is the title of {len(found)} fields; give one of their ids: {ids}"

    def fields(self, values: Sequence[MappedValue], target: Target, read: ReadJson) -> BodyFields:
        """Return `{"custom_fields": [{"id": 360021, "value": "iOS"}]}`, or `{"user_fields": {"device": "iOS"}}`."""
        try:
            known = read_fields(target, values[0].mapping.object, read)
        except CrmError as error:
            if error.retryable:
                raise
            return BodyFields(notes=[f"no custom field is sent: the list of fields can't be read ({error.reason})"])
        sent, notes = list[tuple[ZendeskField, Value]](), list[str]()
        for each in values:
            found = _best([field for field in known if field.is_called(each.mapping)], each.mapping)
            if len(found) == 1:
                sent.append((found[0], _written(each, found[0])))
            else:
                notes.append(f"{named(each.mapping)} is left out: Zendesk has {len(found)} fields of this name")
        return BodyFields(_content(sent, target), INSIDE[target], notes)


def _content(sent: Sequence[tuple[ZendeskField, Value]], target: Target) -> Mapping[str, Any]:
    if not sent:
        return {}
    if target == "record":
        return {"custom_fields": [{"id": field.id, "value": value} for field, value in sent]}
    name = "user_fields" if target == "account" else "custom_object_fields"
    return {name: {field.key: value for field, value in sent}}


def _best(found: Sequence[ZendeskField], mapping: FieldMapping) -> Sequence[ZendeskField]:
    """Return the fields that a name means: an id or a key is exact, a title may be that of several."""
    return [each for each in found if each.is_exactly(mapping)] or found


def _written(each: MappedValue, field: ZendeskField) -> Value:
    """Write a value as Zendesk takes it: a day; of a drop-down list, the tag of an option."""
    if each.mapping.type == "date":
        return day_of(each.value)
    return field.options.get(str(each.value).casefold(), each.value) if each.mapping.type == "dropdown" else each.value
