"""Says in one sentence how a consumer's chat stands."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from host.queues import opening, tree
from host.routing import outlook
from host.sessions.model import Session
from host.users import directory, status
from host.users.directory import User

CONNECTING = "Connecting you… You can start typing."
NOBODY = "Nobody is here right now. Write your message: it waits until somebody is back."
STATES = {
    "dismissed": "This chat is paused. Write to go on.",
    "canceled": "The chat ended before anybody joined.",
    "failed": "The chat could not be taken. Please try again later.",
}
"""What is said of a status, whatever else there is."""


@dataclass(frozen=True)
class Words:
    """How a chat stands."""

    agent_name: str
    """Put before `text`: `James Bond`; empty if it names no agent."""
    text: str
    """`· online`"""
    more: str = ""
    """A second sentence: how long it may take."""


def of_chat(connection: Connection, session: Session, now: datetime) -> Words:
    """Return how a chat stands, for its consumer."""
    agent = directory.by_id(connection, session.agent_id) if session.agent_id is not None else None
    match session.status:
        case "queued" | "assigned":
            return _waiting(connection, session, now)
        case "ongoing":
            return _talking(agent)
        case "deflected":
            return Words("", _deflected(connection, session))
        case "finished":
            return _finished(session, agent)
        case other:
            return Words("", STATES.get(other, "The chat has ended."))


def _waiting(connection: Connection, session: Session, now: datetime) -> Words:
    is_again = session.connected_at is not None
    text = "Looking for somebody else for you… You can go on typing." if is_again else CONNECTING
    if session.status == "assigned":
        return Words("", text)
    stands = outlook.of_session(connection, session, now)
    if not stands.is_anybody_there:
        return Words("", text, NOBODY)
    place = "You're next." if stands.place == 1 else f"There are {stands.place - 1} before you."
    if stands.usual_wait is None:
        return Words("", text, place)
    return Words("", text, f"{place} Lately it took {_about(stands.usual_wait)}.")


def _about(wait: timedelta) -> str:
    minutes = round(wait.total_seconds() / 60)
    if minutes < 1:
        return "less than a minute"
    return "about a minute" if minutes == 1 else f"about {minutes} minutes"


def _talking(agent: User | None) -> Words:
    is_cut_off = agent is not None and agent.status == status.UNRESPONSIVE
    return Words(agent.name if agent else "An agent", "· not connected just now" if is_cut_off else "· online")


def _finished(session: Session, agent: User | None) -> Words:
    if session.fail_reason == "no_response":
        return Words("", "The chat has ended, since nothing was written for a while.")
    if session.disconnected_by == "agent":
        return Words(agent.name if agent else "The agent", "has ended the chat.")
    return Words("", "You have ended the chat." if session.disconnected_by == "end_user" else "The chat has ended.")


def _deflected(connection: Connection, session: Session) -> str:
    queue = tree.by_id(connection, session.queue_id) if session.queue_id is not None else None
    return opening.message(queue.settings if queue else None, session.details["deflection"])
