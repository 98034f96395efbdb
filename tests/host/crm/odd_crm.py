"""A CRM with random answers: any JSON, text, status, header, and wrong lengths."""

import gzip
import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from tests.host.crm.faulty_crm import Asked, FaultyCrm, FaultyServer, _Handler
from tests.serving import served

STATUSES: tuple[int, ...] = (
    200,
    200,
    200,
    200,
    201,
    201,
    202,
    204,
    206,
    207,
    301,
    304,
    307,
    400,
    401,
    403,
    404,
    405,
    408,
    409,
    410,
)
STATUSES += (412, 415, 418, 422, 423, 425, 429, 451, 499, 500, 501, 502, 503, 504, 505, 507, 520, 599, 600, 799, 999)
TEXTS: tuple[str, ...] = (
    "",
    " ",
    "null",
    "O'Brien",
    "Anna \ud83d",
    "\ud800",
    "\x00",
    "a\x00b",
    "\u202eevil",
    "<script>alert(1)</script>",
)
TEXTS += (
    "{PHONE_NUMBER}",
    "=CONCAT_OR(a",
    "../../etc",
    "//host/x",
    "javascript:alert(1)",
    "é" * 300,
    "9" * 40,
    "\r\nX: y",
)
TEXTS += ("NaN", "0", "-1", "1e999", "true", "2026-02-30T25:61:00Z", "12", "1", "\u2028", "\ufffe", "%00", "x" * 20_000)
NUMBERS: tuple[float, ...] = (
    0,
    -1,
    1,
    2**31,
    2**53,
    2**53 + 193,
    2**63,
    2**64,
    10**30,
    -(10**30),
    1.5,
    1e308,
    0.1,
    -0.0,
)
RAW: tuple[bytes, ...] = (
    b"",
    b" ",
    b"{",
    b"}",
    b"[",
    b"[" * 100_000,
    b"{}",
    b"[]",
    b"null",
    b"NaN",
    b"1e999",
    b"Infinity",
    b'"\\ud83d"',
)
RAW += (b'{"id": 1e999}', b'{"id": 123456789012345678901234567890}', b'{"id": "\\ud800"}', b'{"id": 1, "id": 2}')
RAW += (
    b"<html><h1>Maintenance</h1>",
    b"OK",
    b"\xff\xfe\x00",
    b"\xef\xbb\xbf{}",
    b"\x80\x81\x82",
    b'{"items": {"id": "a\\u0000b"}}',
)
RAW += (
    b'{"items": [{"id": {"id": []}}]}',
    b'{"items": "12"}',
    b'{"items": [[[[[[]]]]]]}',
    b'{"items": [null, 0, false, ""]}',
)
TYPES: tuple[str, ...] = (
    "application/json",
    "text/html",
    "",
    "application/json; charset=utf-16",
    "application/json; charset=windows-1251",
)
TYPES += (
    "application/json; charset=nonsense",
    "application/json; charset=\xe9",
    "image/png",
    "application/json;;;=",
    "*/*",
)
ODD_HEADERS = (
    ("Retry-After", "-5"),
    ("Retry-After", "1e18"),
    ("Retry-After", "nan"),
    ("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"),
    ("Retry-After", "Thu, 99 Foo 0000 99:99:99 +9999"),
    ("Location", "http://169.254.169.254/latest"),
    ("Location", "http://[::1"),
    ("Location", "\xe9\xff"),
    ("ETag", '"' * 500),
    ("Link", "<http://[>; rel=next"),
    ("Content-Encoding", "gzip"),
    ("Content-Encoding", "br"),
    ("Set-Cookie", "a=b; Domain=.; Max-Age=1e99"),
    ("X-Long", "y" * 30_000),
    ("Content-Length", "12"),
    ("Transfer-Encoding", "chunked"),
    ("Date", "yesterday"),
)


