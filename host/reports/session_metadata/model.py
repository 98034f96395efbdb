"""The model of the metadata document, with its keys in order; unknown values are null, unknown lists empty.

Source: docs/reference/files.md, Session metadata.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from host.reports.session_metadata.model_lists import (
    ConsumerEvent,
    DeflectionDetail,
    Photo,
    Recording,
    SurveyAnswer,
    Video,
)
from host.reports.session_metadata.model_parts import (
    AgentInfo,
    CallConsumer,
    CallConsumerHandling,
    CallHandling,
    CallParticipant,
    CallTransfer,
    CallVirtualAgentHandling,
    ChatConsumer,
    ChatConsumerHandling,
    ChatHandling,
    ChatParticipant,
    ChatTransfer,
    ChatVirtualAgentHandling,
    ConsumerHandling,
    Disposition,
    Handling,
    Instant,
    MenuPath,
    OfferEvent,
    Part,
    Participant,
    QueueStay,
    SmartAction,
    Transfer,
    VirtualAgentHandling,
    VirtualAgentInfo,
)
from host.sessions.model import CrmId


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


class Diagnostics(Part):
    """How well the session went, technically."""

    browser: str | None = None
    """The consumer's: `Firefox on Windows`; null: they use none, or a gateway started the session."""
    connection_quality: str | None = None
    """Null: Patchbay doesn't carry the audio of this session."""
    reconnects: int | None = None
    """How often the consumer's page came back after its connection was lost; null: there is no such page."""
    crm_errors: int = 0
    """How often a step in the CRM has failed."""


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
    """What the gateway said about it, or the adapter of the participant who failed last."""
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
    agent_info: AgentInfo | VirtualAgentInfo | None
    campaign_id: CrmId | None
    campaign_name: str | None
    participants: Sequence[Participant] = ()
    transfers: Sequence[Transfer] = ()
    escalations: Sequence[Transfer] = ()
    handle_durations: Sequence[Handling] = ()
    queue_durations: Sequence[QueueStay] = ()
    virtual_agent_handle_durations: Sequence[VirtualAgentHandling] = ()
    consumer_handle_durations: Sequence[ConsumerHandling] = ()
    consumer_event_durations: Sequence[ConsumerEvent] = ()
    offer_events: Sequence[OfferEvent] = ()
    deflection_details: Sequence[DeflectionDetail] = ()
    recordings: Sequence[Recording] = ()
    photos: Sequence[Photo] = ()
    videos: Sequence[Video] = ()
    smart_actions: Sequence[SmartAction] = ()
    deflection: str | None = None
    """`after_hours`, `over_capacity`."""
    dispositions: Sequence[Disposition] = ()
    custom_data: dict[str, Any]
    survey: Sequence[SurveyAnswer] = ()
    diagnostics: Diagnostics = Diagnostics()


class CallMetadata(SessionMetadata):
    """A call's document."""

    uuid: str = Field(alias="call_uuid")
    type: str = Field(alias="call_type")
    duration: int | None = Field(alias="call_duration")
    participants: Sequence[CallConsumer | CallParticipant] = ()
    transfers: Sequence[CallTransfer] = ()
    escalations: Sequence[CallTransfer] = ()
    handle_durations: Sequence[CallHandling] = ()
    virtual_agent_handle_durations: Sequence[CallVirtualAgentHandling] = ()
    consumer_handle_durations: Sequence[CallConsumerHandling] = ()


class ChatMetadata(SessionMetadata):
    """A chat's document."""

    uuid: str = Field(alias="chat_uuid")
    type: str = Field(alias="chat_type")
    duration: int | None = Field(alias="chat_duration")
    participants: Sequence[ChatConsumer | ChatParticipant] = ()
    transfers: Sequence[ChatTransfer] = ()
    escalations: Sequence[ChatTransfer] = ()
    handle_durations: Sequence[ChatHandling] = ()
    virtual_agent_handle_durations: Sequence[ChatVirtualAgentHandling] = ()
    consumer_handle_durations: Sequence[ChatConsumerHandling] = ()
    message_count: int
    average_response_time: int | None = None
    longest_response_time: int | None = None
    first_msg_sent_at: Instant | None
    last_msg_sent_at: Instant | None
    transcript: str | None = None
    """The file's name."""
