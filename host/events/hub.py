"""The hub: the open sockets of this process, and which of them an event wakes."""

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from host.events.signals import Signal
from host.refusals import refusals

GOING_AWAY = 1001
TOO_MANY = 4429
"""Close code for the oldest of too many sockets; its page does not connect again by itself."""


class Socket(Protocol):
    """An open socket; all methods return at once, in any thread."""

    def wake(self) -> None:
        """Let the socket's thread read the database again."""
        ...

    def tell(self, message: Mapping[str, Any]) -> None:
        """Let the socket's thread send a message."""
        ...

    def leave(self, code: int, reason: str) -> None:
        """Let the socket's thread close it."""
        ...


class Hub:
    """Maps agents to the sockets of their adapters, and sessions to those of their consumer pages."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._agents: dict[int, dict[Socket, None]] = defaultdict(dict)
        self._sessions: dict[int, dict[Socket, None]] = defaultdict(dict)
        self._closing = False

    @contextmanager
    def agent(self, agent_id: int, socket: Socket, most: int = 60) -> Iterator[None]:
        """Wake `socket` for events of this agent, while the block runs.

        Args:
            agent_id: The agent.
            socket: The adapter's socket.
            most: The most sockets of one agent; the oldest of more closes.
        """
        with self._registered(self._agents, agent_id, socket, most):
            yield

    @contextmanager
    def session(self, session_id: int, socket: Socket, most: int = 3) -> Iterator[None]:
        """Wake `socket` for events of this session, while the block runs; else as `agent`."""
        with self._registered(self._sessions, session_id, socket, most):
            yield

    def wake(self, agent_ids: set[int], session_ids: set[int]) -> None:
        """Wake the sockets of these agents and sessions."""
        for socket in self._of(agent_ids, session_ids):
            socket.wake()

    def hear(self, signal: Signal) -> None:
        """Hand a signal to the sockets that it is for."""
        for socket in self._of(signal.agents, signal.sessions):
            if signal.message:
                socket.tell(signal.message)
            else:
                socket.wake()

    def wake_all(self) -> None:
        """Wake every socket."""
        for socket in self._all():
            socket.wake()

    def close_all(self) -> None:
        """Close every socket with 1001, because the process stops; the pages connect again by themselves."""
        with self._lock:
            self._closing = True
        for socket in self._all():
            socket.leave(GOING_AWAY, "the server restarts")

    def count(self) -> int:
        """Return the number of open sockets of this process."""
        with self._lock:
            return sum(len(them) for kept in (self._agents, self._sessions) for them in kept.values())

    def count_consumers(self) -> int:
        """Return the number of open sockets of consumers."""
        with self._lock:
            return sum(map(len, self._sessions.values()))

    def has_consumer(self, session_id: int) -> bool:
        """Tell whether a page of the session's consumer is open in this process."""
        with self._lock:
            return session_id in self._sessions

    def _of(self, agent_ids: Iterable[int], session_ids: Iterable[int]) -> set[Socket]:
        with self._lock:
            sockets = {socket for agent_id in agent_ids for socket in self._agents.get(agent_id, ())}
            return sockets | {socket for session_id in session_ids for socket in self._sessions.get(session_id, ())}

    def _all(self) -> set[Socket]:
        with self._lock:
            return {socket for kept in (self._agents, self._sessions) for them in kept.values() for socket in them}

    @contextmanager
    def _registered(self, kept: dict[int, dict[Socket, None]], key: int, socket: Socket, most: int) -> Iterator[None]:
        with self._lock:
            kept[key][socket] = None
            too_many = list(kept[key])[:-most]
            closing = self._closing
        if closing:
            socket.leave(GOING_AWAY, "the server restarts")
        for oldest in too_many:
            refusals.note("sockets")
            oldest.leave(TOO_MANY, "too many pages are open")
        try:
            yield
        finally:
            with self._lock:
                kept[key].pop(socket, None)
                if not kept[key]:
                    del kept[key]
