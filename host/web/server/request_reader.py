"""Buffers an incoming request until it is complete, without a thread."""

import re
from time import monotonic
from urllib.parse import unquote

from gunicorn.util import split_request_uri

from host.client_address import customer_of
from host.web.server.fair_queue import CONSUMERS, SIGN_INS
from host.web.server.minimum_rate_sockets import allowed_s

LONGEST_HEAD = 64 * 1024
LONGEST_BODY = 1024 * 1024
"""Longest body that is buffered; a longer one is refused by the application, or read in a thread at a minimum rate."""
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

SOCKETS_END_WITH = "/socket"
"""Suffix of the WebSockets' addresses."""

CONSUMER_PAGES = "/consumer"
SIGN_IN = "/sign-in"

_LINE_END = b"\r\n"
_END = _LINE_END * 2
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*0*(\d{1,15})[ \t]*\r\n", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9a-f]+)[ \t]*(?:;.*)?", re.IGNORECASE | re.DOTALL)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*chunked", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*(?=\r\n)", re.IGNORECASE)
_UPGRADE = re.compile(rb"\r\nupgrade:[ \t]*websocket", re.IGNORECASE)
_FORWARDED_FOR = re.compile(rb"\r\nx-forwarded-for:([^\r]*)", re.IGNORECASE)


class IncomingRequest:
    """The received part of a request, and the time limit for the rest."""

    def __init__(self, rest: bytes = b"") -> None:
        self.data = bytearray()
        self.until = monotonic() + allowed_s(0)
        """Monotonic time in seconds."""
        self.expects_continue = False
        """Whether the client waits for `CONTINUE` before it sends the body."""
        self._head_ends = 0
        self._ends: int | None = None
        self._has_body = False
        self._next_chunk = 0
        self.take(rest)

    def take(self, data: bytes) -> None:
        """Add received data."""
        searched = max(0, len(self.data) - len(_END) + 1)
        self.data += data
        if not self._head_ends and (found := self.data.find(_END, searched)) >= 0:
            self._head_ends = self._next_chunk = found + len(_END)
            self._read_head()
        if self._head_ends and self._ends is None:
            self._read_chunks()

    @property
    def is_whole(self) -> bool:
        """Whether the request is complete, so that a thread needn't wait for the client."""
        if not self._head_ends:
            return False
        if self._ends is None:
            return self.is_too_long
        return len(self.data) >= self._ends

    @property
    def is_too_long(self) -> bool:
        """Whether it is longer than what is buffered."""
        if not self._head_ends:
            return len(self.data) > LONGEST_HEAD
        return len(self.data) - self._head_ends > LONGEST_BODY

    @property
    def is_socket(self) -> bool:
        """Whether it opens a WebSocket; such a request has no body."""
        is_upgrade = _UPGRADE.search(self.data, 0, self._head_ends) is not None
        return is_upgrade and not self._has_body and self._path.endswith(SOCKETS_END_WITH)

    @property
    def kind(self) -> str:
        """The kind of request: `fair_queue.CONSUMERS`, `fair_queue.SIGN_INS`, or an empty text."""
        return kind_of(self._path)

    @property
    def _path(self) -> str:
        """The path as the application gets it; empty if the server refuses the request."""
        target = bytes(self.data[: self.data.find(_LINE_END)]).decode("latin-1").split(" ")[1:2]
        try:
            return unquote(split_request_uri(target[0]).path) if target else ""
        except ValueError:
            return ""

    def customer(self, peer: str, proxies: int) -> str:
        """Return the customer: the client's address.

        Args:
            peer: The address at the connection's other end.
            proxies: Number of trusted proxies.
        """
        said = b",".join(_FORWARDED_FOR.findall(self.data, 0, self._head_ends)) if proxies else b""
        return asker(peer, said.decode("latin-1"), proxies)

    def _read_head(self) -> None:
        head = bytes(self.data[: self._head_ends])
        length = _LENGTH.search(head)
        body_bytes = int(length[1]) if length else 0
        is_chunked = _CHUNKED.search(head) is not None
        self._has_body = is_chunked or body_bytes > 0
        self.until = monotonic() + allowed_s(min(body_bytes, LONGEST_BODY))
        if is_chunked:
            self.until = monotonic() + allowed_s(LONGEST_BODY)
        else:
            self._ends = self._head_ends + (body_bytes if body_bytes <= LONGEST_BODY else 0)
        if not self.is_whole and (expects := _EXPECTS.search(head)):
            # The worker has sent `CONTINUE` already, so the server must not.
            self.expects_continue = True
            del self.data[expects.start() : expects.end()]
            gone = expects.end() - expects.start()
            self._head_ends -= gone
            self._next_chunk = self._head_ends
            self._ends = None if self._ends is None else self._ends - gone

    def _read_chunks(self) -> None:
        """Find the end of the last chunk. A malformed body counts as complete: the server refuses it at once."""
        while self._ends is None and (line_ends := self.data.find(_LINE_END, self._next_chunk)) >= 0:
            size = _CHUNK.fullmatch(self.data, self._next_chunk, line_ends)
            if size is None:
                self._ends = len(self.data)
            elif int(size[1], 16):
                self._next_chunk = line_ends + int(size[1], 16) + 2 * len(_LINE_END)
            elif (found := self.data.find(_END, line_ends)) >= 0:
                self._ends = found + len(_END)
            else:
                return


def kind_of(path: str) -> str:
    """Return the kind of request: `fair_queue.CONSUMERS`, `fair_queue.SIGN_INS`, or an empty text.

    Args:
        path: As the application gets it: `/consumer/`.
    """
    if path.startswith(CONSUMER_PAGES):
        return CONSUMERS
    return SIGN_INS if path == SIGN_IN else ""


def asker(peer: str, forwarded_for: str, proxies: int) -> str:
    """Return the customer: the peer, or the client that the outermost trusted proxy reports.

    Args:
        peer: `127.0.0.1`.
        forwarded_for: The header `X-Forwarded-For`.
        proxies: Number of trusted proxies.
    """
    said = forwarded_for.split(",")
    return customer_of(said[-proxies] if 0 < proxies <= len(said) else peer)
