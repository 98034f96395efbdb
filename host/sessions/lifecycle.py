"""The state machines of chats, calls and participants: which action leads from which status to which.

Source: docs/reference/sessions.md, Status.
"""

from dataclasses import dataclass

from host.errors import TransitionError


@dataclass(frozen=True)
class Action:
    """An action on a session."""

    sources: tuple[str, ...]
    target: str
    fact: str
    """Its name in the journal."""


CHAT = {
    "offer": Action(("queued",), "assigned", "assigned"),
    "withdraw the offer of": Action(("assigned",), "queued", "offer_ended"),
    "answer": Action(("assigned",), "ongoing", "connected"),
    "dismiss": Action(("ongoing",), "dismissed", "dismissed"),
    "resume": Action(("dismissed",), "ongoing", "resumed"),
    "requeue": Action(("ongoing", "dismissed"), "queued", "requeued"),
    "end": Action(("ongoing", "dismissed"), "finished", "ended"),
    "cancel": Action(("queued", "assigned"), "canceled", "ended"),
    "deflect": Action(("queued",), "deflected", "ended"),
    "fail": Action(("queued", "assigned", "ongoing", "dismissed"), "failed", "ended"),
}

CALL = {
    "queue": Action(("scheduled", "selecting"), "queued", "queued"),
    "offer": Action(("queued", "requeued"), "assigned", "assigned"),
    "withdraw the offer of": Action(("assigned",), "queued", "offer_ended"),
    "answer": Action(("assigned",), "connecting", "answered"),
    "dial": Action(("queued", "assigned"), "connecting", "dialled"),
    "connect": Action(("connecting",), "connected", "connected"),
    "requeue": Action(("connecting", "connected"), "requeued", "requeued"),
    "end": Action(("connected",), "finished", "ended"),
    "deflect": Action(("selecting", "queued"), "deflected", "ended"),
    "fail": Action(("scheduled", "selecting", "queued", "requeued", "assigned", "connecting"), "failed", "ended"),
    "take a voicemail from": Action(("selecting", "queued", "requeued"), "voicemail", "voicemail"),
    "keep the voicemail of": Action(("voicemail",), "voicemail_received", "ended"),
    "read the voicemail of": Action(("voicemail_received",), "voicemail_read", "voicemail_read"),
}

PARTICIPANT = {
    "connect": Action(("invited", "connecting"), "connected", "participant_connected"),
    "leave": Action(("connected",), "finished", "participant_left"),
    "fail": Action(("invited", "connecting"), "failed", "participant_failed"),
}

MACHINES = {"chat": CHAT, "call": CALL}
ALL_MACHINES = {**MACHINES, "participant": PARTICIPANT}

ENDED = frozenset({"finished", "canceled", "deflected", "failed", "voicemail_received", "voicemail_read"})


def next_status(machine_name: str, action: str, status: str) -> Action:
    """Return the action if `status` allows it.

    Raises:
        TransitionError: The status doesn't allow it; names the actions that it allows.
    """
    machine = ALL_MACHINES[machine_name]
    found = machine[action]
    if status in found.sources:
        return found
    raise TransitionError(action, status, [name for name, other in machine.items() if status in other.sources])
