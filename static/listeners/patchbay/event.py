"""An event as handlers get it."""

TYPE_CHECKING = False  # MicroPython has no typing; checkers take this name as true
if TYPE_CHECKING:
    from typing import Any


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
        parts = [
            f"{kind} {self.data[key]}" for kind, key in (("call", "call_id"), ("chat", "chat_id")) if key in self.data
        ]
        parts += [str(self.data[key]) for key in ("queue_path", "message", "recordUrl") if key in self.data]
        if not parts and "agent_email" in self.data:
            parts = [str(self.data["agent_email"])]
        return f"{self.type}: {', '.join(parts)}" if parts else self.type
