"""What a flow ends with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from host.crm.response.hit_label import Choice
from host.sessions.model import CrmId


@dataclass(frozen=True)
class Found:
    """The account or record that a session goes on with."""

    id: CrmId
    is_new: bool = False
    """Whether this session created it."""
    is_shared: bool = False
    """Whether we know it from another session that has just created it, and no search shows it yet."""
    choices: Sequence[Choice] = ()
    """All hits, this one first, when there were several: the agent may choose another."""
    saved: Mapping[str, Any] = field(default_factory=dict)
    """What the endpoint keeps of its answer, for later requests of the session."""
