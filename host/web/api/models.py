"""Models of the request bodies of the platform API."""

import re
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StrictBool,
    StrictInt,
    WithJsonSchema,
)
from pydantic.fields import FieldInfo

from host.addresses import email, shortened
from host.gate import characters, times, writing
from host.schema import Section
from host.sessions import messages, smart_actions
from host.sessions.before_agents import VoicemailStatus
from host.sessions.calls import FAIL_REASONS
from host.sessions.custom_data import SCHEMA as CUSTOM_DATA
from host.sessions.model import CrmId
from host.wire.session_types import SESSION_TYPES, keys

MOST_BYTES = 16 * 1024
"""Of each map that is passed on; events contain them, and listeners accept 64 KiB."""

_LANG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_AN_ID = Annotated[str, Field(min_length=1, max_length=200)] | int
A_TIME = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]


def _plain(text: str) -> str:
    if characters.problem(text) or not characters.is_line(text):
        raise ValueError(f"found {shortened(text)}; allowed: a text without control characters and line breaks")
    return text


def _lang(text: str) -> str:
    if not _LANG.fullmatch(text):
        raise ValueError(f"found {shortened(text)}; allowed: a BCP 47 tag such as en or pt-BR")
    return text


def _crm_id(value: object) -> CrmId:
    is_text = isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable()
    if is_text or (isinstance(value, int) and not isinstance(value, bool)):
        return value  # type: ignore[return-value] # one of the two
    shown = shortened(value) if isinstance(value, str) else repr(value)
    raise ValueError(f"found {shortened(shown)}; allowed: an id: a text or a whole number")


