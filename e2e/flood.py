"""Floods the product from loopback addresses: `python -m e2e.flood KIND PORT SECONDS [COOKIE]`."""

import base64
import json
import os
import resource
import selectors
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress

OPEN_AT_ONCE = 1000


class Flood:
    """Sockets to one port, from many addresses; a refused one is replaced."""

    def __init__(self, port: int, seconds: float) -> None:
        self._port = port
        self._end = time.monotonic() + seconds
        self.made = 0
        self.bytes_read = 0

    def hold(self, many: int, begin: bytes, drip: bytes = b"", *, addresses: int = 20, is_read: bool = True) -> None:
        """Keep `many` connections open that have sent `begin` and send a byte of `drip` each second."""
        held: list[socket.socket] = []
        while time.monotonic() < self._end:
            for _ in range(min(100, many - len(held))):
                if (made := self._connect(1 + self.made % addresses)) is not None:
                    made.setblocking(False)
                    with suppress(OSError):
                        made.send(begin)
                    held.append(made)
            if len(held) == many or drip:
                time.sleep(1)
            held = [each for each in held if self._goes_on(each, drip, is_read=is_read)]

    def ask(self, requests: list[bytes], *, addresses: int, together: int = 20) -> None:
        """Send requests as fast as they are answered, `together` at a time, each on a new connection."""
        chosen = selectors.DefaultSelector()
        number = 0
        while time.monotonic() < self._end:
            while len(chosen.get_map()) < together:
                made = self._connect(1 + self.made % addresses)
                if made is None:
                    break
                made.sendall(requests[number % len(requests)])
                number += 1
                made.setblocking(False)
                chosen.register(made, selectors.EVENT_READ)
            for key, _ in chosen.select(0.5):
                if not self._read(key.fileobj):  # type: ignore[arg-type]
                    chosen.unregister(key.fileobj)
                    key.fileobj.close()  # type: ignore[union-attr]

    def _connect(self, number: int) -> socket.socket | None:
        made = socket.socket()
        made.settimeout(2)
        try:
            made.bind((f"127.0.{1 + number // 250}.{1 + number % 250}", 0))
            made.connect(("127.0.0.1", self._port))
        except OSError:
            made.close()
            return None
        self.made += 1
        return made

    def _goes_on(self, held: socket.socket, drip: bytes, *, is_read: bool) -> bool:
        try:
            held.send(drip)
            if is_read and held.recv(65_536) == b"":
                raise ConnectionResetError
        except BlockingIOError:
            return True
        except OSError:
            held.close()
            return False
        return True

    def _read(self, sock: socket.socket) -> bool:
        try:
            data = sock.recv(65_536)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self.bytes_read += len(data)
        return bool(data)


def _head(line: str, *more: str) -> bytes:
    return "\r\n".join((f"{line} HTTP/1.1", "Host: 127.0.0.1", *more, "", "")).encode()


def _socket_head(port: int, path: str) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    origin = f"Origin: http://127.0.0.1:{port}"
    upgrade = ("Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13")
    return _head(f"GET {path}", *upgrade, origin)


def main(kind: str, port: int, seconds: float, cookie: str = "") -> None:
    """Flood, then print the number of connections."""
    flood = Flood(port, seconds)
    close = "Connection: close"
    form = b"email=nobody%40example.com&password=wrong-password"
    post = ("Content-Type: application/x-www-form-urlencoded", f"Origin: http://127.0.0.1:{port}", close)
    pages = [_head("GET /consumer/", close), _head("GET /", close)]
    sign_in = _head("POST /sign-in", *post, f"Content-Length: {len(form)}") + form
    start = json.dumps({"queue": "Developers / James", "name": "Flood"}).encode()
    csrf = f"X-CSRF-Token: {cookie.partition('|')[2]}"
    mine = (f"Cookie: {cookie.partition('|')[0]}", csrf, close)
    chat = _head("POST /consumer/chats", "Content-Type: application/json", *mine, f"Content-Length: {len(start)}")
    kinds: dict[str, Callable[[], None]] = {
        "one consumer": lambda: flood.ask([chat + start, _head("POST /consumer/ticket", *mine)], addresses=1),
        "200 addresses": lambda: flood.ask([*pages, sign_in], addresses=200),
        "slow heads": lambda: flood.hold(OPEN_AT_ONCE, b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"x"),
        "slow bodies": lambda: flood.hold(OPEN_AT_ONCE, _head("POST /sign-in", "Content-Length: 100000"), b"x"),
        "slow readers": lambda: flood.hold(400, _head("GET /consumer/", close), is_read=False),
        "half-open sockets": lambda: flood.hold(OPEN_AT_ONCE, _socket_head(port, "/agent/socket")),
        "silent connections": lambda: flood.hold(OPEN_AT_ONCE, b""),
    }
    kinds[kind]()
    print(json.dumps({"connections": flood.made}))


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), *sys.argv[4:])
