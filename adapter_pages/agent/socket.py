"""Serves an adapter's WebSocket: sends desk updates and events, runs the agent's commands.

The serving thread reads the database whenever it is woken. So additional or lost wake-ups, restarts and second tabs
don't change what the agent sees.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from simple_websocket import ConnectionClosed
from ulid import ULID

from adapter_pages.agent import commands, handshake
from adapter_pages.agent.desk import Desk
from adapter_pages.agent.desk_reader import (
    Bearer,
    DeskQuery,
    DeskReader,
    DeskState,
    SignedOut,
    SocketExpired,
    workers,
)
from adapter_pages.agent.desk_updates import DeskUpdates
from adapter_pages.agent.event_stream import EventStream, milliseconds
from adapter_pages.agent.handshake import Handshake
from host.db.batching import Batcher
from host.errors import FieldsError, TooManyError
from host.events.hub import GOING_AWAY
from host.events.tabs import Tab
from host.orchestration.agents import Arrival
from host.reports import failed_items
from host.services import Services
from host.users import tickets
from host.web.sockets.page_socket import POLICY_VIOLATION, POLL_INTERVAL_S, PageSocket

HELLO_TIMEOUT_S = 10
IDLE_POLL_INTERVAL_S = 120.0
"""Seconds between reads while the desk is empty: a sign-in may have expired. Everything else wakes the socket."""
PENDING_POLL_INTERVAL_S = 0.5
"""Seconds between reads while a pop waits for an acknowledgement."""
SIGNED_OUT = 4401


class AgentSockets:
    """The adapters' sockets of this process.

    Sockets that connect or disconnect at the same moment, as after a restart, share one transaction.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self.desk_reader = DeskReader(services)
        self.arrivals = Batcher(services.agents.arrive_all)
        self.departures = Batcher(services.agents.leave_all)
        self._tickets = Batcher(self._redeem)

    def serve(self, connection: PageSocket) -> None:
        """Serve one adapter until its socket closes.

        Raises:
            ConnectionClosed: The socket is closed, or the adapter was refused.
        """
        try:
            greeting = handshake.read(connection.first(HELLO_TIMEOUT_S))
        except FieldsError as error:
            connection.close(POLICY_VIOLATION, str(error)[:120])
            raise
        bearer = self._tickets.submit(greeting.ticket)
        if bearer is None:
            connection.close(SIGNED_OUT, "this ticket is not valid (any more)")
        else:
            connection.mark_authenticated()
            connection.check()  # a page that waited too long has reconnected with another ticket
            AgentSocket(self._services, connection, self, bearer=bearer, greeting=greeting).run()

    def _redeem(self, tokens: Sequence[str]) -> list[Bearer | None]:
        now = self._services.clock.now()
        with self._services.database.write() as transaction:
            good = tickets.redeem_each(transaction, tokens, "socket", now)
            bearers = {
                token: Bearer(ticket.user_id, ticket.sign_in)
                for token, ticket in good.items()
                if ticket.user_id is not None and ticket.sign_in is not None
            }
            may_work = workers(transaction, list(bearers.values()), now)
        return [bearer if (bearer := bearers.pop(token, None)) in may_work else None for token in tokens]


class AgentSocket:
    """The open socket of one adapter."""

    def __init__(
        self, services: Services, connection: PageSocket, others: AgentSockets, *, bearer: Bearer, greeting: Handshake
    ) -> None:
        self._services = services
        self._connection = connection
        self._sockets = others
        self._bearer = bearer
        self._greeting = greeting
        self._tab = Tab(str(ULID()), bearer.user_id, greeting.adapter, greeting.tab)
        self._events = EventStream(services, connection, self._tab, greeting.seq)
        self._updates = DeskUpdates(connection)

    def run(self) -> None:
        """Send the first state, then updates until the socket closes.

        Raises:
            ConnectionClosed: The socket is closed.
        """
        most = self._services.settings.current().budgets.sockets_per_agent
        with self._present() as login, self._services.hub.agent(self._bearer.user_id, self._connection, most):
            try:
                self._welcome(login)
                for message in self._connection.messages():
                    if message is None:
                        self._update()
                    else:
                        self._handle(message)
            except ConnectionClosed:
                self._handle_remaining()
                raise

    def _handle_remaining(self) -> None:
        """Run the agent's last commands, although the page has disconnected."""
        for message in self._connection.unhandled_messages():
            if message.get("op") == "act":
                commands.perform(self._services, self._bearer.user_id, message)

    @contextmanager
    def _present(self) -> Iterator[int | None]:
        # First of all, so that no other tab shows a pop that this page has shown.
        self._events.acknowledge(*self._greeting.posted)
        used_ms = self._greeting.used_ms
        try:
            used_ago = None if used_ms is None else timedelta(milliseconds=used_ms)
            yield self._sockets.arrivals.submit(Arrival(self._tab, used_ago))
        finally:
            self._sockets.departures.submit(self._tab)

    def _welcome(self, login: int | None) -> None:
        self._connection.mark_polled()
        state = self._read(is_first=True, login=login)
        now_ms = milliseconds(self._services.clock.now())
        desk = state.desk
        self._connection.send(op="state", status=desk.status, active=desk.active_id, seq=state.base, now=now_ms)
        self._updates.show(desk)
        self._events.catch_up(state.events, state.pending, base=state.base, newest=state.newest, login=login)
        self._set_poll_interval(desk)

    def _update(self) -> None:
        state = self._read()
        self._updates.show(state.desk)
        self._events.send_new(state.events, state.pending)
        self._set_poll_interval(state.desk)

    def _set_poll_interval(self, desk: Desk) -> None:
        """Set after how long to read without being woken, for what only time changes."""
        poll_interval_s = POLL_INTERVAL_S if desk.offers or desk.chats or desk.calls else IDLE_POLL_INTERVAL_S
        self._connection.poll_interval_s = PENDING_POLL_INTERVAL_S if self._events.has_pending else poll_interval_s

    def _handle(self, message: Mapping[str, Any]) -> None:
        op = message.get("op")
        if op == "act":
            self._connection.send(**self._perform(message))
        elif op == "ack":
            self._events.acknowledge(message.get("id"))
        elif op == "late":
            self._events.send_late(message.get("id"))
        elif op == "used":
            self._services.agents.use(self._tab)
        else:
            self._connection.close(POLICY_VIOLATION, "op must be act, ack, late or used")

    def _perform(self, message: Mapping[str, Any]) -> dict[str, Any]:
        agent_id, most = self._bearer.user_id, self._services.settings.current().budgets.agent_acts_per_minute
        try:
            self._services.rate_limiter.take("agent_acts_per_minute", agent_id, most)
        except TooManyError as error:
            return commands.refused(message, error)
        return commands.perform(self._services, agent_id, message)

    def _read(self, *, is_first: bool = False, login: int | None = None) -> DeskState:
        """Return the current state; close the socket if the agent has signed out meanwhile."""
        seen = self._events.seq, self._updates.last_lines
        answer = self._sockets.desk_reader.read(
            DeskQuery(self._bearer, self._tab, *seen, is_first=is_first, login=login)
        )
        if isinstance(answer, SignedOut):
            self._connection.close(SIGNED_OUT, "signed out")
        if isinstance(answer, SocketExpired):
            # The page reconnects and is registered again.
            self._connection.close(GOING_AWAY, "this socket was taken for dead")
        if not isinstance(answer, DeskState):
            raise ConnectionClosed
        failed_items.note(self._services.database, answer.desk.unshown, self._services.clock.now())
        return answer
