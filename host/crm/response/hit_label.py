"""What an agent sees of a hit that he may choose: its id, and what it is called.

Source: docs/reference/generic-api.md, Several hits.
"""

from collections.abc import Mapping
from typing import Any

from host.crm.response.hits import Hit
from host.crm.templates.quoting import as_text

Choice = Mapping[str, Any]
"""`{"id": 12, "label": "James Bond, +12223334444", "saved": {...}}`; all but the id goes when the session ends.

`saved` is there when the endpoint keeps something of a hit.
"""

_NAMES = ("name", "fullname", "subject", "title", "ticketnumber", "casenumber", "email", "phone", "status")
_LABEL_MAX = 120
_PARTS_MAX = 3
_DEPTH_MAX = 3


def choice_of(hit: Hit) -> Choice:
    """Return what is kept of a hit while its session lasts."""
    kept = {"saved": dict(hit.saved)} if hit.saved else {}
    return {"id": hit.id, "label": label_of(hit.object), **kept}


def label_of(found: Any) -> str:
    """Put together what tells one hit from another; empty when nothing is known but the id."""
    known = _texts(found, 0)
    parts = [known[name] for name in _NAMES if name in known][:_PARTS_MAX]
    return ", ".join(dict.fromkeys(parts))[:_LABEL_MAX]


def _texts(value: Any, depth: int) -> dict[str, str]:
    """Collect texts by their bare key, the outermost first: `First_Name` is `firstname`."""
    if not isinstance(value, dict) or depth > _DEPTH_MAX:
        return {}
    own = {_bare(key): as_text(each) for key, each in value.items() if isinstance(each, str | int) and each != ""}
    for each in value.values():
        own = {**_texts(each, depth + 1), **own}
    return own


def _bare(key: str) -> str:
    return "".join(character for character in key.lower() if character.isalnum())
