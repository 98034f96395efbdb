"""Reads what the consumer's page shows of their chat, as plain values."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from adapter_pages.consumer import words
from adapter_pages.consumer.words import Words
from adapter_pages.shared import messages
from adapter_pages.shared.messages import MessageView
from host.queues import tree
from host.sessions import ratings, receipts, repository
from host.sessions.model import Session
from host.sessions.receipts import Receipt

Phase = Literal["waiting", "talking", "ended"]


@dataclass(frozen=True)
class Conversation:
    """One chat, as its consumer sees it."""

    session_id: int
    phase: Phase
    words: Words
    lines: tuple[MessageView, ...]
    can_rate: bool
    """Whether the consumer may say how it was: it has ended, and an agent had it."""
    is_rated: bool
    survey: tuple[str, ...]
    """The questions of the queue."""
    receipt: Receipt
    """How far the consumer's last message has got."""

    @property
    def is_open(self) -> bool:
        """Whether the consumer can send messages."""
        return self.phase != "ended"


def load(connection: Connection, session: Session, now: datetime, *, after: int = 0) -> Conversation:
    """Read what the consumer sees of `session`.

    Args:
        after: Only messages with a higher id.
    """
    consumer = repository.end_user(connection, session.end_user_id)
    return Conversation(
        session_id=session.id,
        phase=_phase(session),
        words=words.of_chat(connection, session, now),
        can_rate=session.connected_at is not None and session.has_ended,
        is_rated=ratings.of_session(connection, session.id) != ratings.NOTHING,
        survey=survey(connection, session),
        lines=messages.of_session(connection, session.id, consumer.label, "end_user", after=after),
        receipt=replace(receipts.of_chat(connection, session.id, "end_user"), left_at=None),
    )


def survey(connection: Connection, session: Session) -> tuple[str, ...]:
    """Return the questions that the queue's survey asks."""
    queue = tree.by_id(connection, session.queue_id) if session.queue_id is not None else None
    return queue.settings.survey if queue else ()


def _phase(session: Session) -> Phase:
    if session.has_ended:
        return "ended"
    return "waiting" if session.status in {"queued", "assigned"} else "talking"
