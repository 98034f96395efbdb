"""The closed set of event types, and the fact of the journal behind each.

Source: docs/webhooks.md, Events.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from host.sessions.lifecycle import MACHINES

EventName = Literal[
    "session.created",
    "session.queued",
    "session.offered",
    "session.offer_ended",
    "session.connected",
    "session.held",
    "session.resumed",
    "session.transferred",
    "session.dismissed",
    "session.ended",
    "session.wrapped_up",
    "session.rated",
    "message.created",
    "agent.status_changed",
]

BEGUN = "begun"
"""Stands for the first fact of a session, which has the name of its first status."""
STATUSES = frozenset(
    status
    for machine in MACHINES.values()
    for action in machine.values()
    for status in (*action.sources, action.target)
)


@dataclass(frozen=True)
class EventType:
    """One type of event."""

    says: str
    facts: tuple[str, ...]
    """Names of rows of the journal."""
    keys: tuple[str, ...] = ()
    """Further keys of these rows that the event carries."""


TYPES: dict[EventName, EventType] = {
    "session.created": EventType(
        "A call or chat has begun, in any status; not followed by `session.queued`.", (BEGUN,)
    ),
    "session.queued": EventType("A scheduled call is due, or a session is back in the queue.", ("queued", "requeued")),
    "session.offered": EventType("An agent is offered the session.", ("assigned",)),
    "session.offer_ended": EventType("The agent has not taken it; `reason` says why.", ("offer_ended",), ("reason",)),
    "session.connected": EventType("The agent has taken it.", ("connected",)),
    "session.held": EventType("The consumer is on hold.", ("held",), ("participant_id",)),
    "session.resumed": EventType(
        "A hold has ended, or a dismissed chat goes on.", ("resumed", "unheld"), ("participant_id",)
    ),
    "session.transferred": EventType("It has gone to another agent or queue.", ("transferred",), ("transfer_id",)),
    "session.dismissed": EventType("A chat without messages was dismissed.", ("dismissed",)),
    "session.ended": EventType(
        "Nothing more can happen to it; `by` says who ended it, `reason` why its queue did not take it.",
        ("ended",),
        ("by", "reason"),
    ),
    "session.wrapped_up": EventType("An agent has finished their wrap-up.", ("wrapped_up",), ("disposition",)),
    "session.rated": EventType("The consumer has rated it, or answered its survey.", ("rated",), ("rating",)),
    "message.created": EventType("Somebody has written a message; `message` holds it.", ("message",)),
    "agent.status_changed": EventType("An agent has another status.", ("status",)),
}

BY_FACT: dict[str, EventName] = {fact: name for name, kind in TYPES.items() for fact in kind.facts}


def type_of(fact: str, data: Mapping[str, Any]) -> EventName | None:
    """Return the type of a fact's event; None for a fact that webhooks don't tell.

    Args:
        fact: Its name in the journal: `assigned`.
        data: The row's data: that of a session's first fact is empty.
    """
    return BY_FACT.get(BEGUN if fact in STATUSES and not data else fact)
