"""Finds links in messages: web addresses, e-mails and phone numbers. Everything else stays text.

A link's text is what was written, so nobody can hide where it leads.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

_EDGE = r"(?<![\w@./+-])"
_WEB = re.compile(rf"{_EDGE}https?://[^\s<>\"'`{{}}|\\^]+", re.IGNORECASE)
_EMAIL = re.compile(rf"{_EDGE}[A-Za-z0-9][A-Za-z0-9._%+-]*@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{{2,}}(?![\w@-])")
_PHONE = re.compile(rf"{_EDGE}\+[1-9](?:[ ().-]{{0,2}}\d){{6,14}}(?!\w)")
_LINK = re.compile(f"(?P<web>{_WEB.pattern})|(?P<email>{_EMAIL.pattern})|(?P<phone>{_PHONE.pattern})", re.IGNORECASE)
_AFTER = ".,;:!?…"
_PAIRS = {")": "(", "]": "["}
_HIDDEN = re.compile("[\u0000-\u0020\u007f-\u00a0\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""Control characters, and those that have no width or change the direction of a text."""


@dataclass(frozen=True)
class Part:
    """A piece of a message."""

    text: str
    url: str | None = None
    """Where it leads: `https:`, `http:`, `mailto:` or `tel:`; None: it is no link."""


def parts(text: str) -> tuple[Part, ...]:
    """Return the pieces of a text, in order; together they are the text."""
    return tuple(_parts(text))


def _parts(text: str) -> Iterator[Part]:
    end = 0
    for found in _LINK.finditer(text):
        shown = _without_tail(found[0]) if found["web"] else found[0]
        url = _url(shown, found.lastgroup)
        if url is None:
            continue
        if found.start() > end:
            yield Part(text[end : found.start()])
        yield Part(shown, url)
        end = found.start() + len(shown)
    if end < len(text):
        yield Part(text[end:])


def _without_tail(address: str) -> str:
    """Return an address without the punctuation that ends its sentence."""
    while address and (address[-1] in _AFTER or _is_unpaired(address)):
        address = address[:-1]
    return address


def _is_unpaired(address: str) -> bool:
    opening = _PAIRS.get(address[-1])
    return opening is not None and address.count(address[-1]) > address.count(opening)


def _url(shown: str, kind: str | None) -> str | None:
    if kind == "email":
        return f"mailto:{quote(shown, safe='@')}"
    if kind == "phone":
        return "tel:+" + "".join(filter(str.isdigit, shown))
    return shown if _is_plain(shown) else None


def _is_plain(address: str) -> bool:
    """Tell whether an address is what it looks like: a host, nobody's name before it, no hidden characters."""
    try:
        place = urlsplit(address)
        is_place = bool(place.hostname) and (place.port is None or place.port > 0)
    except ValueError:
        return False
    return is_place and "@" not in place.netloc and not _HIDDEN.search(address)
