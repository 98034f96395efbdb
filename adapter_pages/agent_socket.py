"""One adapter's WebSocket: what it shows, what it posts to its page, and what its agent does.

The serving thread reads everything from the database whenever it is woken, so that a wake-up too many
or too few, a restart and a second tab make no difference to what the agent sees.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from simple_websocket import ConnectionClosed
from sqlalchemy import Connection as Transaction
from ulid import ULID

from adapter_pages import acts, hello
from adapter_pages.desk import AgentDesk, Desk
from adapter_pages.events import EventStream, milliseconds
from adapter_pages.hello import Hello
from adapter_pages.shown import Shown
from host.errors import FieldsError
from host.events import tabs
from host.events.hub import GOING_AWAY
from host.events.tabs import Tab
from host.services import Services
from host.users import directory, sign_ins, tickets
from host.users.directory import User
from host.web.connection import PATIENCE_S, POLICY_VIOLATION, Connection

HELLO_TIMEOUT_S = 10
PENDING_PATIENCE_S = 0.5
"""How often to look while a pop waits for somebody's acknowledgement."""
SIGNED_OUT = 4401


def serve(services: Services, connection: Connection) -> None:
    """Serve one adapter until it goes.

    Raises:
        ConnectionClosed: It has gone, or had no business here.
    """
    try:
        greeting = hello.read(connection.first(HELLO_TIMEOUT_S))
    except FieldsError as error:
        connection.close(POLICY_VIOLATION, str(error)[:120])
        raise
    bearer = _redeem(services, greeting)
    if bearer is None:
        connection.close(SIGNED_OUT, "this ticket is not valid (any more)")
    else:
        AgentSocket(services, connection, bearer, greeting).run()


@dataclass(frozen=True)
class Bearer:
    """Who a socket belongs to."""

    user_id: int
    sign_in: str
    """The hash of the sign-in: with its end the socket closes."""


def _redeem(services: Services, greeting: Hello) -> Bearer | None:
    with services.database.write() as transaction:
        ticket = tickets.redeem(transaction, greeting.ticket, "socket", services.clock.now())
        if ticket is None or ticket.user_id is None or ticket.sign_in is None:
            return None
        bearer = Bearer(ticket.user_id, ticket.sign_in)
        return bearer if _agent(transaction, bearer, services.clock.now()) else None


def _agent(transaction: Transaction, bearer: Bearer, now: datetime) -> User | None:
    """Return the agent while the sign-in lasts."""
    user = directory.by_id(transaction, bearer.user_id)
    may_work = user is not None and user.is_active and "agent" in user.roles
    return user if may_work and sign_ins.lasts(transaction, bearer.sign_in, now) else None


class AgentSocket:
    """An adapter's socket, for as long as it is open."""

    def __init__(self, services: Services, connection: Connection, bearer: Bearer, greeting: Hello) -> None:
        self._services = services
        self._connection = connection
        self._bearer = bearer
        self._greeting = greeting
        self._tab = Tab(str(ULID()), bearer.user_id, greeting.adapter, greeting.tab)
        self._events = EventStream(services, connection, self._tab, greeting.seq)
        self._shown = Shown(connection)

    def run(self) -> None:
        """Welcome the adapter, then keep it informed until it goes.

        Raises:
            ConnectionClosed: It has gone.
        """
        with self._present() as login, self._services.hub.agent(self._bearer.user_id, self._connection):
            try:
                self._welcome(login)
                for message in self._connection.rounds():
                    if message is None:
                        self._look()
                    else:
                        self._hear(message)
            except ConnectionClosed:
                self._hear_out()
                raise

    def _hear_out(self) -> None:
        """Do what the agent did last, although his page has gone."""
        for message in self._connection.left_behind():
            if message.get("op") == "act":
                acts.perform(self._services, self._bearer.user_id, message)

    @contextmanager
    def _present(self) -> Iterator[int | None]:
        used_ms = self._greeting.used_ms
        # First of all: what the page has shown is nobody else's to show, and no longer pending.
        self._events.acknowledge(*self._greeting.posted)
        try:
            yield self._services.agents.arrive(self._tab, None if used_ms is None else timedelta(milliseconds=used_ms))
        finally:
            self._services.agents.leave(self._tab)

    def _welcome(self, login: int | None) -> None:
        desk = self._read()
        now_ms = milliseconds(self._services.clock.now())
        base = self._events.base()
        self._connection.send(op="state", status=desk.status, active=desk.active_id, seq=base, now=now_ms)
        self._shown.desk(desk)
        self._events.catch_up(login)

    def _look(self) -> None:
        self._shown.desk(self._read())
        self._events.go_on()
        self._connection.patience_s = PENDING_PATIENCE_S if self._events.has_pending else PATIENCE_S

    def _hear(self, message: Mapping[str, Any]) -> None:
        op = message.get("op")
        if op == "act":
            self._connection.send(**acts.perform(self._services, self._bearer.user_id, message))
        elif op == "ack":
            self._events.acknowledge(message.get("id"))
        elif op == "late":
            self._events.go_on_late(message.get("id"))
        elif op == "used":
            self._services.agents.use(self._tab)
        else:
            self._connection.close(POLICY_VIOLATION, "op must be act, ack, late or used")

    def _read(self) -> Desk:
        """Return what to show; somebody who has signed out meanwhile sees nothing more."""
        now = self._services.clock.now()
        with self._services.database.read() as transaction:
            user = _agent(transaction, self._bearer, now)
            is_forgotten = tabs.is_forgotten(transaction, self._tab)
            if user and not is_forgotten:
                lines = self._shown.last_lines
                return AgentDesk.load(transaction, user, self._tab.adapter, now, self._services, shown=lines)
        if user is None:
            self._connection.close(SIGNED_OUT, "signed out")
        else:
            # Another process took ours for dead. The page comes back by itself, and counts again.
            self._connection.close(GOING_AWAY, "this socket was taken for dead")
        raise ConnectionClosed
