"""What a flow ends with."""

from collections.abc import Sequence
from dataclasses import dataclass

from host.crm.intents import CrmId


@dataclass(frozen=True)
class Found:
    """The account or record that a session goes on with."""

    id: CrmId
    is_new: bool = False
    """Whether this session created it."""
    others: Sequence[CrmId] = ()
    """Further hits that the agent may choose instead."""
