"""Labels of the hits that an agent can choose from.

Source: docs/reference/generic-api.md, Several hits.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, SkipValidation

from host.crm.response.hits import Hit
from host.crm.templates.quoting import as_text
from host.sessions.model import CrmId

_NAMES = ("name", "fullname", "subject", "title", "ticketnumber", "casenumber", "email", "phone", "status")
_LABEL_MAX = 120
_PARTS_MAX = 3
_DEPTH_MAX = 3


class Choice(BaseModel):
    """One of several hits, as a step's result keeps it; only the id is kept after the session."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: Annotated[CrmId, SkipValidation]
    label: str = ""
    """`James Bond, +12223334444`."""
    saved: Mapping[str, Any] = {}
    """The values that the endpoint saves of this hit."""

    def as_json(self) -> dict[str, Any]:
        """Return the JSON for the database row; `saved` only when it is not empty."""
        saved = {"saved": dict(self.saved)} if self.saved else {}
        return {"id": self.id, "label": self.label, **saved, **(self.model_extra or {})}


def choice_of(hit: Hit) -> Choice:
    """Return the choice that is stored for a hit during its session."""
    return Choice(id=hit.id, label=label_of(hit.object), saved=dict(hit.saved))


def label_of(found: Any) -> str:
    """Compose a label that distinguishes the hit from others; empty when only the id is known."""
    known = _texts(found, 0)
    parts = [known[name] for name in _NAMES if name in known][:_PARTS_MAX]
    return ", ".join(dict.fromkeys(parts))[:_LABEL_MAX]


def _texts(value: Any, depth: int) -> dict[str, str]:
    """Collect texts by their normalized key, the outermost first: `First_Name` is `firstname`."""
    if not isinstance(value, dict) or depth > _DEPTH_MAX:
        return {}
    own = {_bare(key): as_text(each) for key, each in value.items() if isinstance(each, str | int) and each != ""}
    for each in value.values():
        own = {**_texts(each, depth + 1), **own}
    return own


def _bare(key: str) -> str:
    return "".join(character for character in key.lower() if character.isalnum())
