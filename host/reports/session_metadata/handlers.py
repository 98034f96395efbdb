"""Tells who handled a session, people or virtual agents, and when a virtual agent handed it to a person.

A task virtual agent helps the agent who is there; it neither handles a session nor hands it over.

Source: docs/reference/files.md, Lists in the metadata.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from host.sessions.history import Offer, Stay
from host.sessions.participants import Participant

HANDLERS = ("agent", "virtual_agent")


@dataclass(frozen=True)
class Escalation:
    """A person has taken a session over from a virtual agent."""

    virtual_agent: Participant
    agent: Participant
    created_at: datetime
    """When the session began to wait for the person; the virtual agent's joining, if that was later."""
    assigned_at: datetime | None
    """When the person was offered the session."""
    connected_at: datetime
    queue_id: int | None


def last_virtual_agent(participants: Sequence[Participant]) -> Participant | None:
    """Return the virtual agent who handled the session last; None if a person did, or nobody."""
    handlers = _handlers(participants)
    return handlers[-1] if handlers and handlers[-1].type == "virtual_agent" else None


def escalations(
    participants: Sequence[Participant], stays: Sequence[Stay], offers: Sequence[Offer]
) -> list[Escalation]:
    """Return when people have taken the session over from virtual agents, in order."""
    handlers = _handlers(participants)
    pairs = [pair for pair in pairwise(handlers) if _is_handed_over(*pair)]
    return [_escalation(virtual, person, stays, offers) for virtual, person in pairs]


def _handlers(participants: Sequence[Participant]) -> list[Participant]:
    """Return who was connected to handle the session, in order; without virtual agents that joined a person."""
    found = [each for each in participants if each.type in HANDLERS and each.connected_at is not None]
    people = [each for each in found if each.type == "agent"]
    alone = [each for each in found if each.type == "agent" or not any(_is_there(one, each) for one in people)]
    return sorted(alone, key=lambda each: (each.connected_at or each.created_at, each.id))


def _is_there(person: Participant, virtual: Participant) -> bool:
    """Tell whether a person was in the session when a virtual agent joined."""
    at = virtual.connected_at or virtual.created_at
    return person.id < virtual.id and (person.ended_at is None or person.ended_at >= at)


def _is_handed_over(before: Participant, after: Participant) -> bool:
    return before.type == "virtual_agent" and after.type == "agent"


def _escalation(
    virtual: Participant, person: Participant, stays: Sequence[Stay], offers: Sequence[Offer]
) -> Escalation:
    joined_at, connected_at = virtual.connected_at or virtual.created_at, person.connected_at or person.created_at
    waits = [each for each in stays if each.started_at <= connected_at]
    mine = [each for each in offers if each.agent_id == person.user_id and each.at <= connected_at]
    return Escalation(
        virtual,
        person,
        created_at=max(waits[-1].started_at, joined_at) if waits else joined_at,
        assigned_at=mine[-1].at if mine else None,
        connected_at=connected_at,
        queue_id=waits[-1].queue_id if waits else None,
    )
