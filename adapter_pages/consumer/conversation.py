"""Reads what the consumer's page shows of their chat, as plain values."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from adapter_pages.shared import messages
from adapter_pages.shared.messages import MessageView
from host.queues import opening, tree
from host.sessions import repository
from host.sessions.model import Session
from host.users import directory

Phase = Literal["waiting", "talking", "ended"]


@dataclass(frozen=True)
class Conversation:
    """One chat, as its consumer sees it."""

    session_id: int
    phase: Phase
    agent_name: str
    """Put before `words`: `James Bond`; empty if they name no agent."""
    words: str
    """`joined.`"""
    lines: tuple[MessageView, ...]

    @property
    def is_open(self) -> bool:
        """Whether the consumer can send messages."""
        return self.phase != "ended"


def load(connection: Connection, session: Session, *, after: int = 0) -> Conversation:
    """Read what the consumer sees of `session`.

    Args:
        after: Only messages with a higher id.
    """
    consumer = repository.end_user(connection, session.end_user_id)
    agent_name, words = _words(connection, session)
    return Conversation(
        session_id=session.id,
        phase=_phase(session),
        agent_name=agent_name,
        words=words,
        lines=messages.of_session(connection, session.id, consumer.label, "end_user", after=after),
    )


def _phase(session: Session) -> Phase:
    if session.has_ended:
        return "ended"
    return "waiting" if session.status in {"queued", "assigned"} else "talking"


def _words(connection: Connection, session: Session) -> tuple[str, str]:
    """Return the agent's name and what they did, or an empty name and the state."""
    agent = directory.by_id(connection, session.agent_id) if session.agent_id is not None else None
    name = agent.name if agent else "An agent"
    match session.status:
        case "queued" | "assigned":
            return "", "Waiting for an agent. You can write already: whoever joins reads it."
        case "ongoing" | "dismissed":
            return name, "joined."
        case "canceled":
            return "", "The chat has ended before an agent joined."
        case "deflected":
            return "", _deflected(connection, session)
        case "failed":
            return "", "The chat could not be taken. Please try again later."
        case _:
            by = {"end_user": ("", "You have ended the chat."), "agent": (name, "has ended the chat.")}
            return by.get(session.disconnected_by or "", ("", "The chat has ended."))


def _deflected(connection: Connection, session: Session) -> str:
    queue = tree.by_id(connection, session.queue_id) if session.queue_id is not None else None
    return opening.message(queue.settings if queue else None, session.details["deflection"])
