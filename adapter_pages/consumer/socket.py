"""Serves a consumer's WebSocket: sends updates of their chat, takes their messages."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from simple_websocket import ConnectionClosed

from adapter_pages.consumer import conversation, fragments
from adapter_pages.shared import messages
from adapter_pages.shared.page_updates import PageUpdates
from host.errors import FieldsError, HostError
from host.refusals import refusals
from host.services import Services
from host.sessions import repository
from host.users import tickets
from host.web.sockets.page_socket import POLICY_VIOLATION, PageSocket

HELLO_TIMEOUT_S = 10
NOT_VALID = 4401
TRY_AGAIN_LATER = 1013

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def serve(services: Services, connection: PageSocket) -> None:
    """Serve one consumer's page until its socket closes.

    Raises:
        ConnectionClosed: The socket is closed, or the page was refused.
    """
    session_id = _redeem(services, connection.first(HELLO_TIMEOUT_S))
    if session_id is None:
        connection.close(NOT_VALID, "the first message must be hello, with a valid ticket")
    connection.mark_authenticated()
    if services.hub.count_consumers() >= services.settings.current().budgets.consumer_sockets:
        refusals.note("consumer_sockets")
        connection.close(TRY_AGAIN_LATER, "too many consumers are connected")
    else:
        ConsumerSocket(services, connection, session_id).run()


def _redeem(services: Services, greeting: Mapping[str, Any] | None) -> int | None:
    token = (greeting or {}).get("ticket")
    if not isinstance(token, str) or (greeting or {}).get("op") != "hello":
        return None
    with services.database.write() as transaction:
        ticket = tickets.redeem(transaction, token, "consumer", services.clock.now())
    return ticket.session_id if ticket else None


class ConsumerSocket:
    """The open socket of one consumer's page."""

    def __init__(self, services: Services, connection: PageSocket, session_id: int) -> None:
        self._services = services
        self._connection = connection
        self._session_id = session_id
        self._updates = PageUpdates(connection)

    def run(self) -> None:
        """Send updates until the socket closes.

        Raises:
            ConnectionClosed: The socket is closed.
        """
        most = self._services.settings.current().budgets.sockets_per_chat
        with self._present(most):
            try:
                self._connection.send(op="state")
                for message in self._connection.messages():
                    if message is None:
                        self._update()
                    elif message.get("op") == "act":
                        self._connection.send(**self._perform(message))
                    else:
                        self._connection.close(POLICY_VIOLATION, "op must be act")
            except ConnectionClosed:
                for message in self._connection.unhandled_messages():
                    if message.get("op") == "act":
                        self._perform(message)
                raise

    @contextmanager
    def _present(self, most: int) -> Iterator[None]:
        try:
            with self._services.hub.session(self._session_id, self._connection, most):
                self._services.receipts.arrive(self._session_id)
                yield
        finally:
            if not self._services.hub.has_consumer(self._session_id):
                self._services.receipts.leave(self._session_id)

    def _update(self) -> None:
        with self._services.database.read() as transaction:
            session = repository.get(transaction, self._session_id)
            after = self._updates.last_lines.get(session.id, 0)
            shown = conversation.load(transaction, session, self._services.clock.now(), after=after)
        self._updates.show_regions(fragments.regions(shown))
        for line in shown.lines:
            self._updates.append(shown.session_id, line, fragments.append(line))

    def _perform(self, message: Mapping[str, Any]) -> dict[str, Any]:
        act_id, name, args = (message.get(key) for key in ("id", "name", "args"))
        answer: dict[str, Any] = {"op": "done", "id": act_id if isinstance(act_id, str) else ""}
        try:
            if not isinstance(act_id, str) or not _ID.fullmatch(act_id):
                raise FieldsError({"id": "must be 1 to 64 letters, digits, _ or -"})
            if not isinstance(args, dict):
                raise FieldsError({"args": "must be an object"})
            self._run(name, args, act_id)
        except HostError as error:
            answer["error"] = {"error": error.code, "message": str(error), "retryable": error.retryable}
        return answer

    def _run(self, name: object, args: Mapping[str, Any], act_id: str) -> None:
        match name:
            case "message":
                self._write(args.get("text"), act_id)
            case "end":
                self._services.chats.end(self._session_id, by="end_user")
            case "typing":
                self._spend_notice()
                self._services.receipts.typing(self._session_id)
            case "read":
                self._spend_notice()
                delivered, seen = (messages.read_id(args, side) for side in ("delivered", "seen"))
                self._services.receipts.read(self._session_id, delivered=delivered, seen=seen)
            case _:
                raise FieldsError({"name": "must be message, end, typing or read"})

    def _spend_notice(self) -> None:
        most = self._services.settings.current().budgets.notices_per_minute
        self._services.rate_limiter.take("notices_per_minute", self._session_id, most)

    def _write(self, text: object, act_id: str) -> None:
        budgets, spend = self._services.settings.current().budgets, self._services.rate_limiter.take
        spend("messages_per_minute", self._session_id, budgets.messages_per_minute)
        size_bytes = len(text.encode(errors="replace")) if isinstance(text, str) else 0
        spend("bytes_per_minute", self._session_id, budgets.bytes_per_minute, size_bytes)
        self._services.chats.write(self._session_id, text, act_id)
