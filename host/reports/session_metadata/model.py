"""The model of the metadata document, with its keys in order; unknown values are null, unknown lists empty.

Source: docs/reference/files.md, Session metadata.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from host.sessions.model import CrmId


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


Instant = Annotated[datetime, PlainSerializer(_iso, return_type=str, when_used="json-unless-none")]
"""`2026-05-01T10:00:12.000+00:00`."""
Items: TypeAlias = list[dict[str, Any]]


class Part(BaseModel):
    """Base class of the parts of a document."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Consumer(Part):
    """The end user."""

    id: int
    identifier: str | None
    name: str | None
    email: str | None
    phone: str | None
    out_contact_id: CrmId | None
    """The account in the CRM."""


class Menu(Part):
    """A queue."""

    id: int
    name: str
    parent_id: int | None


class MenuPath(Part):
    """Where the queue stands in the tree."""

    name: str
    """`Developers / James`."""
    materialized_path: str
    """The ids from the top: `1/2`."""


class AgentInfo(Part):
    """A human agent."""

    id: int
    name: str
    first_name: str
    last_name: str
    email: str
    agent_number: str | None
    avatar_url: str | None = None


class Diagnostics(Part):
    """How well the session went, technically."""

    browser: str | None = None
    connection_quality: str | None = None
    reconnects: int | None = None
    crm_errors: int | None = None


class SessionMetadata(Part):
    """What calls and chats have in common; three keys are named after the channel."""

    id: int
    uuid: str
    lang: str
    type: str
    session_type: str
    session_type_v2: str
    status: str
    sub_status: str | None = None
    fail_reason: str
    fail_details: str | None = None
    disconnected_by: str | None
    """`disconnected_by_end_user`."""
    created_at: Instant
    queued_at: Instant | None
    assigned_at: Instant | None
    connected_at: Instant | None
    ends_at: Instant | None
    scheduled_at: Instant | None
    updated_at: Instant
    wait_duration: int | None
    """Seconds, as all durations."""
    duration: int | None
    hold_duration: int | None = None
    rating: int | None = None
    feedback: str | None = None
    verified: bool | None = None
    support_number: str | None
    outbound_number: str | None
    device_type: str | None
    answer_type: str | None = None
    end_user: Consumer
    out_ticket_id: CrmId | None
    """The record in the CRM."""
    out_ticket_url: str | None
    selected_menu: Menu | None
    menu_path: MenuPath | None
    agent_info: AgentInfo | None
    campaign_id: CrmId | None
    campaign_name: str | None
    participants: Items = []
    transfers: Items = []
    escalations: Items = []
    handle_durations: Items = []
    queue_durations: Items = []
    virtual_agent_handle_durations: Items = []
    consumer_handle_durations: Items = []
    consumer_event_durations: Items = []
    offer_events: Items = []
    deflection_details: Items = []
    recordings: Items = []
    photos: Items = []
    videos: Items = []
    smart_actions: Items = []
    deflection: str | None = None
    """`after_hours`, `over_capacity`."""
    dispositions: Items = []
    custom_data: dict[str, Any]
    survey: Items = []
    diagnostics: Diagnostics = Diagnostics()


class CallMetadata(SessionMetadata):
    """A call's document."""

    uuid: str = Field(alias="call_uuid")
    type: str = Field(alias="call_type")
    duration: int | None = Field(alias="call_duration")


class ChatMetadata(SessionMetadata):
    """A chat's document."""

    uuid: str = Field(alias="chat_uuid")
    type: str = Field(alias="chat_type")
    duration: int | None = Field(alias="chat_duration")
    message_count: int
    average_response_time: int | None = None
    longest_response_time: int | None = None
    first_msg_sent_at: Instant | None
    last_msg_sent_at: Instant | None
    transcript: str | None = None
    """The file's name."""
