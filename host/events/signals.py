"""Signals: what open pages are told at once and nothing stores, such as "is writing"; they may be lost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from host.gate import strict, writing
from host.gate.strict import NotJsonError, UnfitError


@dataclass(frozen=True)
class Signal:
    """A message for the open pages of some agents and sessions, in all processes."""

    agents: tuple[int, ...] = ()
    """Agents whose adapters get it."""
    sessions: tuple[int, ...] = ()
    """Sessions whose consumers' pages get it."""
    message: Mapping[str, Any] = field(default_factory=dict)
    """Sent as it is: `{"op": "typing", "session_id": 12}`; empty: the pages' sockets read the database."""

    def text(self) -> str:
        """Return it as text, for other processes; short enough for NOTIFY (8,000 bytes)."""
        return writing.text({"agents": self.agents, "sessions": self.sessions, "message": self.message}, is_short=True)

    @classmethod
    def read(cls, text: str) -> "Signal":
        """Return the signal that another process has written; one for nobody if another release has."""
        try:
            found = strict.read(text)
            return cls(tuple(found["agents"]), tuple(found["sessions"]), found["message"])
        except (NotJsonError, UnfitError, LookupError, TypeError):
            return cls()
