"""The table of adapter events: types, keys and descriptions, for server, browser, tests and docs.

Types and keys are spelled as other systems know them.

Source: docs/reference/events.md, Types.
"""

TYPE_CHECKING = False  # MicroPython has no typing; checkers take this name as true
if TYPE_CHECKING:
    from collections.abc import Iterable

AGENT = ("agent_id", "agent_email")
CUSTOM_ID = ("agent_custom_id",)
QUEUE = ("queue_id", "queue_path")
CAMPAIGN = ("campaign_id", "campaign_name")
SESSION = ("call_id", "chat_id")
VIRTUAL_AGENT = ("va_data_parameters", "session_variable", "virtual_agent_id")
SIP = ("custom_sip_headers",)


class Event:
    """One type of event and its keys.

    Args:
        required: Keys that are always sent.
        optional: Keys that are left out when they have no value.
        either: Exactly one of these keys is sent, for a call or a chat.
        nulls: Optional keys that are sent as `null` instead of being left out.
        vital: Keys that a reader needs; another tenant's adapter may lack the others.
        says: One sentence for people.
    """

    def __init__(
        self,
        *,
        required: "Iterable[str]" = (),
        optional: "Iterable[str]" = (),
        either: "Iterable[str]" = (),
        nulls: "Iterable[str]" = (),
        vital: "Iterable[str]" = (),
        says: str,
    ) -> None:
        self.required = tuple(required)
        self.optional = tuple(optional)
        self.either = tuple(either)
        self.nulls = tuple(nulls)
        self.vital = tuple(vital)
        self.says = says

    @property
    def keys(self) -> "tuple[str, ...]":
        """Every key that the event may carry."""
        return self.required + self.either + self.optional


def call_event(says: str) -> Event:
    """Return an event about an agent's call."""
    return Event(
        required=("call_id", "session_type") + AGENT,
        optional=CUSTOM_ID + QUEUE + CAMPAIGN + VIRTUAL_AGENT + SIP,
        vital=("call_id",),
        says=says,
    )


def chat_event(says: str, *, also: "tuple[str, ...]" = (), nulls: "tuple[str, ...]" = ()) -> Event:
    """Return an event about an agent's chat."""
    return Event(
        required=("chat_id", "session_type") + AGENT + also,
        optional=CUSTOM_ID + QUEUE + VIRTUAL_AGENT,
        nulls=nulls,
        vital=("chat_id",) + also,
        says=says,
    )


EVENTS = {
    "Agent_Login": Event(
        required=AGENT,
        optional=CUSTOM_ID,
        vital=("agent_id",),
        says="An agent signed in.",
    ),
    "New_Call": call_event("An agent picked up a call."),
    "End_Call": call_event("A call has ended."),
    "New_Chat": chat_event("An agent picked up a chat."),
    "Active_Chat": chat_event("The agent switched to a chat's tab."),
    "Chat_Inbound_Message": chat_event("The consumer wrote.", also=("message",)),
    "Chat_Outbound_Message": chat_event("The agent wrote.", also=("message",)),
    "End_Chat": chat_event("A chat has ended.", nulls=QUEUE + CUSTOM_ID),
    "Dismissed_Chat": chat_event("A chat was dismissed."),
    "Transfer": Event(
        required=("session_type",),
        optional=("from_agent_id", "from_agent_custom_id", "from_agent_email")
        + ("to_agent_id", "to_agent_custom_id", "to_agent_email")
        + ("from_queue_id", "from_queue_path", "to_queue_id", "to_queue_path")
        + VIRTUAL_AGENT
        + SIP,
        either=SESSION,
        says="A session is being transferred.",
    ),
    "Add_Party": Event(
        required=("session_type", "participants") + AGENT,
        optional=CUSTOM_ID + VIRTUAL_AGENT + SIP,
        either=SESSION,
        says="A party joined.",
    ),
    "Agent_Connects_to_Session": Event(
        required=("session_type",) + AGENT,
        optional=CUSTOM_ID + QUEUE + VIRTUAL_AGENT + SIP,
        either=SESSION,
        says="An agent is connected to a session.",
    ),
    # Assumption: these are the keys that other tenants' adapters send; no document tells them.
    "Task_VA_Joined": Event(
        required=("session_type", "virtual_agent_id", "virtual_agent_name", "participant_id", "timestamp"),
        optional=CAMPAIGN
        + QUEUE
        + ("queue_language_id", "conversation_id", "session_id", "data_parameters")
        + ("va_data_parameters", "session_variable")
        + SIP,
        either=SESSION,
        says="A virtual task assistant joined.",
    ),
    "CRM_Record_Pop": Event(
        required=("recordUrl", "reason"),
        optional=("accountUrl", "account_id", "record_id"),
        either=SESSION,
        vital=("recordUrl",),
        says="A record is to be shown.",
    ),
}
