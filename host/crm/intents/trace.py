"""The trace: every call to the CRM, and every decision with its reason.

Secrets are masked before a row is written; personal data is masked when the session has ended.

Source: docs/reference/generic-api.md, Trace.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit, urlunsplit

from sqlalchemy import Connection, RowMapping, select, update

from host.crm.templates.patterns import replacing
from host.db.tables import end_users, sessions, traces
from host.gate import writing

Mask = Callable[[str], str]

MASK = "•••"
TEXT_MAX = 4000
READ_MAX = 2 * TEXT_MAX
_SECRET_NAME = re.compile(
    r"auth|token|secret|passw|pwd|api[-_]?key|x[-_]key|cookie|signature|\bsig\b|credential|access[-_]?key|private",
    re.IGNORECASE,
)
_HARMLESS_HEADERS = frozenset({"accept", "accept-encoding", "content-type", "content-length", "user-agent", "if-match"})
_LETTER = r"\pL\pM\pN_"
_BETWEEN_DIGITS = r"(?:[\s\pZ().\-*/]|%20|%28|%29|%2A|%2F)*"
_mask_emails = replacing(rf"[{_LETTER}.+\-]+(?:@|%40)[{_LETTER}\-]+(?:\.[{_LETTER}\-]+)*", MASK)
_mask_phones = replacing(rf"(?:\+|%2B)\p{{Nd}}(?:{_BETWEEN_DIGITS}\p{{Nd}}){{6,14}}", MASK)
_ORIGIN = re.compile(r"[a-z][a-z0-9+.\-]*://[^/?#]*", re.IGNORECASE)
_LAST_DIGITS = 7
_NAME_MIN = 2
_TELLING_MIN = 4
"""Shorter identifiers and numbers are masked in requests only: in words, `200` may be part of `answered 200`."""
SECRET_MIN = 8
"""Shorter secrets occur in other texts by chance; they are masked only as whole header values."""


@dataclass(frozen=True)
class TraceRow:
    """A call, or a decision without a call."""

    at: datetime
    endpoint: str
    decision: str
    """The decision in words: `no match; next: create_account`."""
    method: str | None = None
    url: str | None = None
    request: Mapping[str, Any] | None = None
    """`{"headers": {...}, "body": ...}` as sent, secrets masked."""
    status: int | None = None
    took_ms: int | None = None
    read_out: Any = None
    """What was read from the answer: ids, or the beginning of its text."""
    is_masked: bool = False


@dataclass(frozen=True)
class Secrets:
    """The secrets of the settings; they are masked everywhere."""

    values: frozenset[str] = field(default_factory=frozenset)

    def and_also(self, values: frozenset[str]) -> "Secrets":
        """Return these and further secrets."""
        return Secrets(self.values | values)

    def mask(self, text: str) -> str:
        """Mask every secret of 8 characters or more in a text: plain, percent-encoded or JSON-escaped."""
        for value in sorted(self.values, key=len, reverse=True):
            if len(value) >= SECRET_MIN:
                for spelling in {value, quote(value, safe=""), quote_plus(value), writing.typed(value)[1:-1]}:
                    text = text.replace(spelling, MASK)
        return text


def write(connection: Connection, session_id: int, row: TraceRow, secrets: Secrets) -> None:
    """Add a row to a session's trace."""
    ended_at = connection.execute(select(sessions.c.ends_at).where(sessions.c.id == session_id)).scalar_one_or_none()
    request = row.request or {}
    values = {
        "session_id": session_id,
        "at": row.at,
        "endpoint": row.endpoint,
        "method": row.method,
        "url": _safe_url(row.url, secrets) if row.url else None,
        "request": _safe_request(request, secrets) if row.request else None,
        "status": row.status,
        "took_ms": row.took_ms,
        "read_out": _mask_in(row.read_out, secrets.mask),
        "decision": secrets.mask(row.decision),
        "is_masked": False,
    }
    connection.execute(traces.insert().values(**values))
    if ended_at is not None:
        mask_session(connection, session_id)


def rows(connection: Connection, session_id: int) -> list[TraceRow]:
    """List a session's trace, the oldest first."""
    found = connection.execute(select(traces).where(traces.c.session_id == session_id).order_by(traces.c.id))
    return [_row(each) for each in found.mappings()]


def mask_session(connection: Connection, session_id: int) -> None:
    """Mask phone numbers, e-mails and the end user's name in a session's trace."""
    person = _person(connection, session_id)
    mask_sent, mask_said = _personal(person, 1), _personal(person, _TELLING_MIN)
    open_rows = (traces.c.session_id == session_id) & traces.c.is_masked.is_(False)
    for row in connection.execute(select(traces).where(open_rows)).mappings().all():
        values = {name: _mask_in(row[name], mask_said) for name in ("read_out", "decision")}
        values["request"] = _mask_in(row["request"], mask_sent)
        values["url"] = _mask_in(row["url"], _except_origin(mask_sent))
        connection.execute(update(traces).where(traces.c.id == row["id"]).values(**values, is_masked=True))


