"""A WebSocket client for asyncio, so that a thousand adapters fit into one process."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Event, Ping, RejectConnection, Request, TextMessage
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

OPENS_WITHIN_S = 30.0
READ_BYTES = 65_536


class ClosedError(Exception):
    """The connection is closed.

    Args:
        code: The closing code; 0 if it was cut.
    """

    def __init__(self, code: int = 0) -> None:
        super().__init__(f"closed: {code}" if code else "cut")
        self.code = code


class WebSocket:
    """One open connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, protocol: WSConnection) -> None:
        self._reader = reader
        self._writer = writer
        self._protocol = protocol
        self._texts: list[str] = []
        self._part = ""

    @classmethod
    async def open(cls, url: str) -> "WebSocket":
        """Connect as a page of the same origin does.

        Args:
            url: `http://127.0.0.1:8000/agent/socket`.

        Raises:
            ClosedError: The server refused, or there is none.
        """
        parts = urlsplit(url)
        is_tls, port = parts.scheme == "https", parts.port or (443 if parts.scheme == "https" else 80)
        try:
            reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=is_tls or None)
        except OSError as error:
            raise ClosedError from error
        protocol = WSConnection(ConnectionType.CLIENT)
        origin = f"{parts.scheme}://{parts.netloc}".encode()
        request = Request(host=parts.netloc, target=parts.path, extra_headers=[(b"Origin", origin)])
        made = cls(reader, writer, protocol)
        made._write(protocol.send(request))
        try:
            await asyncio.wait_for(made._accepted(), OPENS_WITHIN_S)
        except (TimeoutError, ClosedError) as error:
            made.abort()
            raise ClosedError from error
        return made

    def send(self, text: str) -> None:
        """Send a text; on a closed connection nothing happens."""
        with suppress(LocalProtocolError):
            self._write(self._protocol.send(TextMessage(data=text)))

    async def receive(self) -> str:
        """Return the next text.

        Raises:
            ClosedError: The connection is closed.
        """
        while not self._texts:
            for event in await self._events():
                self._take(event)
        return self._texts.pop(0)

    async def close(self) -> None:
        """Close it as a page does that is left: what was sent before arrives."""
        with suppress(LocalProtocolError, OSError):
            self._write(self._protocol.send(CloseConnection(code=1001)))
            await self._writer.drain()
        self._writer.close()

    def abort(self) -> None:
        """Cut the connection."""
        self._writer.transport.abort()

    async def _accepted(self) -> None:
        while True:
            for event in await self._events():
                if isinstance(event, AcceptConnection):
                    return
                if isinstance(event, RejectConnection):
                    raise ClosedError(event.status_code)
                self._take(event)

    async def _events(self) -> list[Event]:
        try:
            data = await self._reader.read(READ_BYTES)
            if not data:
                raise ClosedError
            self._protocol.receive_data(data)
        except (OSError, RemoteProtocolError) as error:
            raise ClosedError from error
        return list(self._read())

    def _read(self) -> Iterator[Event]:
        events: Any = self._protocol.events()
        yield from events

    def _take(self, event: Event) -> None:
        if isinstance(event, TextMessage):
            self._part += event.data
            if event.message_finished:
                self._texts.append(self._part)
                self._part = ""
        elif isinstance(event, Ping):
            self._write(self._protocol.send(event.response()))
        elif isinstance(event, CloseConnection):
            self.abort()
            raise ClosedError(event.code)

    def _write(self, data: bytes) -> None:
        if not self._writer.is_closing():
            self._writer.write(data)
