"""An adapter's page without a browser: its socket, which reconnects for ever, and what its messages say."""

import asyncio
import random
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

import requests

from host.gate import lenient, writing
from host.simulation.clients.browser import Browser
from host.simulation.clients.stream import Stream
from host.simulation.clients.web_socket import ClosedError, WebSocket
from host.simulation.faults import Dice
from host.simulation.players.commands import Commands
from host.wire.envelope import Accepted

OFFER = re.compile(r'data-offer="(\d+)"(?: data-acknowledge="(\w+)")?')
STATUS = re.compile(r'<option value="([^"]+)" selected')
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 10.0
SILENCE_S = 60.0
GAP_S = 3.0
OVERTAKES_WITHIN_S = 0.3
"""How long a message that another one overtakes is held back."""


class Reader(Protocol):
    """Who looks at the page."""

    def on_event(self, event: Accepted, adapter: str, tab: str) -> None:
        """Take an event that the page posted."""
        ...

    def on_offers(self, offers: Mapping[str, int], adapter: str) -> None:
        """Take all offers that the page shows: their ids, and the sessions."""
        ...

    def on_status(self, status: str) -> None:
        """Take the agent's status."""
        ...

    def on_covered(self, adapter: str, after: int, until: int) -> None:
        """Take note that the stream went on from one seq to another one."""
        ...


class Page:
    """One open adapter."""

    def __init__(
        self, browser: Browser, adapter: str, tab: str, *, commands: Commands, reader: Reader, dice: Dice
    ) -> None:
        self._browser = browser
        self._adapter = adapter
        self.tab = tab
        self._commands = commands
        self._reader = reader
        self._dice = dice
        self._stream = Stream()
        self._socket: WebSocket | None = None
        self._is_welcome = False
        self._is_closed = False
        self._late: set[asyncio.Task[None]] = set()
        self.cuts = 0
        """How often the connection was lost."""
        self.welcomed = asyncio.Event()
        """Set while the page is connected."""

    async def run(self) -> None:
        """Connect, and again whenever the connection is lost, until `close`."""
        tries = 0
        while not self._is_closed:
            began_at = time.monotonic()
            with suppress(ClosedError, requests.RequestException):
                await self._connect()
            self._is_welcome = False
            self.welcomed.clear()
            self.cuts += 1
            tries = 0 if time.monotonic() - began_at > 5 else tries + 1
            longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**tries)
            if not self._is_closed:
                await asyncio.sleep(random.uniform(FIRST_PAUSE_S, longest))  # noqa: S311 - jitter, not secrecy

    async def close(self) -> None:
        """Close the page; what it has sent arrives."""
        self._is_closed = True
        if self._socket is not None:
            await self._socket.close()

    def send(self, message: Mapping[str, Any]) -> None:
        """Send a command, if the page is connected; a fault may send it twice, or cut the connection after it."""
        if not self._is_welcome or self._socket is None:
            return
        self._say(message)
        if self._dice.strikes("duplicate"):
            self._say(message)
        if self._dice.strikes("drop"):
            self._socket.abort()

    async def _connect(self) -> None:
        ticket = await self._browser.ticket()
        if self._is_closed:
            return
        self._socket = await WebSocket.open(f"{self._browser.url}/agent/socket")
        hello = {"ticket": ticket, "adapter": self._adapter, "tab": self.tab, "used_ms": 0}
        self._say({"op": "hello", **hello, **self._stream.hello})
        try:
            await self._listen(self._socket)
        finally:
            self._socket.abort()
            self._socket = None

    async def _listen(self, socket: WebSocket) -> None:
        while not self._is_closed:
            since, now = self._stream.waits_since, time.monotonic()
            patience_s = SILENCE_S if since is None else max(0.0, GAP_S - (now - since))
            try:
                text = await asyncio.wait_for(socket.receive(), patience_s)
            except TimeoutError:
                return  # a broken connection, or messages that are missing
            message = lenient.read(text)
            if message["op"] in ("post", "passed"):
                await self._disturbed(message, socket)
            else:
                self._handle(message)

    async def _disturbed(self, message: Mapping[str, Any], socket: WebSocket) -> None:
        """Handle a message of the stream, unless a fault holds it back or loses it."""
        if self._dice.strikes("drop"):
            socket.abort()
            return
        await asyncio.sleep(self._dice.delay_s())
        if not self._dice.strikes("reorder"):
            self._handle(message)
            return
        task = asyncio.create_task(self._handle_later(message, socket))
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _handle_later(self, message: Mapping[str, Any], socket: WebSocket) -> None:
        await asyncio.sleep(OVERTAKES_WITHIN_S)
        if socket is self._socket:
            self._handle(message)

    def _handle(self, message: Mapping[str, Any]) -> None:
        op = message["op"]
        if op == "state":
            self._welcome(message)
        elif op == "done":
            self._commands.done(message)
        elif op == "regions":
            self._show(message["html"])
        elif op in ("post", "passed"):
            self._take(message)

    def _welcome(self, state: Mapping[str, Any]) -> None:
        self._stream.start(state)
        self._is_welcome = True
        self._reader.on_status(state["status"])
        for command in self._commands.unanswered():
            self._say(command)
        self.welcomed.set()

    def _show(self, regions: Mapping[str, str]) -> None:
        if "offers" in regions:
            found = OFFER.findall(regions["offers"])
            offers = {key or session: int(session) for session, key in found}
            for key in offers:
                self._say({"op": "ack", "id": key})
            self._reader.on_offers(offers, self._adapter)
        if status := STATUS.search(regions.get("status", "")):
            self._reader.on_status(status[1])

    def _take(self, message: Mapping[str, Any]) -> None:
        if isinstance(message.get("after"), int):
            self._reader.on_covered(self._adapter, int(message["after"]), int(message["seq"]))
        for event in self._stream.take(message):
            self._reader.on_event(event, self._adapter, self.tab)
        for ulid in self._stream.acknowledged:
            self._say({"op": "ack", "id": ulid})
        for ulid in self._stream.late:
            self._say({"op": "late", "id": ulid})
        self._stream.acknowledged.clear()
        self._stream.late.clear()

    def _say(self, message: Mapping[str, Any]) -> None:
        if self._socket is not None:
            self._socket.send(writing.text(message))
