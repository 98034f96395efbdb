"""Models of the answers of the platform API, as they are described; keys in their order."""

from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from host.reports.session_metadata.model import CallMetadata, ChatMetadata
from host.reports.session_metadata.model_parts import AgentInfo, Instant, MenuPath


class Part(BaseModel):
    """Base class of the parts of an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, use_attribute_docstrings=True)


class CallAnswer(CallMetadata):
    """A call: its metadata and the address of its recording."""

    recording_url: str | None


class ChatAnswer(ChatMetadata):
    """A chat: its metadata and the address of its recording."""

    recording_url: str | None


class Unshown(Part):
    """Stands in a list for a session that can't be shown."""

    id: int
    error: str
    """`unshowable`."""
    message: str


class MessageAnswer(Part):
    """A message of a chat."""

    id: int
    chat_id: int
    from_: Literal["end_user", "agent", "system"] = Field(alias="from")
    text: str
    at: Instant


class AgentAnswer(AgentInfo):
    """An agent."""

    status: str
    status_since: Instant | None
    roles: list[str]
    max_chats: int
    """The most chats at the same time."""
    menu_ids: list[int]
    """The queues whose sessions they are offered."""


class MenuAnswer(Part):
    """A queue."""

    id: int
    name: str
    parent_id: int | None
    lang: str
    """BCP 47."""
    menu_path: MenuPath
    agent_ids: list[int]
    """The agents who are offered its sessions."""


class OrganizationAnswer(Part):
    """The organization that runs this host."""

    name: str
    """The product name of the settings."""
    time_zone: str
    """`Europe/Berlin`."""
    languages: list[str]
    """Those of the queues, BCP 47."""
    public_url: str


Calls: TypeAlias = list[CallAnswer | Unshown]
Chats: TypeAlias = list[ChatAnswer | Unshown]
Call: TypeAlias = CallAnswer | Unshown
Chat: TypeAlias = ChatAnswer | Unshown