def _time(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError(f"found {value!r}; allowed: a time such as 2026-05-01T10:00:00+00:00")  # noqa: TRY004 - Pydantic's
    return value


def _calls_only(value: object) -> None:
    if value is not None:
        raise ValueError("belongs to calls; leave it out of a chat")


def _small(found: dict[str, Any]) -> dict[str, Any]:
    size = len(writing.text(found).encode())
    if size > MOST_BYTES:
        raise ValueError(f"is {size} bytes long; at most {MOST_BYTES} fit")
    return found


def _described(**keywords: object) -> FieldInfo:
    """Add to the description what a check of ours refuses."""
    found: FieldInfo = Field(json_schema_extra={**keywords})  # type: ignore[dict-item] # JSON values, as given
    return found


CallsOnly: TypeAlias = Annotated[None, PlainValidator(_calls_only)]
Line: TypeAlias = Annotated[str, AfterValidator(_plain), _described(pattern=r"^[^\u0000-\u001f\u007f]*$")]
Lang: TypeAlias = Annotated[str, Field(max_length=35), AfterValidator(_lang), _described(pattern=f"^{_LANG.pattern}$")]
GivenCrmId: TypeAlias = Annotated[CrmId, PlainValidator(_crm_id, json_schema_input_type=_AN_ID)]
Moment: TypeAlias = Annotated[AwareDatetime, AfterValidator(times.usable)]
Time: TypeAlias = Annotated[Moment, BeforeValidator(_time, json_schema_input_type=A_TIME)]
Map: TypeAlias = Annotated[dict[str, Any], AfterValidator(_small)]
Headers: TypeAlias = Annotated[dict[str, str], AfterValidator(_small)]
Email: TypeAlias = Annotated[
    str, Field(max_length=320), AfterValidator(email), _described(pattern=r"^[^@\s]+@[^@\s]+$")
]
EndedBy: TypeAlias = Literal["end_user", "agent", "virtual_agent", "system"]
FailReason: TypeAlias = Literal[FAIL_REASONS]  # type: ignore[valid-type]
CallType: TypeAlias = Literal[keys(kind for kind in SESSION_TYPES if kind.is_call)]  # type: ignore[valid-type]
ChatType: TypeAlias = Literal[keys(kind for kind in SESSION_TYPES if not kind.is_call)]  # type: ignore[valid-type]


class EndUserBody(Section):
    """The end user who calls or writes."""

    identifier: Annotated[Line, Field(max_length=320)] | None = None
    name: Annotated[Line, Field(max_length=300)] | None = None
    email: Email | None = None
    phone: Annotated[Line, Field(max_length=64)] | None = None


class CampaignBody(Section):
    """The campaign that dials."""

    id: GivenCrmId | None = None
    name: Annotated[Line, Field(max_length=300)] | None = None


class VerifiedBody(EndUserBody):
    """Who the consumer of a running session is."""

    identifier: Annotated[Line, Field(min_length=1, max_length=320)]


class SurveyAnswer(Section):
    """One question of the survey, with the consumer's answer."""

    question: Annotated[Line, Field(min_length=1, max_length=500)]
    answer: Annotated[str, Field(max_length=2_000)]


class RatingBody(Section):
    """What the consumer says about the session; at least one of the three."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    rating: Annotated[StrictInt, Field(ge=1, le=5)] | None = None
    feedback: Annotated[str, Field(max_length=5_000)] | None = None
    survey: Annotated[tuple[SurveyAnswer, ...], Field(max_length=50)] = ()


class SmartActionBody(Section):
    """A report about a smart action."""

    id: Annotated[Line, Field(min_length=1, max_length=200)]
    """The gateway's; a later report about the same has the same id."""
    type: Literal[smart_actions.TYPES]  # type: ignore[valid-type]
    status: Literal[smart_actions.STATUSES]  # type: ignore[valid-type]
    value: Annotated[str, Field(max_length=5_000)] | None = None


class NewSessionBody(Section):
    """A request for a new call or chat; all fields are optional."""

    queue: Annotated[str, Field(min_length=1)] | None = None
    """`Developers / James`."""
    menu_id: StrictInt | None = None
    lang: Lang | None = None
    end_user: EndUserBody | None = None
    outbound_number: Annotated[Line, Field(max_length=64)] | None = None
    support_number: Annotated[Line, Field(max_length=64)] | None = None
    custom_data: Annotated[Any, WithJsonSchema(CUSTOM_DATA)] = None
    """Unsigned. A text is read as JSON."""
    custom_data_jwt: str | None = None
    campaign: CampaignBody | None = None
    custom_sip_headers: Headers | None = None
    va_data_parameters: Map | None = None
    session_variable: Map | None = None
    device_type: Literal["iOS", "Android", "Web", "Phone"] | None = None
    agent_email: str | None = None
    """The agent who dials, for outbound calls."""
    ticket_id: GivenCrmId | None = None
    """An existing record of the CRM."""


class NewCallBody(NewSessionBody):
    """`POST /calls`."""

    call_type: CallType = "voice_inbound_api"
    scheduled_at: Time | None = None
    in_menu: StrictBool = False
    """Whether the caller has to choose a queue first: `POST /calls/:id/queue`."""


class NewChatBody(NewSessionBody):
    """`POST /chats`; events of chats don't have the fields of calls."""

    campaign: CallsOnly = None
    custom_sip_headers: CallsOnly = None
    chat_type: ChatType = "messaging_web"


class MessageBody(Section):
    """`POST /chats/:id/message`."""

    text: Annotated[str, _described(pattern=r"\S", maxLength=messages.MAX_LENGTH)]
    from_: Literal["end_user"] = Field(default="end_user", alias="from")


class AddPartyBody(Section):
    """`POST /calls/:id/add_party`: one of the two."""

    agent_email: Annotated[str, Field(min_length=1, max_length=320)] | None = None
    phone: Annotated[Line, Field(min_length=1, max_length=64)] | None = None


class VirtualAgentBody(Section):
    """`POST /calls/:id/virtual_agent`."""

    id: GivenCrmId
    name: Annotated[Line, Field(min_length=1, max_length=300)]
    type: Literal["task_virtual_agent", "virtual_agent"] = "task_virtual_agent"
    conversation_id: Annotated[Line, Field(max_length=200)] | None = None
    session_id: Annotated[Line, Field(max_length=200)] | None = None
    """Of the virtual agent's own system."""
    data_parameters: Map | None = None


class EndBody(Section):
    """`POST /calls/:id/end`, `POST /chats/:id/end`."""

    by: EndedBy = "end_user"


class CallEndBody(EndBody):
    """`POST /calls/:id/end`."""

    fail_reason: FailReason | None = None
    """Why the call was never connected; null: as its status says."""
    fail_details: Annotated[Line, Field(min_length=1, max_length=300)] | None = None
    """The same in the gateway's own words."""


class QueueBody(Section):
    """`POST /calls/:id/queue`: one of the two, or both if they mean the same queue."""

    queue: Annotated[str, Field(min_length=1)] | None = None
    """`Developers / James`."""
    menu_id: StrictInt | None = None


class VoicemailBody(Section):
    """`POST /calls/:id/voicemail`."""

    status: VoicemailStatus
