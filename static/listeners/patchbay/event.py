"""The event that handlers get."""

TYPE_CHECKING = False  # MicroPython has no typing; checkers take this name as true
if TYPE_CHECKING:
    from typing import Any


IN_LINE = (("call_id", "call "), ("chat_id", "chat "), ("queue_path", ""), ("message", ""), ("recordUrl", ""))
"""Keys of the data in the event log's line, and the text before their values."""


class Event:
    """An event that an adapter posted.

    Args:
        type: `New_Chat`; one of `host.wire.events.EVENTS`.
        data: The event's values: `{"chat_id": 73522, "session_type": "Messaging (Web)", ...}`.
        meta: `id`, `seq`, `at`, `replayed`, `v`; empty when another tenant's adapter posted it.
        text: The whole message as JSON, with its keys in the sender's order.
    """

    def __init__(self, type: str, data: "dict[str, Any]", meta: "dict[str, Any]", text: str = "") -> None:
        self.type = type
        self.data = data
        self.meta = meta
        self.text = text

    @property
    def replayed(self) -> bool:
        """Whether it is sent again to rebuild the page; handlers must not ring, notify or write again."""
        return self.meta.get("replayed") is True

    @property
    def line(self) -> str:
        """The line in the event log: `New_Chat: chat 73522, Developers / James`."""
        data = self.data
        parts = ""
        for key, before in IN_LINE:  # there are many events and the interpreter is slow, so no lists
            if key in data:
                parts += f"{', ' if parts else ''}{before}{data[key]}"
        parts = parts or str(data.get("agent_email", ""))
        return f"{self.type}: {parts}" if parts else self.type
