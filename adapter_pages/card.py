"""The CRM card of a chat: its account, its record, and what happens with them, in words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Linked:
    """The account or the record, as far as it is known."""

    step: str
    """`account`, `record`: what "Look up again" looks up."""
    title: str
    """`Account`."""
    id: str | None
    url: str | None
    words: str
    """What happens with it, or why there is none."""


@dataclass(frozen=True)
class Card:
    """What the agent sees of the CRM."""

    account: Linked
    record: Linked
