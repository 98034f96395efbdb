"""The open sockets of this process, and who is woken when something happened."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

GOING_AWAY = 1001


class Socket(Protocol):
    """An open socket; both calls return at once, from any thread."""

    def wake(self) -> None:
        """Let the socket's own thread look at the database again."""
        ...

    def leave(self, code: int, reason: str) -> None:
        """Let the socket's own thread close it."""
        ...


class Hub:
    """Knows which socket shows which agent's adapter or which session's consumer page."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._agents: dict[int, set[Socket]] = defaultdict(set)
        self._sessions: dict[int, set[Socket]] = defaultdict(set)
        self._closing = False

    @contextmanager
    def agent(self, agent_id: int, socket: Socket) -> Iterator[None]:
        """Keep `socket` informed of what concerns this agent, for as long as the block runs."""
        with self._kept(self._agents, agent_id, socket):
            yield

    @contextmanager
    def session(self, session_id: int, socket: Socket) -> Iterator[None]:
        """Keep `socket` informed of what concerns this session, for as long as the block runs."""
        with self._kept(self._sessions, session_id, socket):
            yield

    def wake(self, agent_ids: set[int], session_ids: set[int]) -> None:
        """Wake every socket that these agents and sessions concern."""
        with self._lock:
            sockets = {socket for agent_id in agent_ids for socket in self._agents.get(agent_id, ())}
            sockets |= {socket for session_id in session_ids for socket in self._sessions.get(session_id, ())}
        for socket in sockets:
            socket.wake()

    def wake_all(self) -> None:
        """Wake every socket."""
        for socket in self._all():
            socket.wake()

    def close_all(self) -> None:
        """Close every socket with 1001: the process stops, and the pages come back by themselves."""
        with self._lock:
            self._closing = True
        for socket in self._all():
            socket.leave(GOING_AWAY, "the server restarts")

    def count(self) -> int:
        """Return how many sockets are open here."""
        with self._lock:
            return sum(len(them) for kept in (self._agents, self._sessions) for them in kept.values())

    def _all(self) -> set[Socket]:
        with self._lock:
            return {socket for kept in (self._agents, self._sessions) for them in kept.values() for socket in them}

    @contextmanager
    def _kept(self, kept: dict[int, set[Socket]], key: int, socket: Socket) -> Iterator[None]:
        with self._lock:
            kept[key].add(socket)
            closing = self._closing
        if closing:
            socket.leave(GOING_AWAY, "the server restarts")
        try:
            yield
        finally:
            with self._lock:
                kept[key].discard(socket)
                if not kept[key]:
                    del kept[key]
