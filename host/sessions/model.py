"""A session: one call or one chat.

Source: docs/reference/sessions.md, Sessions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

CrmId = str | int | float
"""An id as the CRM wrote it: a number stays a number."""


@dataclass(frozen=True)
class Session:
    """One call or chat, as stored in its row."""

    id: int
    uuid: str
    channel: str
    """`call` or `chat`; also the adapter that shows it."""
    type: str
    """`messaging_web`: a key of `host.wire.session_types`."""
    status: str
    fail_reason: str
    disconnected_by: str | None
    """`end_user`, `agent`, `virtual_agent`, `system`."""
    lang: str
    queue_id: int | None
    end_user_id: int
    agent_id: int | None
    """The agent who has it, or had it last."""
    kept_for: int | None
    """The agent whom it is kept for while they are at work."""
    offered_to: int | None
    offer_ends_at: datetime | None
    account_id: CrmId | None
    record_id: CrmId | None
    crm_key: str | None
    """The CRM of these ids, see `host.crm.session_facts.crm_identity`."""
    custom_data: Mapping[str, Any]
    details: Mapping[str, Any]
    request_hash: str | None
    """Hash of the request that started it, if that had an idempotency key."""
    created_at: datetime
    scheduled_at: datetime | None
    """Calls only: when it is to be queued."""
    queued_at: datetime | None
    assigned_at: datetime | None
    connected_at: datetime | None
    ends_at: datetime | None
    updated_at: datetime

    @property
    def has_ended(self) -> bool:
        """Whether nothing more can happen to it."""
        return self.ends_at is not None

    @property
    def is_verified(self) -> bool:
        """Whether the company's own system has said who the consumer is."""
        return bool(self.details.get("is_verified"))

    @property
    def crm_id_key(self) -> str:
        """The key of its id in events: `chat_id` or `call_id`."""
        return f"{self.channel}_id"


@dataclass(frozen=True)
class EndUser:
    """A consumer: the person who calls or writes."""

    id: int
    identifier: str | None
    name: str | None
    email: str | None
    phone: str | None
    lang: str | None

    @property
    def label(self) -> str:
        """The name that agents see; never empty."""
        return self.name or self.email or self.phone or self.identifier or "Anonymous"