@dataclass(frozen=True)
class OddAnswer:
    """One generated answer, as it is sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    length: str
    """right, less, more, none, negative, text."""
    acts: bool
    """Whether the CRM executes the request before this answer."""

    @property
    def says_absent(self) -> bool:
        """Tell whether it is a valid "no match" for a find: a complete answer with a matching status."""
        if self.status in {204, 404, 410}:
            return True
        return 200 <= self.status < 300 and self.length in {"right", "less", "none"}


@dataclass
class Generator:
    """Generates odd answers; the same seed gives the same answers."""

    dice: random.Random

    def answer(self, honest: Any) -> OddAnswer:
        """Return an odd answer instead of the honest one."""
        dice = self.dice
        headers = [("Content-Type", dice.choice(TYPES))]
        if dice.random() < 0.3:
            headers.append(dice.choice(ODD_HEADERS))
        length = dice.choice(("right",) * 12 + ("less", "more", "none", "negative", "text"))
        return OddAnswer(dice.choice(STATUSES), tuple(headers), self._body(honest), length, dice.random() < 0.5)

    def _body(self, honest: Any) -> bytes:
        kind = self.dice.randrange(5)
        if kind == 0:
            return self.dice.choice(RAW)
        if kind == 1:
            return self.dice.randbytes(self.dice.randrange(200))
        if kind == 2:
            return gzip.compress(b"{}")[: self.dice.randrange(24)]
        value = self._mutated(honest) if kind == 3 else self._value(4)
        return json.dumps(value).encode()

    def _value(self, depth: int) -> Any:
        dice = self.dice
        if depth == 0 or dice.random() < 0.4:
            return dice.choice((dice.choice(TEXTS), dice.choice(NUMBERS), None, True, False, [], {}))
        if dice.random() < 0.5:
            return [self._value(depth - 1) for _ in range(dice.randrange(4))]
        keys = ("items", "id", "Id", "data", "phone", "email", "external_id", "total", "a.b", "")
        return {dice.choice(keys): self._value(depth - 1) for _ in range(dice.randrange(5))}

    def _mutated(self, honest: Any) -> Any:
        """Change one or several values of an honest answer."""
        if isinstance(honest, dict) and honest and self.dice.random() < 0.9:
            chosen = self.dice.choice(list(honest))
            return {key: self._mutated(value) if key == chosen else value for key, value in honest.items()}
        if isinstance(honest, list) and honest and self.dice.random() < 0.9:
            return [self._mutated(value) for value in honest]
        return self._value(2)


@dataclass
class OddCrm(FaultyCrm):
    """Answers oddly until `left` is 0."""

    generator: Generator = field(default_factory=lambda: Generator(random.Random(0)))
    left: int = 0
    """Number of remaining odd answers."""
    share: float = 0.7
    given: int = 0
    said_absent: bool = False
    """Whether an odd answer to a find could be read as "no match"."""

    def next_odd(self, asked: Asked, honest: Callable[[], tuple[int, Any]]) -> tuple[OddAnswer | None, tuple[int, Any]]:
        """Choose an odd answer or None, and execute the request where the answer requires it."""
        with self.lock:
            is_odd = self.left > 0 and self.generator.dice.random() < self.share
            self.left -= is_odd
            self.given += is_odd
        if not is_odd:
            return None, honest()
        example = {"items": [{"id": 1, "phone": "+12223334444"}]} if asked.method == "GET" else {"id": 1}
        odd = self.generator.answer(example)
        if asked.method == "GET":
            self.said_absent |= odd.says_absent
        if odd.acts and asked.method != "GET":
            honest()
        return odd, (odd.status, None)


class _OddHandler(_Handler):
    odd: OddAnswer | None = None

    def _act(self, asked: Asked) -> tuple[int, Any]:
        crm = self.server.crm
        assert isinstance(crm, OddCrm)
        self.odd, result = crm.next_odd(asked, lambda: self._honest(asked))
        return result

    def _honest(self, asked: Asked) -> tuple[int, Any]:
        try:
            return super()._act(asked)
        except StopIteration:  # an update of a record that only exists in an odd answer
            return 404, {"error": "not found"}

    def _answer(self, status: int, content: Any, **headers: str) -> None:
        if self.odd is None:
            super()._answer(status, content, **headers)
            return
        odd, self.close_connection = self.odd, True
        size = len(odd.body)
        lengths = {"right": str(size), "less": str(size // 2), "more": str(size + 7), "negative": "-1", "text": "many"}
        lines = [f"HTTP/1.1 {odd.status} Odd", *(f"{name}: {value}" for name, value in odd.headers)]
        if odd.length in lengths:
            lines.append(f"Content-Length: {lengths[odd.length]}")
        with suppress(OSError):
            self.wfile.write("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + odd.body)


@contextmanager
def odd_crm(seed: int) -> Iterator[OddCrm]:
    """Serve an odd CRM on loopback."""
    crm = OddCrm(generator=Generator(random.Random(seed)))
    server = FaultyServer(crm)
    server.RequestHandlerClass = _OddHandler
    with served(server):
        try:
            yield crm
        finally:
            crm.closing.set()
