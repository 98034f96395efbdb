"""Ten thousand WebSocket clients in one process, which record when an event arrives.

`python -m bench.socket_client <host:port> product|socketio|plain` reads commands from its standard input, one
JSON object a line, and answers each with one:

    {"connect": ["ticket", ...]}    {"held": 10000, "lost": {}}
    {"await": [7, 100]}             {"arrived": [[client, monotonic time], ...]} of event 7, once 100 have it
    {"held": null}                  as connect
"""

import asyncio
import json
import re
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from bench import socket_frames as frames

AT_ONCE = 100
"""How many connect at the same time; the others wait."""
PATIENCE_S = 120
SOURCES = 8
"""Addresses of the loopback network that are used, so that there are enough ports."""
EVENT = re.compile(rb'chat_id\\*": ?(\d+)')


class Dialect:
    """The protocol of a client: how it signs in, and how it knows that it is accepted."""

    path = "/socket"
    welcome = b'{"op":"welcome"'

    def hello(self, name: str) -> bytes:
        """Return the first text."""
        return json.dumps({"token": name}).encode()

    def answer(self, text: bytes) -> bytes | None:
        """Return the reply that a text needs at once."""
        return None


class ProductDialect(Dialect):
    """The protocol of an adapter."""

    path = "/agent/socket"
    welcome = b'{"op":"post"'  # Agent_Login: the last message after the connection

    def hello(self, name: str) -> bytes:
        greeting = {"op": "hello", "ticket": name, "adapter": "chat", "tab": f"tab-{name[:20]}", "seq": 0}
        return json.dumps(greeting).encode()


class SocketIoDialect(Dialect):
    """Socket.IO 5 over Engine.IO 4, on nothing but a WebSocket."""

    path = "/socket.io/?EIO=4&transport=websocket"
    welcome = b"40"

    def hello(self, name: str) -> bytes:
        return b"40" + json.dumps({"token": name}).encode()

    def answer(self, text: bytes) -> bytes | None:
        return b"3" if text == b"2" else None


DIALECTS = {"product": ProductDialect, "socketio": SocketIoDialect, "plain": Dialect}


class Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, clients: "Clients", number: int, token: str) -> None:
        self._clients = clients
        self._number = number
        self._token = token
        self._buffer = bytearray()
        self._is_open = False
        self._transport: Any = None
        self.welcomed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(frames.upgrade(self._clients.host, self._clients.dialect.path))

    def data_received(self, data: bytes) -> None:
        at = time.monotonic()
        self._buffer += data
        if not self._is_open and not self._opened():
            return
        for opcode, payload in frames.read(self._buffer):
            if opcode == frames.TEXT:
                self._heard(payload, at)
            elif opcode == frames.PING:
                self._transport.write(frames.written(frames.PONG, payload))
            elif opcode == frames.CLOSE:
                self._lost(f"closed: {int.from_bytes(payload[:2])} {payload[2:].decode()}")

    def connection_lost(self, error: Exception | None) -> None:
        self._lost(f"cut: {error}")

    def _opened(self) -> bool:
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return False
        self._buffer = rest
        if not head.startswith(b"HTTP/1.1 101 "):
            self._lost(head.split(b"\r\n")[0].decode())
            return False
        self._is_open = True
        self._transport.write(frames.written(frames.TEXT, self._clients.dialect.hello(self._token)))
        return True

    def _heard(self, text: bytes, at: float) -> None:
        if (answer := self._clients.dialect.answer(text)) is not None:
            self._transport.write(frames.written(frames.TEXT, answer))
        elif found := EVENT.search(text):
            self._clients.note(int(found[1]), self._number, at)
        elif not self.welcomed.done() and text.startswith(self._clients.dialect.welcome):
            self.welcomed.set_result(True)
            self._clients.held.add(self._number)

    def _lost(self, why: str) -> None:
        if self._transport is None:
            return
        self._transport.abort()
        self._transport = None
        self._clients.held.discard(self._number)
        self._clients.lost[why] += 1
        if not self.welcomed.done():
            self.welcomed.set_result(False)


class Clients:
    """All clients."""

    def __init__(self, host: str, dialect: Dialect) -> None:
        self.host = host
        self.dialect = dialect
        self.held: set[int] = set()
        self.lost: Counter[str] = Counter()
        self._arrived: dict[int, list[tuple[int, float]]] = defaultdict(list)
        self._changed = asyncio.Event()

    def note(self, event: int, client: int, at: float) -> None:
        """Note that an event has arrived."""
        self._arrived[event].append((client, at))
        self._changed.set()

    async def connect(self, tokens: Sequence[str]) -> dict[str, Any]:
        """Connect one client for each credential, a few at a time."""
        places = asyncio.Semaphore(AT_ONCE)

        async def enter(number: int, token: str) -> None:
            async with places:
                await self._enter(number, token)

        await asyncio.gather(*(enter(number, token) for number, token in enumerate(tokens)))
        return self.state()

    async def arrived(self, event: int, count: int) -> dict[str, Any]:
        """Wait until enough clients have an event; return the arrivals so far."""
        give_up_at = time.monotonic() + PATIENCE_S
        while len(self._arrived[event]) < count and time.monotonic() < give_up_at:
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), 1)
            except TimeoutError:
                continue
        return {"arrived": self._arrived.pop(event)}

    def state(self) -> dict[str, Any]:
        """Return how many are connected, and why others aren't."""
        return {"held": len(self.held), "lost": dict(self.lost)}

    async def _enter(self, number: int, token: str) -> None:
        name, _, port = self.host.partition(":")
        source = f"127.0.0.{2 + number % SOURCES}"
        loop = asyncio.get_running_loop()
        try:
            _, client = await loop.create_connection(
                lambda: Client(self, number, token), name, int(port), local_addr=(source, 0)
            )
        except OSError as error:
            self.lost[str(error)] += 1
            return
        try:
            await asyncio.wait_for(client.welcomed, PATIENCE_S)
        except TimeoutError:
            self.lost["not welcomed"] += 1


async def main(host: str, kind: str) -> None:
    """Handle requests from the parent process until it closes the pipe."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    clients = Clients(host, DIALECTS[kind]())
    loop = asyncio.get_running_loop()
    read: Callable[[], str] = sys.stdin.readline
    while line := await loop.run_in_executor(None, read):
        asked = json.loads(line)
        if "connect" in asked:
            answer = await clients.connect(asked["connect"])
        elif "await" in asked:
            answer = await clients.arrived(*asked["await"])
        else:
            answer = clients.state()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
