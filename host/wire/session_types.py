"""The table of session types, and their names in the API, events, metadata and lookup URLs.

Source: docs/reference/sessions.md, Session types.
"""

TYPE_CHECKING = False  # MicroPython has no typing; checkers take this name as true
if TYPE_CHECKING:
    from collections.abc import Iterable

SUFFIX = " (ujet)"


class SessionType:
    """One type of session.

    Args:
        key: `messaging_web`: `call_type` or `chat_type` in requests.
        name: `session_type` in events and metadata.
        name_v2: `session_type_v2` in metadata.
        lookup: `{TYPE}` in lookup URLs.
        lookup_url: The lookup URL that serves it: `phone` or `sdk`.
    """

    def __init__(self, key: str, name: str, name_v2: str, lookup: str, lookup_url: str) -> None:
        self.key = key
        self.name = name
        self.name_v2 = name_v2
        self.lookup = lookup
        self.lookup_url = lookup_url

    @property
    def is_call(self) -> bool:
        """Whether it is a call, not a chat."""
        return self.key.startswith("voice_")

    @property
    def is_outbound(self) -> bool:
        """Whether our side starts it: an agent or a campaign."""
        return "_outbound" in self.key or self.key == "voice_campaign"

    @property
    def channel(self) -> str:
        """`{CHANNEL}`: `voice_call` or `chat`."""
        return "voice_call" if self.is_call else "chat"


def voice(key: str, name: str, lookup: str, lookup_url: str) -> SessionType:
    """Return a type of call whose two names are the same."""
    return SessionType(key, name, name, lookup, lookup_url)


SESSION_TYPES = (
    SessionType("voice_inbound_ivr", "Voice Inbound (IVR)", "Voice Inbound", "IVR_Call", "phone"),
    voice("voice_inbound_ivr_mobile", "Voice Inbound (IVR via Mobile)", "IVR_Call_(app)", "phone"),
    voice("voice_inbound_mobile", "Voice Inbound (Mobile)", "Incoming_Call_(app)", "sdk"),
    voice("voice_callback_web", "Voice Callback (Web)", "Incoming_Call_(web)", "sdk"),
    voice("voice_inbound_api", "Voice Inbound (API)", "Incoming_Call_(api)", "phone"),
    voice("voice_scheduled_mobile", "Voice Scheduled (Mobile)", "Scheduled_Call_(app)", "sdk"),
    voice("voice_scheduled_web", "Voice Scheduled (Web)", "Scheduled_Call_(web)", "sdk"),
    voice("voice_outbound", "Voice Outbound", "Outbound_Call", "phone"),
    voice("voice_outbound_api", "Voice Outbound (API)", "Outbound_Call_(api)", "phone"),
    voice("voice_campaign", "Voice Campaign", "Outbound_Call", "phone"),
    SessionType("messaging_whatsapp", "Messaging (WhatsApp)", "Messaging (Whatsapp)", "SMS", "phone"),
    SessionType("messaging_inbound_sms", "Messaging (SMS)", "Messaging Inbound (SMS)", "SMS", "phone"),
    SessionType("messaging_outbound_sms", "Messaging (SMS)", "Messaging Outbound (SMS)", "SMS", "phone"),
    SessionType("messaging_outbound_sms_api", "Messaging (SMS)", "Messaging Outbound (SMS via API)", "SMS", "phone"),
    SessionType("messaging_web", "Messaging Inbound (Web Chat)", "Messaging (Web)", "Web", "sdk"),
    SessionType("messaging_mobile", "Messaging Inbound (App Chat)", "Messaging (Mobile)", "Mobile", "sdk"),
)

BY_KEY = {kind.key: kind for kind in SESSION_TYPES}


def keys(kinds: "Iterable[SessionType]" = SESSION_TYPES) -> "tuple[str, ...]":
    """Return the keys of session types, in order."""
    return tuple(kind.key for kind in kinds)


def find(text: str) -> "SessionType | None":
    """Find a type by the `session_type` that another system wrote.

    Case and a trailing ` (UJET)` don't matter, and both names of a type are accepted. A name that several types share
    (`Messaging (SMS)`) means the first of them.

    Returns:
        None when no type has this name.
    """
    name = " ".join(text.lower().split())
    if name.endswith(SUFFIX):
        name = name[: -len(SUFFIX)]
    # Names of the second column are unique, so they come first.
    for kind in SESSION_TYPES:
        if name == kind.name_v2.lower():
            return kind
    for kind in SESSION_TYPES:
        if name == kind.name.lower():
            return kind
    return None
