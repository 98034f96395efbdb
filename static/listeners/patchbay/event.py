"""An event as handlers get it."""

TYPE_CHECKING = False  # MicroPython has no typing; checkers take this name as true
if TYPE_CHECKING:
    from typing import Any


IN_LINE = (("call_id", "call "), ("chat_id", "chat "), ("queue_path", ""), ("message", ""), ("recordUrl", ""))
"""Keys of the data that the event log's line says, and what stands before their values."""


class Event:
    """Something that an adapter posted.

    Args:
        type: `New_Chat`; one of `host.wire.events.EVENTS`.
        data: What the event carries: `{"chat_id": 73522, "session_type": "Messaging (Web)", ...}`.
        meta: `id`, `seq`, `at`, `replayed`, `v`; empty when another tenant's adapter posted it.
        text: The whole message as JSON, in the order of its sender.
    """

    def __init__(self, type: str, data: "dict[str, Any]", meta: "dict[str, Any]", text: str = "") -> None:
        self.type = type
        self.data = data
        self.meta = meta
        self.text = text

    @property
    def replayed(self) -> bool:
        """Whether it was sent before: it rebuilds what the page shows, and neither rings nor logs again."""
        return self.meta.get("replayed") is True

    @property
    def line(self) -> str:
        """What stands in the event log: `New_Chat: chat 73522, Developers / James`."""
        data = self.data
        parts = ""
        for key, before in IN_LINE:  # events are many and the interpreter is slow: no lists on the way
            if key in data:
                parts += f"{', ' if parts else ''}{before}{data[key]}"
        parts = parts or str(data.get("agent_email", ""))
        return f"{self.type}: {parts}" if parts else self.type
