"""The models of the lists in the metadata document: participants, transfers, durations, offers, dispositions.

Calls and chats differ in the names of two keys: `call_duration` and `ended_at` of a call's participant are
`chat_duration` and `finished_at` of a chat's.

Source: docs/reference/files.md, Lists in the metadata.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


_ISO_SCHEMA = {"type": "string", "format": "date-time"}
Instant = Annotated[
    datetime,
    PlainSerializer(_iso, return_type=Annotated[str, WithJsonSchema(_ISO_SCHEMA)], when_used="json-unless-none"),
]
"""`2026-05-01T10:00:12.000+00:00`."""
ServiceLevel = Literal["in_sl", "not_in_sl", "abandoned"]
OfferResult = Literal["accepted", "declined", "missed", "unseen", "unresponsive", "canceled"]


class Part(BaseModel):
    """Base class of the parts of a document."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,  # it is personal data, and errors are logged
        json_schema_serialization_defaults_required=True,  # a key is there even when it has its default
        populate_by_name=True,
        use_attribute_docstrings=True,
    )


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


class VirtualAgentInfo(Part):
    """A virtual agent."""

    id: str | None
    name: str | None
    avatar_url: str | None = None
    va_alias: str | None = None


class Participant(Part):
    """One who takes part, or was asked to."""

    id: int
    type: str
    person_id: int | None = Field(alias="user_id")
    phone_number: str | None
    status: str
    connected_at: Instant | None
    ended_at: Instant | None
    duration: int | None
    hold_duration: int | None
    fail_reason: str
    adapter_fail_code: str | None
    adapter_fail_message: str | None


class CallParticipant(Participant):
    """A participant of a call."""

    duration: int | None = Field(alias="call_duration")


class CallConsumer(CallParticipant):
    """The consumer of a call."""

    person_id: int | None = Field(alias="end_user_id")


class ChatParticipant(Participant):
    """A participant of a chat."""

    ended_at: Instant | None = Field(alias="finished_at")
    duration: int | None = Field(alias="chat_duration")


class ChatConsumer(ChatParticipant):
    """The consumer of a chat."""

    person_id: int | None = Field(alias="end_user_id")


class Transfer(Part):
    """A transfer to an agent or a queue; an escalation from a virtual agent has the same keys."""

    id: int
    created_at: Instant
    assigned_at: Instant | None
    connected_at: Instant | None
    status: str
    fail_reason: str
    from_agent: AgentInfo | None
    to_agent: AgentInfo | None
    from_virtual_agent: VirtualAgentInfo | None = None
    to_virtual_agent: VirtualAgentInfo | None = None
    from_menu_path: MenuPath | None
    to_menu_path: MenuPath | None
    wait_duration: int
    duration: int | None


class CallTransfer(Transfer):
    """A transfer of a call."""

    duration: int | None = Field(alias="call_duration")


class ChatTransfer(Transfer):
    """A transfer of a chat."""

    duration: int | None = Field(alias="chat_duration")


class Handling(Part):
    """One agent's part of a session."""

    id: int
    agent_id: int | None
    started_at: Instant
    ended_at: Instant | None
    duration: int
    hold_duration: int | None
    acw_duration: int | None
    """After-call work: the wrap-up; null: there is none, or it goes on."""
    bcw_duration: int
    """Before-call work: from taking the session until consumer and agent are connected."""
    transfer: int | None
    """The id of the transfer that led to this agent."""


class CallHandling(Handling):
    """An agent's part of a call."""

    duration: int = Field(alias="call_duration")


class ChatHandling(Handling):
    """An agent's part of a chat."""

    duration: int = Field(alias="chat_duration")


class QueueStay(Part):
    """One wait in a queue."""

    id: int
    menu_path: MenuPath | None
    lang: str
    started_at: Instant
    ended_at: Instant | None
    queue_duration: int
    service_level_event: ServiceLevel | None
    """Null: it still waits, was deflected or left a voicemail."""
    agent_id: int | None
    transfer: int | None
    """The id of the transfer that led into the queue."""


class ConsumerHandling(Part):
    """The consumer's part of a session."""

    id: int
    started_at: Instant
    ended_at: Instant | None
    duration: int
    hold_duration: int | None


class CallConsumerHandling(ConsumerHandling):
    """The consumer's part of a call."""

    duration: int = Field(alias="call_duration")


class ChatConsumerHandling(ConsumerHandling):
    """The consumer's part of a chat."""

    duration: int = Field(alias="chat_duration")


class VirtualAgentHandling(Part):
    """A virtual agent's part of a session."""

    id: int
    virtual_agent: VirtualAgentInfo
    started_at: Instant
    ended_at: Instant | None
    duration: int


class CallVirtualAgentHandling(VirtualAgentHandling):
    """A virtual agent's part of a call."""

    duration: int = Field(alias="call_duration")


class ChatVirtualAgentHandling(VirtualAgentHandling):
    """A virtual agent's part of a chat."""

    duration: int = Field(alias="chat_duration")


class OfferEvent(Part):
    """One offer of the session to an agent, or one invitation."""

    agent_id: int | None
    at: Instant
    ended_at: Instant | None
    result: OfferResult | None
    """Null: it still rings."""


class Disposition(Part):
    """What an agent noted in their wrap-up."""

    code: str | None
    name: str | None
    note: str | None
    agent_id: int
    at: Instant


class SmartAction(Part):
    """Something that the consumer was asked for: to verify who they are, to type a text."""

    id: str
    type: str
    status: str
    value: str | None