def mask_message(connection: Connection, session_id: int, text: str, secrets: Secrets) -> str:
    """Return the CRM's message with secrets and personal data masked, because many people see it."""
    return str(_personal(_person(connection, session_id), _TELLING_MIN)(secrets.mask(text)))


def _person(connection: Connection, session_id: int) -> RowMapping | None:
    user = select(end_users).join(sessions, sessions.c.end_user_id == end_users.c.id)
    return connection.execute(user.where(sessions.c.id == session_id)).mappings().one_or_none()


def _personal(person: RowMapping | None, shortest: int) -> Mask:
    """Return a function that masks a person's data.

    Args:
        person: The end user.
        shortest: Shorter identifiers and phone numbers are not masked.
    """
    known = [*_spellings(person, shortest), _mask_emails, _mask_phones] if person else [_mask_emails, _mask_phones]

    def mask(text: str) -> str:
        for mask_one in known:
            text = mask_one(text)
        return text

    return mask


def _except_origin(mask: Mask) -> Mask:
    """Return a function that keeps a URL's scheme and host: they come from the settings."""

    def mask_rest(url: str) -> str:
        origin = _ORIGIN.match(url)
        return url[: origin.end()] + mask(url[origin.end() :]) if origin else mask(url)

    return mask_rest


def _spellings(person: RowMapping, shortest: int) -> list[Mask]:
    """Return functions that mask each name and identifier of the end user, the longest first."""
    values = {str(person[name]) for name in ("name", "email") if person[name]}
    values |= {value for value in [person["identifier"] or ""] if len(value) >= shortest}
    values |= {word for word in (person["name"] or "").split() if len(word) >= _NAME_MIN}
    words = {spelling for value in values for spelling in (value, quote(value, safe=""), quote_plus(value))}
    ordered = sorted(words, key=len, reverse=True)
    return [*_number(person["phone"] or "", shortest), *(_whole_word(word, r"\w") for word in ordered)]


def _number(phone: str, shortest: int) -> list[Mask]:
    """Return functions that mask a phone number in any format; a short one only as it is written."""
    digits = re.sub(r"\D", "", phone)
    if not digits or len(digits) < _LAST_DIGITS:
        is_told = len(phone) >= shortest
        return [_whole_word(each, r"[\w.]") for each in {phone, digits} if each and is_told]
    last = _BETWEEN_DIGITS.join(digits[-_LAST_DIGITS:])
    return [replacing(rf"(?:\+|%2B)?(?:[(*]*\p{{Nd}}{_BETWEEN_DIGITS}){{0,8}}{last}", MASK)]


def _whole_word(word: str, before: str) -> Mask:
    """Return a function that masks a whole word."""
    pattern = re.compile(rf"(?<!{before}){re.escape(word)}(?!\w)", re.IGNORECASE)
    return lambda text: pattern.sub(MASK, text)


def _safe_url(url: str, secrets: Secrets) -> str:
    parts = urlsplit(url)
    pairs = [_safe_pair(pair) for pair in parts.query.split("&")] if parts.query else []
    return secrets.mask(urlunsplit(parts._replace(query="&".join(pairs))))


def _safe_pair(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}={MASK}" if equals and _SECRET_NAME.search(name) else pair


def _safe_request(request: Mapping[str, Any], secrets: Secrets) -> Any:
    headers = {name: _safe_header(name, value, secrets) for name, value in request.get("headers", {}).items()}
    return _mask_in({**request, "headers": headers}, secrets.mask)


def _safe_header(name: str, value: str, secrets: Secrets) -> str:
    """Mask a whole header value because of the header's name, or because it is a secret of any length."""
    if value in secrets.values or (name.lower() not in _HARMLESS_HEADERS and _SECRET_NAME.search(name)):
        return MASK
    return value


def _mask_in(content: Any, mask: Any) -> Any:
    """Return JSON content with `mask` applied to every text, also to keys; long texts are cut."""
    if isinstance(content, str):
        masked = mask(content[:READ_MAX])  # cut after masking: half a secret would not be masked
        return masked if len(masked) <= TEXT_MAX else masked[:TEXT_MAX] + "..."
    if isinstance(content, Mapping):
        return {mask(str(key)): _mask_in(value, mask) for key, value in content.items()}
    if isinstance(content, Iterable):
        return [_mask_in(each, mask) for each in content]
    if isinstance(content, int | float) and not isinstance(content, bool):
        masked = mask(writing.typed(content))
        return content if masked == writing.typed(content) else masked
    return content


def _row(row: RowMapping) -> TraceRow:
    return TraceRow(**{name: row[name] for name in TraceRow.__dataclass_fields__})
