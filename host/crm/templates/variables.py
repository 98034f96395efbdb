"""The values of the variables in one session.

`Context` holds plain facts; `Variables` formats them for a CRM.

Source: docs/reference/generic-api.md, Variables; docs/reference/lookup-links.md, Custom lookup URL.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from host import phone
from host.crm.templates import record_texts
from host.crm.templates.references import Reference
from host.crm.templates.template import Values, parse
from host.errors import TemplateError
from host.sessions.model import CrmId

_CHANNELS = {"call": "voice_call", "chat": "chat"}
_SOURCES = {"call": "PHONE", "chat": "CHAT"}
NO_LAST_NAME = "--"


@dataclass(frozen=True)
class SessionFile:
    """A file that goes to the CRM."""

    name: str
    """`call-103646.mp3`."""
    type: str
    """`audio/mpeg`."""
    kind: str
    """`call_recordings`."""
    size_bytes: int
    read: Callable[[], bytes]
    """Called only when the content is needed."""


@dataclass(frozen=True)
class Context:
    """The facts of one session at one time; None or empty where a fact is not known."""

    session_id: int
    """0: no session; a page sends the request."""
    channel: Literal["call", "chat"]
    now: datetime
    session_type: str = ""
    """`session_type_v2`: `Messaging (Web)`."""
    lookup_type: str = ""
    """`{TYPE}`: `IVR_Call`."""
    is_mobile: bool = False
    """Whether the session came from a mobile app; then the identifier may be taken from the e-mail."""
    status: str = ""
    event: str = ""
    lang: str = ""
    direction: Literal["incoming", "outgoing"] = "incoming"
    device_type: str = ""
    disconnected_by: str = ""
    """Without a prefix: `end_user`."""
    support_number: str = ""
    outbound_number: str = ""

    end_user_id: int | None = None
    identifier: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    """As received; `Variables` writes it in the set format."""

    agent_id: int | None = None
    agent_number: str = ""
    agent_email: str = ""

    queue_id: int | None = None
    queue_path: Sequence[str] = ()
    """`("Developers", "James")`."""

    account_id: CrmId | None = None
    record_id: CrmId | None = None

    wait: timedelta | None = None
    hold: timedelta | None = None
    duration: timedelta | None = None
    after_call_work: timedelta | None = None
    rating: int | None = None
    feedback: str = ""

    smart_action_session_id: str = ""
    smart_action_verification: str = ""
    smart_action_text: str = ""
    is_verified: bool = False
    """Whether the company's own system has identified the end user; their own word doesn't count."""

    custom_data: Mapping[str, Any] = field(default_factory=dict)
    """Key to `{"label", "value", ...}`, or to the value itself."""
    saved: Mapping[str, Any] = field(default_factory=dict)
    """Values kept from earlier answers, by name."""
    comment_body: str = ""
    file: SessionFile | None = None
    attachment_id: CrmId | None = None
    marker: str | None = None
    """The create-once marker; set for a create, comment, update or upload, and for a find that searches by it."""
    base_url: str = ""
    """The API's address from the token answer."""

    subject: str = ""
    """As a person wrote it; empty: from the template."""
    description: str = ""
    """As a person wrote it; empty: from the template."""
    product_name: str = "Patchbay"
    subject_template: str = ""
    description_template: str = ""

    def with_ids(self, **ids: CrmId | None) -> "Context":
        """Return the same facts with another `account_id` or `record_id`."""
        return replace(self, **ids)  # type: ignore[arg-type]


