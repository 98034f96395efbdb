"""Reads the lists of fields that Zendesk has.

Source: docs/reference/field-mapping.md, How each CRM takes the fields.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from host.field_mapping.settings import FieldMapping, Target
from host.field_mapping.strategy import ReadJson

MOST_PAGES = 20
_LISTS: Mapping[Target, tuple[str, str]] = {
    "record": ("/api/v2/ticket_fields.json", "ticket_fields"),
    "account": ("/api/v2/user_fields.json", "user_fields"),
    "session": ("/api/v2/custom_objects/{object}/fields.json", "custom_object_fields"),
}


@dataclass(frozen=True)
class ZendeskField:
    """A field of tickets, users or a custom object."""

    id: int
    key: str = ""
    """Of fields of users and custom objects: `device`; tickets have none."""
    title: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    """Of a drop-down list: name or tag in small letters -> tag."""

    def is_exactly(self, mapping: FieldMapping) -> bool:
        """Tell whether a mapping names its id or key."""
        return mapping.crm_field.strip() in {str(self.id), self.key}

    def is_called(self, mapping: FieldMapping) -> bool:
        """Tell whether a mapping names it, without regard to case."""
        return self.is_exactly(mapping) or mapping.crm_field.strip().casefold() == self.title.strip().casefold()


def list_path(target: Target, object_name: str) -> str:
    """Return the path of the list of a target's fields."""
    return _LISTS[target][0].format(object=quote(object_name, safe=""))


def read_fields(target: Target, object_name: str, read: ReadJson) -> list[ZendeskField]:
    """Return the active fields of a target.

    Raises:
        CrmError: The list can't be read.
    """
    return list(_pages(list_path(target, object_name), _LISTS[target][1], read))


def _pages(path: str, name: str, read: ReadJson) -> Iterator[ZendeskField]:
    address: str | None = path
    for _ in range(MOST_PAGES):
        if not address:
            return
        answer = read(address)
        page = answer if isinstance(answer, Mapping) else {}
        yield from (_field(each) for each in page.get(name) or () if _is_used(each))
        address = _next(page)


def _next(page: Mapping[str, Any]) -> str | None:
    has_more = (page.get("meta") or {}).get("has_more")
    found = (page.get("links") or {}).get("next") if has_more else page.get("next_page")
    return found if isinstance(found, str) else None


def _is_used(found: Any) -> bool:
    return isinstance(found, Mapping) and isinstance(found.get("id"), int) and found.get("active", True) is not False


def _field(found: Mapping[str, Any]) -> ZendeskField:
    options = [each for each in found.get("custom_field_options") or () if isinstance(each, Mapping)]
    by_name = {str(each.get("name", "")).casefold(): str(each.get("value", "")) for each in options}
    by_tag = {tag.casefold(): tag for tag in by_name.values()}
    return ZendeskField(int(found["id"]), str(found.get("key") or ""), str(found.get("title") or ""), by_name | by_tag)
