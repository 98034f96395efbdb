"""The create-once rule: what follows after a create whose outcome is unknown.

Source: 30-generic-api.md, Faults, create-once (d) and (e).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from host.crm.endpoint import Endpoint, OnUnknown
from host.crm.intents import CrmId

TIMEOUTS_TO_SETTLE = 6


class Next(Enum):
    """What follows."""

    USE = "use what was found"
    LOOK_AGAIN = "look for it again"
    SEND_AGAIN = "send it again"
    ASK = "ask a person"


@dataclass(frozen=True)
class Search:
    """What a search for something that we may have created has brought."""

    is_possible: bool
    """Whether there is anything to search by."""
    id: CrmId | None = None
    saved: Mapping[str, Any] = field(default_factory=dict)
    """What the endpoint would have kept of its answer, read from what was found."""
    attachment: CrmId | None = None
    """Of an upload: its file's id or download URL, read from what was found."""


NOTHING_TO_SEARCH_BY = Search(is_possible=False)
NOT_THERE = Search(is_possible=True)


def settles_at(endpoint: Endpoint, sent_at: datetime) -> datetime:
    """Return when the CRM has surely done what it was sent, or never will."""
    return sent_at + timedelta(seconds=max(endpoint.settle_s, TIMEOUTS_TO_SETTLE * endpoint.timeout_s))


def after_search(search: Search, *, has_settled: bool, on_unknown: OnUnknown) -> Next:
    """Decide after a search.

    Args:
        search: What it has brought.
        has_settled: Whether the time to settle was over when the search began.
        on_unknown: What the admin wants when there is nothing to search by.
    """
    if search.id is not None:
        return Next.USE
    if not search.is_possible and on_unknown == "ask":
        return Next.ASK
    return Next.SEND_AGAIN if has_settled else Next.LOOK_AGAIN
