"""The trace: every call to the CRM, and what was decided and why.

Secrets are masked before anything is written; what says who the end user is, once the session has ended.

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

Hide = Callable[[str], str]

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
_hide_emails = replacing(rf"[{_LETTER}.+\-]+(?:@|%40)[{_LETTER}\-]+(?:\.[{_LETTER}\-]+)*", MASK)
_hide_phones = replacing(rf"(?:\+|%2B)\p{{Nd}}(?:{_BETWEEN_DIGITS}\p{{Nd}}){{6,14}}", MASK)
_ORIGIN = re.compile(r"[a-z][a-z0-9+.\-]*://[^/?#]*", re.IGNORECASE)
_LAST_DIGITS = 7
_NAME_MIN = 2
_TELLING_MIN = 4
"""Shorter identifiers and numbers are masked in what was sent, not in words: `answered 200` is nobody's."""
SECRET_MIN = 8
"""Shorter secrets turn up everywhere by chance: they are masked as whole header values only."""


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
        """Mask every secret of 8 characters or more in a text, as it is, percent-encoded or written in JSON."""
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
    person = _person(connection, session_id)
    hide_sent, hide_said = _personal(person, 1), _personal(person, _TELLING_MIN)
    open_rows = (traces.c.session_id == session_id) & traces.c.is_masked.is_(False)
    for row in connection.execute(select(traces).where(open_rows)).mappings().all():
        values = {name: _hidden(row[name], hide_said) for name in ("read_out", "decision")}
        values |= {"request": _hidden(row["request"], hide_sent), "url": _hidden(row["url"], _but_origin(hide_sent))}
        connection.execute(update(traces).where(traces.c.id == row["id"]).values(**values, is_masked=True))


def words(connection: Connection, session_id: int, text: str, secrets: Secrets) -> str:
    """Return what the CRM said without secrets and without what says who the end user is: it is shown to many."""
    return str(_personal(_person(connection, session_id), _TELLING_MIN)(secrets.hide(text)))


def _person(connection: Connection, session_id: int) -> RowMapping | None:
    user = select(end_users).join(sessions, sessions.c.end_user_id == end_users.c.id)
    return connection.execute(user.where(sessions.c.id == session_id)).mappings().one_or_none()


def _personal(person: RowMapping | None, shortest: int) -> Hide:
    """Return what masks a person.

    Args:
        person: The end user.
        shortest: Identifiers and phone numbers with fewer characters stay.
    """
    known = [*_spellings(person, shortest), _hide_emails, _hide_phones] if person else [_hide_emails, _hide_phones]

    def hide(text: str) -> str:
        for hide_one in known:
            text = hide_one(text)
        return text

    return hide


def _but_origin(hide: Hide) -> Hide:
    """Leave scheme and host of a URL as they are: the settings say them, and 127.0.0.1 is nobody's number."""

    def hide_rest(url: str) -> str:
        origin = _ORIGIN.match(url)
        return url[: origin.end()] + hide(url[origin.end() :]) if origin else hide(url)

    return hide_rest


def _spellings(person: RowMapping, shortest: int) -> list[Hide]:
    """Return what masks each thing that the end user is called, with the longest first."""
    values = {str(person[name]) for name in ("name", "email") if person[name]}
    values |= {value for value in [person["identifier"] or ""] if len(value) >= shortest}
    values |= {word for word in (person["name"] or "").split() if len(word) >= _NAME_MIN}
    words = {spelling for value in values for spelling in (value, quote(value, safe=""), quote_plus(value))}
    ordered = sorted(words, key=len, reverse=True)
    return [*_number(person["phone"] or "", shortest), *(_standing_alone(word, r"\w") for word in ordered)]


def _number(phone: str, shortest: int) -> list[Hide]:
    """Return what masks a phone number in whatever format it was sent; a short one counts as it stands only."""
    digits = re.sub(r"\D", "", phone)
    if not digits or len(digits) < _LAST_DIGITS:
        is_told = len(phone) >= shortest
        return [_standing_alone(each, r"[\w.]") for each in {phone, digits} if each and is_told]
    last = _BETWEEN_DIGITS.join(digits[-_LAST_DIGITS:])
    return [replacing(rf"(?:\+|%2B)?(?:[(*]*\p{{Nd}}{_BETWEEN_DIGITS}){{0,8}}{last}", MASK)]


def _standing_alone(word: str, before: str) -> Hide:
    """Return what masks a word that is no part of a longer one."""
    pattern = re.compile(rf"(?<!{before}){re.escape(word)}(?!\w)", re.IGNORECASE)
    return lambda text: pattern.sub(MASK, text)


def _safe_url(url: str, secrets: Secrets) -> str:
    parts = urlsplit(url)
    pairs = [_safe_pair(pair) for pair in parts.query.split("&")] if parts.query else []
    return secrets.hide(urlunsplit(parts._replace(query="&".join(pairs))))


def _safe_pair(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}={MASK}" if equals and _SECRET_NAME.search(name) else pair


def _safe_request(request: Mapping[str, Any], secrets: Secrets) -> Any:
    headers = {name: _safe_header(name, value, secrets) for name, value in request.get("headers", {}).items()}
    return _hidden({**request, "headers": headers}, secrets.hide)


def _safe_header(name: str, value: str, secrets: Secrets) -> str:
    """Mask a whole value by its header's name, or because it is a secret, however short."""
    if value in secrets.values or (name.lower() not in _HARMLESS_HEADERS and _SECRET_NAME.search(name)):
        return MASK
    return value


def _hidden(content: Any, hide: Any) -> Any:
    """Return JSON content with `hide` done to every text in it, keys too; long texts are cut."""
    if isinstance(content, str):
        hidden = hide(content[:READ_MAX])  # cut afterwards: half a secret would not be masked
        return hidden if len(hidden) <= TEXT_MAX else hidden[:TEXT_MAX] + "..."
    if isinstance(content, Mapping):
        return {hide(str(key)): _hidden(value, hide) for key, value in content.items()}
    if isinstance(content, Iterable):
        return [_hidden(each, hide) for each in content]
    if isinstance(content, int | float) and not isinstance(content, bool):
        hidden = hide(writing.typed(content))
        return content if hidden == writing.typed(content) else hidden
    return content


def _row(row: RowMapping) -> TraceRow:
    return TraceRow(**{name: row[name] for name in TraceRow.__dataclass_fields__})
