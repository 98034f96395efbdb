"""A request on its way in: gathered without a thread until it is whole."""

import re
from time import monotonic

from host.client_address import customer_of
from host.web.paced import allowed_s

LONGEST_HEAD = 64 * 1024
LONGEST_BODY = 1024 * 1024
"""Of what is gathered; what is longer is refused by the application, or read by a thread at a minimum rate."""
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

SOCKETS_END_WITH = "/socket"
"""What the addresses of WebSockets end with."""

CONSUMER_PAGES = b"/consumer"

_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*chunked", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*(?=\r\n)", re.IGNORECASE)
_UPGRADE = re.compile(rb"\r\nupgrade:[ \t]*websocket", re.IGNORECASE)
_FORWARDED_FOR = re.compile(rb"\r\nx-forwarded-for:([^\r]*)", re.IGNORECASE)


class Arriving:
    """What has come of one request, and until when the rest has to come."""

    def __init__(self, rest: bytes = b"") -> None:
        self.data = bytearray()
        self.until = monotonic() + allowed_s(0)
        """Monotonic, in seconds."""
        self.expects_continue = False
        """Whether the client waits for `CONTINUE` before it sends the body."""
        self._head_ends = 0
        self._ends: int | None = None
        self.take(rest)

    def take(self, data: bytes) -> None:
        """Add what has come."""
        searched = max(0, len(self.data) - len(_END) + 1)
        self.data += data
        if not self._head_ends and (found := self.data.find(_END, searched)) >= 0:
            self._head_ends = found + len(_END)
            self._read_head()

    @property
    def is_whole(self) -> bool:
        """Whether a thread can work on it without waiting for the client."""
        if not self._head_ends:
            return False
        if self._ends is None:
            return self.data.endswith(b"0\r\n\r\n", self._head_ends) or self.is_too_long
        return len(self.data) >= self._ends

    @property
    def is_too_long(self) -> bool:
        """Whether it is more than is gathered."""
        if not self._head_ends:
            return len(self.data) > LONGEST_HEAD
        return len(self.data) - self._head_ends > LONGEST_BODY

    @property
    def is_socket(self) -> bool:
        """Whether it asks for one of our WebSockets."""
        target = bytes(self.data[: self.data.find(b"\r\n")]).split(b" ")[1:2]
        is_ours = bool(target) and target[0].partition(b"?")[0].endswith(SOCKETS_END_WITH.encode())
        return is_ours and _UPGRADE.search(self.data, 0, self._head_ends) is not None

    @property
    def is_consumers(self) -> bool:
        """Whether it asks for one of the consumers' pages."""
        return self.data[: self.data.find(b"\r\n")].partition(b" ")[2].startswith(CONSUMER_PAGES)

    def customer(self, peer: str, proxies: int) -> str:
        """Return who asks.

        Args:
            peer: The address at the connection's other end.
            proxies: How many proxies are trusted to say for whom they ask.
        """
        said = b",".join(_FORWARDED_FOR.findall(self.data, 0, self._head_ends)) if proxies else b""
        return asker(peer, said.decode("latin-1"), proxies)

    def _read_head(self) -> None:
        head = bytes(self.data[: self._head_ends])
        length = _LENGTH.search(head)
        body_bytes = int(length[1]) if length else 0
        self.until = monotonic() + allowed_s(min(body_bytes, LONGEST_BODY))
        if _CHUNKED.search(head):
            self.until = monotonic() + allowed_s(LONGEST_BODY)
        else:
            self._ends = self._head_ends + (body_bytes if body_bytes <= LONGEST_BODY else 0)
        if not self.is_whole and (expects := _EXPECTS.search(head)):
            # We say so, hence the server needn't.
            self.expects_continue = True
            del self.data[expects.start() : expects.end()]
            gone = expects.end() - expects.start()
            self._head_ends -= gone
            self._ends = None if self._ends is None else self._ends - gone


def asker(peer: str, forwarded_for: str, proxies: int) -> str:
    """Return who asks: the customer at the connection's other end, or for whom the outermost trusted proxy asks.

    Args:
        peer: `127.0.0.1`.
        forwarded_for: `X-Forwarded-For`, as it came.
        proxies: How many are trusted.
    """
    said = forwarded_for.split(",")
    return customer_of(said[-proxies] if 0 < proxies <= len(said) else peer)
