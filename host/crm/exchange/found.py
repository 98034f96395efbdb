"""The account or record that a flow found or created."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from host.crm.response.hit_label import Choice
from host.sessions.model import CrmId


@dataclass(frozen=True)
class Found:
    """The account or record of a session."""

    id: CrmId
    is_new: bool = False
    """Whether this session created it."""
    is_shared: bool = False
    """Whether another session has just created it, so that searches may not show it yet."""
    choices: Sequence[Choice] = ()
    """All hits, this one first, when there were several; the agent may choose another one."""
    saved: Mapping[str, Any] = field(default_factory=dict)
    """The values that the endpoint saved from its answer, for later requests of the session."""
