"""One shape for the accounts and records of any CRM: what shell pages and vendors' listeners see.

Source: docs/reference/generic-api.md, The server-side proxy.
"""

from collections.abc import Callable, Mapping
from typing import Any

from host.crm.response import json_path
from host.crm.response.hits import Hit
from host.crm.settings.endpoint import Endpoint
from host.crm.templates.quoting import as_text
from host.sessions.model import CrmId

Shape = dict[str, Any]
"""`{"id", "url", "name", "phone", "email", "subject", "status"}`, and `raw` where it is wanted; None: not known."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "fullname", "displayname", "contactname", "accountname"),
    "phone": ("phone", "phonenumber", "mobile", "mobilephone", "telephone", "workphone", "homephone", "cellphone"),
    "email": ("email", "emailaddress", "primaryemail", "workemail", "mail"),
    "subject": ("subject", "title", "summary", "shortdescription"),
    "status": ("status", "state", "stage", "ticketstatus", "casestatus"),
}
"""What CRMs call it, written small and without signs: `First_Name` is `firstname`; the first that has a value."""

_WRAPPERS = frozenset({"attributes", "properties", "fields", "data", "values", "record"})
_INSIDE = ("name", "label", "value", "display_value", "number", "address")
_DEPTH_MAX = 3


def shape(hit: Hit, endpoint: Endpoint, url_of: Callable[[CrmId], str | None], *, raw: bool = False) -> Shape:
    """Return an account or record.

    Args:
        hit: As the CRM gave it.
        endpoint: Its `match_fields` say best where phone and e-mail are.
        url_of: Returns the address of its page, None when there is none.
        raw: Whether the CRM's own object comes along.
    """
    known = _known(hit.object, 0)
    found: Shape = {"id": hit.id, "url": url_of(hit.id)}
    found |= {name: next((known[key] for key in keys if key in known), None) for name, keys in KEYS.items()}
    found["name"] = found["name"] or _joined(known)
    for kind, locations in endpoint.match_fields.items():
        values = (_text(json_path.parse(location).find(hit.object)) for location in locations)
        found[kind] = next(filter(None, values), found[kind])
    return {**found, "raw": hit.object} if raw else found


def _known(value: Any, depth: int) -> dict[str, str]:
    """Collect texts by their bare key; what stands further out goes first."""
    if not isinstance(value, dict) or depth > _DEPTH_MAX:
        return {}
    own: dict[str, str] = {}
    for key, each in value.items():
        bare = _bare(key)
        if bare in _WRAPPERS and isinstance(each, dict):
            own = {**_known(each, depth + 1), **own}
        elif text := _text(each):
            own[bare] = text
    return own


def _text(value: Any) -> str | None:
    """Return a scalar's text; of a list that of its first entry, of an object its name, label or value."""
    if isinstance(value, list):
        return _text(value[0]) if value else None
    if isinstance(value, dict):
        return next((text for key in _INSIDE if (text := _scalar(value.get(key)))), None)
    return _scalar(value)


def _scalar(value: Any) -> str | None:
    return as_text(value) or None if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _joined(known: Mapping[str, str]) -> str | None:
    return " ".join(known[key] for key in ("firstname", "lastname") if key in known) or None


def _bare(key: Any) -> str:
    return "".join(character for character in str(key).lower() if character.isalnum())
