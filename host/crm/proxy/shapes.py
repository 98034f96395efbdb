"""The common JSON shape for accounts and records of any CRM, as shell pages and listeners receive it.

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
"""`{"id", "url", "name", "phone", "email", "subject", "status"}`, and `raw` on request; None: not known."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "fullname", "displayname", "contactname", "accountname"),
    "phone": ("phone", "phonenumber", "mobile", "mobilephone", "telephone", "workphone", "homephone", "cellphone"),
    "email": ("email", "emailaddress", "primaryemail", "workemail", "mail"),
    "subject": ("subject", "title", "summary", "shortdescription"),
    "status": ("status", "state", "stage", "ticketstatus", "casestatus"),
}
"""Usual keys in CRMs, normalized: `First_Name` is `firstname`. The first one with a value is taken."""

_WRAPPERS = frozenset({"attributes", "properties", "fields", "data", "values", "record"})
_INSIDE = ("name", "label", "value", "display_value", "number", "address")
_DEPTH_MAX = 3


def shape(hit: Hit, endpoint: Endpoint, url_of: Callable[[CrmId], str | None], *, raw: bool = False) -> Shape:
    """Return an account or record.

    Args:
        hit: As read from the answer.
        endpoint: Its `match_fields` name the locations of phone and e-mail.
        url_of: Returns the URL of its page; None when there is none.
        raw: Whether to include the CRM's own object.
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
    """Collect texts by their normalized key; outer values win."""
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
    """Return the text of a scalar, of the first entry of a list, or of an object's name, label or value."""
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