class Variables:
    """The values of one session's variables."""

    def __init__(
        self, context: Context, *, phone_format: str = "e164", region: str = "US", for_find: bool = False
    ) -> None:
        """Choose how the values are written.

        Args:
            context: The facts.
            phone_format: One of `PhoneFormat`, or `last_digits:7`.
            region: The region of numbers without a country code: `US`.
            for_find: Whether the CRM is searched; the format `automatic` differs for searches.
        """
        self.context = context
        self.phone_format = phone_format
        self.region = region
        self.for_find = for_find

    def __call__(self, reference: Reference) -> Any:
        """Return the value of a variable, None when it has none.

        Raises:
            TemplateError: No such variable.
        """
        try:
            value = _VALUES[reference.name](self, reference)
        except KeyError as error:
            raise TemplateError(f"unknown variable {reference}") from error
        return None if value == "" else value

    def with_context(self, **changes: Any) -> "Variables":
        """Return the same with changed facts."""
        return self._with(replace(self.context, **changes), self.phone_format)

    def with_phone_format(self, phone_format: str) -> "Variables":
        """Return the same facts with numbers written in another format."""
        return self._with(self.context, phone_format)

    def format_phone(self, number: str) -> str:
        """Write a number in the set format."""
        return phone.written(number, self.phone_format, self.region, search=self.for_find) if number else ""

    @property
    def identifier(self) -> str:
        """The given identifier; for mobile sessions without one the local part of the e-mail."""
        context = self.context
        return context.identifier or (context.email.partition("@")[0] if context.is_mobile else "")

    def subject(self) -> str:
        """Write the record's title."""
        if self.context.subject:
            return self.context.subject
        template = self.context.subject_template or f"{{SESSION_TYPE}} via {self.context.product_name}"
        return str(parse(template).fill(self._for_texts()).value or "")

    def description(self) -> str:
        """Write the record's description: by the admin's template, else the known facts in lines."""
        if self.context.description:
            return self.context.description
        if template := self.context.description_template:
            return str(parse(template).fill(self._for_texts()).value or "")
        return record_texts.plain(self._for_texts())

    def _for_texts(self) -> Values:
        """Return the values for subject and description, in which these two variables themselves are empty."""
        own = Variables(self.context, phone_format=self.phone_format, region=self.region)
        return lambda reference: None if reference.name.startswith("TICKET_") else own(reference)

    def _with(self, context: Context, phone_format: str) -> "Variables":
        return Variables(context, phone_format=phone_format, region=self.region, for_find=self.for_find)


def mmss(duration: timedelta | None) -> str | None:
    """Write a duration as `mm:ss`; minutes may exceed 59."""
    if duration is None:
        return None
    minutes, seconds = divmod(max(0, int(duration.total_seconds())), 60)
    return f"{minutes:02d}:{seconds:02d}"


def _first_name(name: str) -> str:
    return name.split(maxsplit=1)[0] if name.split() else ""


def _last_name(name: str) -> str:
    words = name.split()
    return (" ".join(words[1:]) or NO_LAST_NAME) if words else ""


def _custom_value(custom_data: Mapping[str, Any], key: str | None) -> Any:
    entry = custom_data.get(key or "")
    return entry.get("value") if isinstance(entry, Mapping) else entry


def _base64(file: SessionFile | None) -> str | None:
    return None if file is None else base64.b64encode(file.read()).decode("ascii")


def _data_uri(file: SessionFile | None) -> str | None:
    return None if file is None else f"data:{file.type};base64,{_base64(file)}"


def _from_file(attribute: str) -> Callable[[Variables, Reference], Any]:
    return lambda own, _: getattr(own.context.file, attribute, None)


def _fact(attribute: str) -> Callable[[Variables, Reference], Any]:
    return lambda own, _: getattr(own.context, attribute)


def _number(attribute: str) -> Callable[[Variables, Reference], Any]:
    return lambda own, _: own.format_phone(getattr(own.context, attribute))


def _duration(attribute: str) -> Callable[[Variables, Reference], Any]:
    return lambda own, _: mmss(getattr(own.context, attribute))


def _session_id_of(channel: str) -> Callable[[Variables, Reference], Any]:
    return lambda own, _: (own.context.session_id or None) if own.context.channel == channel else None


