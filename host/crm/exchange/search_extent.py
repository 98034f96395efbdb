"""Detects whether a search has more hits than were read: by a total, a next page, or a full page.

Source: docs/reference/generic-api.md, Wrong hits.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from host.crm.http.answer import Answer
from host.crm.request.request import JsonBody, Request
from host.crm.response import json_path
from host.crm.response.json_path import Key
from host.crm.templates.quoting import as_text
from host.errors import CrmAnswerError

_TOTALS = re.compile(
    r"total(?:count|size|results|records|items|elements|hits)?|numfound|records(?:total|filtered)|odatacount"
    r"|x(?:wp)?total(?:count)?"
)
_COUNTS = re.compile(r"(?:record|result)?count")
_GOES_ON = re.compile(r"has(?:more|next|nextpage)|more(?:records|results|itemsincollection)")
_IS_LAST = re.compile(r"done|is(?:last|lastpage|finished)|lastpage")
_NEXT = re.compile(r"(?:odata)?next(?:link|page|url|pageurl|recordsurl|cursor|pagetoken|offset|start)?")
_PAGE_SIZES = re.compile(
    r"perpage|(?:max)?pagesize|(?:page|sysparm)?limit|top|max(?:results|size|records)|size|take|rows"
    r"|(?:items|results)perpage"
)
_ENVELOPES = frozenset(
    {"meta", "metadata", "pagination", "paging", "page", "pageinfo", "info", "links", "cursor", "hits", "result"}
)
_CONTENT_RANGE = re.compile(r"(?:[a-z]{1,20} )?[\d*-]{1,40}/(\d{1,12})", re.IGNORECASE)
_LONGEST_RANGE = 100
_LINK_NEXT = re.compile(r"""rel\s*=\s*"?[^";,]{0,100}\bnext\b""", re.IGNORECASE)

Pair = tuple[str, Any]


@dataclass(frozen=True)
class Extent:
    """Information in an answer about the whole search."""

    total: int | None = None
    """Number of hits."""
    count: int = 0
    """Of the page in some CRMs, of the whole search in others."""
    goes_on: bool = False
    """Whether the answer names another page."""
    page_size: int | None = None
    """Maximum number of rows on a page, from the request or the answer."""

    def why_more(self, rows: int) -> str:
        """Return why a search may have more hits than the `rows` that were read; empty when there is no sign of it."""
        most = max(self.total or 0, self.count)
        if most > rows:
            return f"the CRM tells of {most} hits"
        if self.goes_on:
            return "the CRM tells of another page"
        is_full = self.total is None and self.page_size is not None and rows >= self.page_size
        return f"the page is full ({self.page_size})" if is_full else ""


def extent_of(request: Request, answer: Answer) -> Extent:
    """Read the information about the whole search.

    Args:
        request: May have the page size.
        answer: Its answer.
    """
    told = list(_told(request, answer))
    asked = [(_bare(name), value) for name, value in _asked(request)]
    ranged = _CONTENT_RANGE.fullmatch((answer.headers.get("Content-Range") or "")[:_LONGEST_RANGE].strip())
    totals = [*_numbers(told, _TOTALS), *([int(ranged[1])] if ranged else [])]
    is_linked = bool(_LINK_NEXT.search(answer.headers.get("Link") or ""))
    return Extent(
        total=max(totals, default=None),
        count=max(_numbers(told, _COUNTS), default=0),
        goes_on=is_linked or any(_goes_on(name, value) for name, value in told),
        page_size=min(_numbers([*asked, *told], _PAGE_SIZES), default=None),
    )


def _numbers(pairs: Iterable[Pair], names: re.Pattern[str]) -> list[int]:
    return [number for name, value in pairs if names.fullmatch(name) and (number := _number(value)) is not None]


def _told(request: Request, answer: Answer) -> Iterator[Pair]:
    """Yield the normalized names and values around the rows, without those inside a row."""
    yield from ((_bare(name), answer.headers.get(name)) for name in ("X-Total-Count", "X-Total", "X-WP-Total"))
    steps = json_path.parse(request.endpoint.response_location).steps
    try:
        around = json_path.json_of("find", answer) if steps else None
    except CrmAnswerError:
        return
    for step in steps:
        if not isinstance(around, Mapping):
            return
        yield from _pairs(around, inside=step.name if isinstance(step, Key) else "")
        around = around.get(step.name) if isinstance(step, Key) else None


def _pairs(around: Mapping[str, Any], inside: str) -> Iterator[Pair]:
    """Yield the keys of an object and of the envelopes in it."""
    for key, value in around.items():
        name = _bare(key)
        yield name, value
        if name in _ENVELOPES and key != inside and isinstance(value, Mapping):
            yield from ((_bare(inner), each) for inner, each in value.items())


def _goes_on(name: str, value: Any) -> bool:
    if isinstance(value, Mapping):
        value = next((value[key] for key in ("href", "url", "link", "after") if value.get(key)), None)
    if _IS_LAST.fullmatch(name):
        return value is False
    if _GOES_ON.fullmatch(name):
        return value is True
    return bool(_NEXT.fullmatch(name)) and value not in (None, "", False, 0)


def _asked(request: Request) -> Iterable[Pair]:
    yield from parse_qsl(urlsplit(request.url).query)
    if isinstance(request.body, JsonBody) and isinstance(request.body.value, dict):
        yield from request.body.value.items()


def _number(value: Any) -> int | None:
    """Return a number from 0 up, also one that is written as text or under `value`; else None."""
    if isinstance(value, Mapping):
        value = value.get("value")
    text = as_text(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if re.fullmatch(r"[0-9]{1,12}", text) else None


def _bare(name: str) -> str:
    return "".join(character for character in str(name).lower() if character.isalnum())
