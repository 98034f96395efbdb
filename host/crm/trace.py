"""The trace: every call to the CRM, and what was decided and why.

Secrets are masked before anything is written; what says who the end user is, once the session has ended.

Source: 30-generic-api.md, Faults.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit, urlunsplit

from sqlalchemy import Connection, RowMapping, select, update

from host.db.tables import end_users, sessions, traces

MASK = "•••"
TEXT_MAX = 4000
_SECRET_NAME = re.compile(
    r"auth|token|secret|passw|pwd|api[-_]?key|x[-_]key|cookie|signature|\bsig\b|credential|access[-_]?key|private",
    re.IGNORECASE,
)
_HARMLESS_HEADERS = frozenset({"accept", "accept-encoding", "content-type", "content-length", "user-agent", "if-match"})
_EMAIL = re.compile(r"[\w.+\-]+(?:@|%40)[\w\-]+(?:\.[\w\-]+)*", re.IGNORECASE)
_BETWEEN_DIGITS = r"(?:[\s().\-*/]|%20|%28|%29|%2A|%2F)*"
_PHONE = re.compile(rf"(?:\+|%2B)\d(?:{_BETWEEN_DIGITS}\d){{6,14}}", re.IGNORECASE)
_LAST_DIGITS = 7
_NAME_MIN = 2


@dataclass(frozen=True)
class TraceRow:
    """One call, or one decision without a call."""

    at: datetime
    endpoint: str
    decision: str
    """What followed, in words: `no match; next: create_account`."""
    method: str | None = None
    url: str | None = None
    request: Mapping[str, Any] | None = None
    """`{"headers": {...}, "body": ...}` as sent, secrets masked."""
    status: int | None = None
    took_ms: int | None = None
    read_out: Any = None
    """What the answer said: ids, or the beginning of its text."""
    is_masked: bool = False


@dataclass(frozen=True)
class Secrets:
    """The settings' own secrets: masked wherever they turn up."""

    values: frozenset[str] = field(default_factory=frozenset)

    def and_also(self, values: frozenset[str]) -> "Secrets":
        """Return these and more."""
        return Secrets(self.values | values)

    def hide(self, text: str) -> str:
        """Mask every secret in a text, as it is or percent-encoded."""
        for value in sorted(self.values, key=len, reverse=True):
            for spelling in {value, quote(value, safe=""), quote_plus(value)}:
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
        "read_out": _hidden(row.read_out, secrets.hide),
        "decision": secrets.hide(row.decision),
        "is_masked": False,
    }
    connection.execute(traces.insert().values(**values))
    if ended_at is not None:
        mask(connection, session_id)


def rows(connection: Connection, session_id: int) -> list[TraceRow]:
    """List a session's trace, the oldest first."""
    found = connection.execute(select(traces).where(traces.c.session_id == session_id).order_by(traces.c.id))
    return [_row(each) for each in found.mappings()]


def mask(connection: Connection, session_id: int) -> None:
    """Take phone numbers, e-mails and the end user's name out of a session's trace."""
    user = select(end_users).join(sessions, sessions.c.end_user_id == end_users.c.id)
    person = connection.execute(user.where(sessions.c.id == session_id)).mappings().one_or_none()
    hide = _personal(person)
    open_rows = (traces.c.session_id == session_id) & traces.c.is_masked.is_(False)
    for row in connection.execute(select(traces).where(open_rows)).mappings().all():
        values = {name: _hidden(row[name], hide) for name in ("url", "request", "read_out", "decision")}
        connection.execute(update(traces).where(traces.c.id == row["id"]).values(**values, is_masked=True))


def _personal(person: RowMapping | None) -> Any:
    known = _spellings(person) if person else []

    def hide(text: str) -> str:
        for pattern in known:
            text = pattern.sub(MASK, text)
        return _PHONE.sub(MASK, _EMAIL.sub(MASK, text))

    return hide


def _spellings(person: RowMapping) -> list[re.Pattern[str]]:
    """Return patterns for what the end user is called, with the longest first."""
    values = {str(person[name]) for name in ("name", "email", "identifier") if person[name]}
    values |= {word for word in (person["name"] or "").split() if len(word) >= _NAME_MIN}
    words = {spelling for value in values for spelling in (value, quote(value, safe=""), quote_plus(value))}
    ordered = sorted(words, key=len, reverse=True)
    names = [re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE) for word in ordered]
    return [*_number(person["phone"] or ""), *names]


def _number(phone: str) -> list[re.Pattern[str]]:
    """Return a pattern for a phone number in whatever format it was sent."""
    digits = re.sub(r"\D", "", phone)
    if not digits:
        return [re.compile(re.escape(phone))] if phone else []
    last = _BETWEEN_DIGITS.join(digits[-_LAST_DIGITS:])
    return [re.compile(rf"(?:\+|%2B)?(?:[(*]*\d{_BETWEEN_DIGITS}){{0,8}}{last}", re.IGNORECASE)]


def _safe_url(url: str, secrets: Secrets) -> str:
    parts = urlsplit(url)
    pairs = [_safe_pair(pair) for pair in parts.query.split("&")] if parts.query else []
    return secrets.hide(urlunsplit(parts._replace(query="&".join(pairs))))


def _safe_pair(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}={MASK}" if equals and _SECRET_NAME.search(name) else pair


def _safe_request(request: Mapping[str, Any], secrets: Secrets) -> Any:
    headers = {name: _safe_header(name, value) for name, value in request.get("headers", {}).items()}
    return _hidden({**request, "headers": headers}, secrets.hide)


def _safe_header(name: str, value: str) -> str:
    if name.lower() not in _HARMLESS_HEADERS and _SECRET_NAME.search(name):
        return MASK
    return value


def _hidden(content: Any, hide: Any) -> Any:
    """Return JSON content with `hide` done to every text in it, keys too; long texts are cut."""
    if isinstance(content, str):
        return hide(content if len(content) <= TEXT_MAX else content[:TEXT_MAX] + "...")
    if isinstance(content, Mapping):
        return {hide(str(key)): _hidden(value, hide) for key, value in content.items()}
    if isinstance(content, Iterable):
        return [_hidden(each, hide) for each in content]
    if isinstance(content, int | float) and not isinstance(content, bool):
        hidden = hide(json.dumps(content))
        return content if hidden == json.dumps(content) else hidden
    return content


def _row(row: RowMapping) -> TraceRow:
    return TraceRow(**{name: row[name] for name in TraceRow.__dataclass_fields__})
