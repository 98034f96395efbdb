"""Reads the facts about a session and its consumer that every adapter shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from adapter_pages.agent import card, custom_fields
from adapter_pages.agent.card import Card
from adapter_pages.agent.custom_fields import CustomField
from adapter_pages.agent.lookup_view import LookupReader, LookupView
from host.queues import tree
from host.queues.tree import Queue
from host.sessions import repository
from host.sessions.model import Session
from host.sessions.starting import BY_CONSUMER
from host.settings.document.model import Settings
from host.users.directory import User


@dataclass(frozen=True)
class About:
    """Facts about a session and its consumer."""

    session_id: int
    caller: str
    contact: tuple[str, ...]
    """Phone and e-mail, if known."""
    is_own_word: bool
    """Whether the consumer entered caller and contact themselves (unverified)."""
    queue_path: str | None
    custom_data: tuple[CustomField, ...]
    flags: tuple[str, ...]
    card: Card
    lookup: LookupView | None = None
    """None: the settings have no lookup URL for this type of session."""


@dataclass(frozen=True)
class AboutReader:
    """Reads the facts about the sessions of one agent."""

    connection: Connection
    """The desk's transaction."""
    agent: User
    settings: Settings
    queues: Sequence[Queue]
    now: datetime

    def read(self, session: Session) -> About:
        """Read the facts about a call or chat."""
        consumer = repository.end_user(self.connection, session.end_user_id)
        queue = next((each for each in self.queues if each.id == session.queue_id), None)
        return About(
            session_id=session.id,
            caller=consumer.label,
            contact=tuple(filter(None, (consumer.phone, consumer.email))),
            is_own_word=session.details.get("person_from") == BY_CONSUMER,
            queue_path=tree.path_text(queue) if queue else None,
            custom_data=custom_fields.visible(session.custom_data),
            flags=custom_fields.flags(session.custom_data, is_verified=session.is_verified),
            card=card.of_session(self.connection, session.id, self.settings.crm, self.now),
            lookup=LookupReader(self.agent, self.settings, self.queues, self.now).read(session, consumer),
        )
