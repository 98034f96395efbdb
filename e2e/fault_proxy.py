"""A TCP proxy between browsers and the product that breaks connections on command."""

import random
import socket
import threading
from contextlib import suppress

CHUNK = 4096


class FaultProxy:
    """Forwards all connections; can cut WebSockets, at once or after some bytes, and refuse new ones.

    Args:
        port: The product's port.
    """

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._lock = threading.Lock()
        self._links: set[_Link] = set()
        self._countdown: int | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.is_down = False
        """Whether new connections are closed at once."""
        self.cuts = 0
        """Number of WebSockets that have been cut."""
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """Cut all WebSockets now."""
        with self._lock:
            links = [link for link in self._links if link.is_websocket]
            self.cuts += len(links)
            self._countdown = None
        for link in links:
            link.cut()

    def cut_after(self, size_bytes: int) -> None:
        """Cut all WebSockets once one of them has forwarded so many more bytes, in either direction."""
        with self._lock:
            self._countdown = size_bytes

    def down(self) -> None:
        """Cut all WebSockets, and refuse new connections."""
        self.is_down = True
        self.cut()

    def up(self) -> None:
        """Accept new connections again."""
        self.is_down = False

    def stop(self) -> None:
        """Close everything."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        for link in list(self._links):
            link.cut()
            link.join()

    def passing(self, link: "_Link", chunk: bytes) -> bytes:
        """Return the part of `chunk` to forward."""
        with self._lock:
            if self._countdown is None or not link.is_websocket:
                return chunk
            self._countdown -= len(chunk)
            if self._countdown > 0:
                return chunk
            rest = chunk[: len(chunk) + self._countdown]
        self.cut()
        return rest

    def gone(self, link: "_Link") -> None:
        """Forget a connection."""
        with self._lock:
            self._links.discard(link)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                if self.is_down:
                    raise ConnectionRefusedError
                server = socket.create_connection(("127.0.0.1", self._upstream), timeout=10)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            link = _Link(self, client, server)
            with self._lock:
                self._links.add(link)
            link.start()


class _Link:
    """One connection, both ways."""

    def __init__(self, proxy: FaultProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._ends = (client, server)
        self.is_websocket = False
        self._threads = [
            threading.Thread(target=self._pump, args=ends, daemon=True) for ends in ((client, server), (server, client))
        ]

    def start(self) -> None:
        """Start forwarding."""
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait for the end."""
        for thread in self._threads:
            thread.join(5)
        for end in self._ends:
            end.close()

    def cut(self) -> None:
        """Close it on both sides."""
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(CHUNK):
                if source is self._ends[0] and b"upgrade: websocket" in chunk.lower():
                    self.is_websocket = True
                target.sendall(self._proxy.passing(self, chunk))
        self.cut()
        if all(thread is threading.current_thread() or not thread.is_alive() for thread in self._threads):
            for end in self._ends:
                end.close()
            self._proxy.gone(self)


def somewhere(random_: random.Random, *, within: int = 6000) -> int:
    """Return a random number of bytes on a logarithmic scale."""
    return int(within ** random_.random())
