"""Runs the whole web application on a real port, with clients of its sockets."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from simple_websocket import Client, ConnectionClosed
from werkzeug.serving import make_server

from host.app import create_app
from host.config import Config
from host.events import journal, pops
from host.queues import tree
from host.services import build
from host.sessions.chats import NewChat
from host.users import directory, sign_ins, tickets
from tests.clock import FrozenClock
from tests.databases import lay_tables
from tests.host.web.people import PASSWORD
from tests.serving import served

SETTINGS = {
    "crm": {
        "type": "custom",
        "allowed_hosts": ["localhost:8001"],
        "page_hosts": ["localhost:8001"],
        "account_lookup_url": "http://localhost:8001/accounts/{ACCOUNT_ID}",
        "record_lookup_url": "http://localhost:8001/records/{RECORD_ID}",
    }
}
WITHIN_S = 30.0

Found = TypeVar("Found")


class LiveHost:
    """A host with a frozen clock, two agents, a queue, and a CRM that doesn't answer."""

    def __init__(self, folder: Path) -> None:
        self.clock = FrozenClock()
        self._pages: list[Adapter] = []
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        config = Config.from_env({"PATCHBAY_PORT": str(self.port)}, data=folder)
        self.services = build(config, clock=self.clock)
        lay_tables(self.services.database)
        self.services.settings.import_file(SETTINGS)
        self.services.bus.start()
        self.app = create_app(config, self.services)
        self.server = make_server("127.0.0.1", self.port, self.app, threaded=True, fd=listening.fileno())
        listening.close()  # the server has its own
        self.origin = config.public_url
        self._serving = served(self.server)
        self._serving.__enter__()
        with self.services.database.write() as connection:
            queue = tree.upsert(connection, ("Developers", "James"))
            self.james, self.eve = (
                directory.upsert(connection, email, name=email, roles=["agent"], password=PASSWORD).id
                for email in ("agent@example.com", "agent2@example.com")
            )
            tree.set_agents(connection, queue.id, [self.james, self.eve])

    def stop(self) -> None:
        """Close all sockets, then stop."""
        for page in self._pages:
            page.close()
        self.services.hub.close_all()
        self._serving.__exit__(None, None, None)
        self.services.stop()

    def sign_in(self, agent_id: int) -> str:
        """Sign an agent in, in a new browser; return the browser's token."""
        with self.services.database.write() as connection:
            return sign_ins.create(connection, agent_id, self.clock.now(), 12)

    def ticket(self, agent_id: int) -> str:
        """Return a ticket of `POST /agent/ticket` for an agent in a new browser."""
        kept = sign_ins.hash_token(self.sign_in(agent_id))
        with self.services.database.write() as connection:
            return tickets.issue(connection, "socket", self.clock.now(), user_id=agent_id, sign_in=kept)

    def consumer_ticket(self, session_id: int) -> str:
        """Return a ticket for the consumer's page."""
        with self.services.database.write() as connection:
            return tickets.issue(connection, "consumer", self.clock.now(), session_id=session_id)

    def chat(self, agent_id: int, *, answered: bool = True, email: str = "ada@example.com") -> int:
        """Start a chat that the agent answers; no other agent may be available."""
        session, _ = self.services.chats.start(NewChat(queue="Developers / James", name="Ada", email=email))
        if answered:
            self.services.actions.offers.answer(session.id, agent_id)
        return session.id

    def pop(self, agent_id: int, session_id: int) -> str:
        """Store a found account, so that it pops; return the event's id."""
        with self.services.database.write() as connection:
            made = journal.post(
                connection,
                "CRM_Record_Pop",
                now=self.clock.now(),
                agent_id=agent_id,
                adapter="chat",
                session_id=session_id,
                data={"chat_id": session_id, "reason": "account", "account_id": "7", "record_id": None},
            )
            assert made is not None
            pops.add(connection, made, agent_id, session_id)
            return journal.by_id(connection, made).ulid

    def later(self, seconds: float) -> None:
        """Move the clock forward."""
        self.clock.forward(timedelta(seconds=seconds))

    @contextmanager
    def adapter(self, agent_id: int, tab: str = "tab-one1", **hello: Any) -> Iterator["Adapter"]:
        """Yield a connected chat adapter of the agent."""
        page = self.connect()
        greeting = {"ticket": self.ticket(agent_id), "adapter": "chat", "tab": tab, "seq": 0}
        page.say(op="hello", **{**greeting, **hello})
        page.await_op("state")
        try:
            yield page
        finally:
            page.close()

    def connect(self, path: str = "/agent/socket") -> "Adapter":
        """Open a socket as a page of ours does."""
        page = Adapter(Client(self.origin.replace("http", "ws") + path, headers={"Origin": self.origin}))
        self._pages.append(page)
        return page


class Adapter:
    """The page's end of a socket; records received messages."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.heard: list[dict[str, Any]] = []
        self.closed: int | None = None

    def say(self, **message: Any) -> None:
        """Send a message."""
        self._client.send(json.dumps(message))

    def act(self, name: str, **args: Any) -> dict[str, Any]:
        """Send a command; return the answer."""
        act_id = uuid4().hex
        self.say(op="act", id=act_id, name=name, args=args)
        return self.wait(lambda: next((each for each in self.ops("done") if each["id"] == act_id), None), name)

    def await_op(self, op: str) -> dict[str, Any]:
        """Wait for the first message of this kind."""
        return self.wait(lambda: next(iter(self.ops(op)), None), op)

    def await_events(self, *names: str) -> list[dict[str, Any]]:
        """Wait until the last posted events have these names; return them."""
        self.wait(lambda: [each["type"] for each in self.events()][-len(names) :] == list(names), f"{names}")
        return self.events()[-len(names) :]

    def await_close(self) -> int:
        """Wait until the server closes; return the code."""
        self.wait(lambda: self.closed is not None, "closed")
        assert self.closed is not None
        return self.closed

    def wait(self, holds: Callable[[], Found | None], what: str) -> Found:
        """Receive until `holds` returns a true value, and return that."""
        give_up_at = time.monotonic() + WITHIN_S
        while not (found := holds()):
            assert time.monotonic() < give_up_at, f"not within {WITHIN_S} s: {what}; heard {self.heard}"
            self.hear(0.05)
        return found

    def hear(self, for_s: float) -> None:
        """Receive for some seconds."""
        if self.closed is not None:
            time.sleep(for_s)
            return
        try:
            text = self._client.receive(timeout=for_s)
        except ConnectionClosed as error:
            self.closed = int(error.reason)
            return
        if text is not None:
            self.heard.append(json.loads(text))

    def ops(self, op: str) -> list[dict[str, Any]]:
        """Return the messages of one kind."""
        return [message for message in self.heard if message["op"] == op]

    def posts(self) -> list[dict[str, Any]]:
        """Return the `post` messages, with their places in the stream."""
        return self.ops("post")

    def events(self) -> list[dict[str, Any]]:
        """Return the posted events."""
        return [json.loads(post["message"]) for post in self.posts()]

    def close(self) -> None:
        """Close the page."""
        if self._client.connected:
            self._client.close()
        self._client.thread.join(WITHIN_S)
        self._client.sock.close()
