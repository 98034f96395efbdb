"""Reads the facts about a session and its consumer that every adapter shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from adapter_pages.agent import card, custom_fields
from adapter_pages.agent.card import Card
from adapter_pages.agent.custom_fields import CustomField
from host.crm.settings.crm import CrmSettings
from host.sessions import repository
from host.sessions.model import Session
from host.sessions.starting import BY_CONSUMER


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


def read(connection: Connection, session: Session, paths: Mapping[int, str], crm: CrmSettings, now: datetime) -> About:
    """Read the facts about one session.

    Args:
        connection: The desk's transaction.
        session: The call or chat.
        paths: Queue id to `Developers / James`.
        crm: For the card.
        now: The current time.
    """
    consumer = repository.end_user(connection, session.end_user_id)
    return About(
        session_id=session.id,
        caller=consumer.label,
        contact=tuple(filter(None, (consumer.phone, consumer.email))),
        is_own_word=session.details.get("person_from") == BY_CONSUMER,
        queue_path=paths.get(session.queue_id) if session.queue_id is not None else None,
        custom_data=custom_fields.visible(session.custom_data),
        flags=custom_fields.flags(session.custom_data, is_verified=session.is_verified),
        card=card.of_session(connection, session.id, crm, now),
    )
