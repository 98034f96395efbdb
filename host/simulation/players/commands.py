"""The commands of one adapter: kept until they are answered, and sent again after a reconnect, with the same id."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import uuid4

Message = Mapping[str, Any]


class Commands:
    """The unanswered commands of an agent's adapter; they outlive the page."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[Message, asyncio.Future[str | None]]] = {}
        self.send: Callable[[Message], None] = lambda _message: None
        """Sends a message now, if there is a connection."""

    def unanswered(self) -> Iterable[Message]:
        """Return the commands that a new connection has to send."""
        return [message for message, _ in self._waiting.values()]

    async def run(self, name: str, args: Mapping[str, Any]) -> str | None:
        """Send a command; return the code of the host's error, or None once it is done."""
        message: dict[str, Any] = {"op": "act", "id": uuid4().hex, "name": name, "args": dict(args)}
        answered: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._waiting[message["id"]] = (message, answered)
        self.send(message)
        return await answered

    def done(self, answer: Message) -> None:
        """Handle `done`; an answer that came before is left out."""
        _, answered = self._waiting.pop(str(answer.get("id")), (None, None))
        if answered is None or answered.done():
            return
        error = answer.get("error")
        answered.set_result(str(error.get("error")) if isinstance(error, dict) else None)