_VALUES: dict[str, Callable[[Variables, Reference], Any]] = {
    "AGENT_ID": _fact("agent_id"),
    "AGENT_CUSTOM_ID": _fact("agent_number"),
    "AGENT_EMAIL": _fact("agent_email"),
    "NAME": _fact("name"),
    "FIRST_NAME": lambda own, _: _first_name(own.context.name),
    "LAST_NAME": lambda own, _: _last_name(own.context.name),
    "CCAIP_ID": _fact("end_user_id"),
    "EMAIL": _fact("email"),
    "SESSION_TYPE": _fact("session_type"),
    "PHONE_NUMBER": _number("phone"),
    "CALL_ID": _session_id_of("call"),
    "CHAT_ID": _session_id_of("chat"),
    "LANG": _fact("lang"),
    "CUSTOM_USER_ID": lambda own, _: own.identifier,
    "ACCOUNT_ID": _fact("account_id"),
    "RECORD_ID": _fact("record_id"),
    "SESSION_ID": lambda own, _: own.context.session_id or None,
    "MENU_PATH": lambda own, _: "/".join(own.context.queue_path),
    "OUTBOUND_PHONE_NUMBER": _number("outbound_number"),
    "QUEUE_NAME": lambda own, _: own.context.queue_path[-1] if own.context.queue_path else None,
    "QUEUE_ID": _fact("queue_id"),
    "SMART_ACTION_SESSION_ID": _fact("smart_action_session_id"),
    "RATING": _fact("rating"),
    "FEEDBACK": _fact("feedback"),
    "CALL_DURATION": _duration("duration"),
    "HOLD_TIME": _duration("hold"),
    "WAIT_TIME": _duration("wait"),
    "DEVICE_TYPE": _fact("device_type"),
    "DISCONNECTED_BY": _fact("disconnected_by"),
    "CHANNEL": lambda own, _: _CHANNELS[own.context.channel],
    "TICKET_SUBJECT": lambda own, _: own.subject(),
    "TICKET_DESCRIPTION": lambda own, _: own.description(),
    "TICKET_DESCRIPTION_HTML": lambda own, _: record_texts.as_html(own.description()),
    "COMMENT_BODY": _fact("comment_body"),
    "FILE_DATA": lambda own, _: _base64(own.context.file),
    "ATTACHMENT_ID": _fact("attachment_id"),
    "ACW_DURATION": _duration("after_call_work"),
    "SMART_ACTION_VERIFICATION": _fact("smart_action_verification"),
    "SMART_ACTION_TEXT": _fact("smart_action_text"),
    "VERIFIED": lambda own, _: "yes" if own.context.is_verified else "no",
    "SOURCE_TYPE": lambda own, _: _SOURCES[own.context.channel],
    "DIRECTION": _fact("direction"),
    "STATUS": _fact("status"),
    "EVENT": _fact("event"),
    "NOW": lambda own, _: own.context.now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    "NOW_MS": lambda own, _: round(own.context.now.timestamp() * 1000),
    "FILE_NAME": _from_file("name"),
    "FILE_TYPE": _from_file("type"),
    "FILE_SIZE": _from_file("size_bytes"),
    "FILE_KIND": _from_file("kind"),
    "FILE_DATA_URI": lambda own, _: _data_uri(own.context.file),
    "PHONE_LAST_DIGITS": lambda own, reference: phone.last_digits(own.context.phone, int(reference.argument or 0)),
    "CUSTOM_DATA": lambda own, reference: _custom_value(own.context.custom_data, reference.key),
    "SAVED": lambda own, reference: own.context.saved.get(reference.key or ""),
    "MARKER": _fact("marker"),
    "BASE_URL": _fact("base_url"),
    "ANI": _number("phone"),
    "CUID": lambda own, _: own.identifier,
    "MENU_ID": _fact("queue_id"),
    "TYPE": _fact("lookup_type"),
    "CUSTOMER_PHONE_NUMBER": _number("phone"),
    "SUPPORT_PHONE_NUMBER": _fact("support_number"),
    "OUTBOUND_NUMBER": _number("outbound_number"),
    "CUSTOM_AGENT_ID": _fact("agent_number"),
}
