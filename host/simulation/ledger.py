"""What the players of a simulation have done and seen; the model is compared with it afterwards."""

import asyncio
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from host.simulation.plan import SessionPlan

JOINED = ("New_Call", "New_Chat")
ENDED = ("End_Call", "End_Chat")
KNOWN_WITHIN_S = 60.0


@dataclass
class Seen:
    """An adapter event, however often it came."""

    id: str
    """`meta.id`."""
    type: str
    agent_id: int
    adapter: str
    seq: int
    session_id: int | None
    data: dict[str, Any]
    tabs: list[str] = field(default_factory=list)
    """Where it was posted as new."""
    seen_twice: bool = False
    """Whether it was posted as new in two tabs that were open at the same time."""


@dataclass
class SessionLog:
    """What was done about one session."""

    plan: SessionPlan
    id: int | None = None
    began_at: float = 0.0
    """On the monotonic clock, as all times here."""
    offers: int = 0
    """How many offers agents have seen."""
    joins: int = 0
    """How often an agent has joined it."""
    answered: Counter[int] = field(default_factory=Counter)
    """Answers that the host has confirmed, by agent."""
    unsure: Counter[int] = field(default_factory=Counter)
    """Answers that were refused, by agent: the first of two may have counted."""
    transfers: list[tuple[int, bool]] = field(default_factory=list)
    """Confirmed transfers: who began each, and whether it was warm."""
    left: Counter[int] = field(default_factory=Counter)
    """How often an agent has left before the end, by their own choice."""
    written: dict[str, float] = field(default_factory=dict)
    """The consumer's messages that the host took, and when they were sent."""
    said: list[str] = field(default_factory=list)
    """The agents' messages that the host took."""
    unpopped: set[int] = field(default_factory=set)
    """Agents who waited for the record in vain."""
    helped: str = ""
    """What the consumer had to do because nobody else did: `hung up`."""
    joined: asyncio.Event = field(default_factory=asyncio.Event)
    last_joined: asyncio.Event = field(default_factory=asyncio.Event)
    """The agent of the last stint is there."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Ledger:
    """Everything that was done and seen."""

    def __init__(self) -> None:
        self.logs: list[SessionLog] = []
        self.events: dict[str, Seen] = {}
        self.problems: list[str] = []
        """What is wrong beyond doubt."""
        self.refused: Counter[str] = Counter()
        """Commands and requests that the host refused: `hold: not_allowed`."""
        self.closed_tabs: set[str] = set()
        self.blind: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
        """When an agent had no adapter open, from and until."""
        self.latencies: dict[str, list[float]] = defaultdict(list)
        """In ms, by what was waited for."""
        self.ranges: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
        """What a stream's messages covered, by agent and adapter: after this seq, up to that one."""
        self._by_id: dict[int, SessionLog] = {}
        self._known = asyncio.Event()

    def begin(self, plan: SessionPlan) -> SessionLog:
        """Return the log of a session that begins now."""
        log = SessionLog(plan, began_at=time.monotonic())
        self.logs.append(log)
        return log

    def know(self, log: SessionLog, session_id: int) -> None:
        """Note which id the host gave to a session."""
        if log.id not in (None, session_id):
            self.problems.append(f"one request made two sessions: {log.id} and {session_id}")
        log.id = session_id
        self._by_id[session_id] = log
        self._known.set()
        self._known = asyncio.Event()

    async def of(self, session_id: int) -> SessionLog | None:
        """Return the log of a session; wait for it, since an offer may come before the answer to the request."""
        give_up_at = time.monotonic() + KNOWN_WITHIN_S
        while (found := self._by_id.get(session_id)) is None:
            try:
                await asyncio.wait_for(self._known.wait(), max(0.0, give_up_at - time.monotonic()))
            except TimeoutError:
                return None  # somebody else's
        return found

    def see(self, event: Seen, *, fresh_in: str | None) -> bool:
        """Note an event that was posted; return whether it is the first time.

        Args:
            event: The event.
            fresh_in: The tab in which it was posted as new; None: it was replayed.
        """
        known = self.events.setdefault(event.id, event)
        if fresh_in is not None:
            known.seen_twice = known.seen_twice or any(tab not in self.closed_tabs for tab in known.tabs)
            known.tabs.append(fresh_in)
        if (known.seq, known.type) != (event.seq, event.type):
            self.problems.append(f"the event {event.id} came as {known.type} {known.seq} and {event.type} {event.seq}")
        return known is event

    def of_type(self, *types: str) -> list[Seen]:
        """Return the events of these types."""
        return [event for event in self.events.values() if event.type in types]

    def was_blind(self, agent_id: int, at: datetime) -> bool:
        """Tell whether an agent had no adapter open at a time."""
        return any(since <= at <= until for since, until in self.blind[agent_id])

    def took(self, what: str, since: float) -> None:
        """Note how long something took."""
        self.latencies[what].append((time.monotonic() - since) * 1000)
