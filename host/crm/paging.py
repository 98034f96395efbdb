"""The next page of a find's answer, as a pure step.

Source: 75-settings.md, `paging`.
"""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote, urljoin, urlsplit, urlunsplit

from host import hosts
from host.crm import paths
from host.crm.fields import put
from host.crm.paths import Answered
from host.crm.quoting import as_text
from host.crm.request import JsonBody, Request
from host.crm.response import rows_of
from host.errors import CrmAnswerError

_LINK = re.compile(r"<([^<>]*)>((?:[^,\"]|\"[^\"]*\")*)")
_NEXT = re.compile(r"""(?:^|[;\s])rel\s*=\s*"?[^";]*\bnext\b""", re.IGNORECASE)
_FIRST = {"page": 1, "offset": 0}


def next_page(request: Request, answer: Answered, pages_read: int) -> Request | None:
    """Return the request for the page after this one; None when this was the last, or enough.

    Args:
        request: What was answered, itself a page.
        answer: A success.
        pages_read: How many pages were read, this one among them.
    """
    paging = request.endpoint.paging
    if paging is None or pages_read >= paging.max_pages:
        return None
    if paging.type == "next_link":
        return _linked(request, _at(answer, paging.location))
    if paging.type == "cursor":
        cursor = _at(answer, paging.location)
        return None if cursor in (None, "", False) else _with(request, paging.parameter, cursor)
    rows = len(_rows(request, answer))
    if rows == 0:
        return None
    step = rows if paging.type == "offset" else 1
    return _with(request, paging.parameter, _number(request, paging.parameter, _FIRST[paging.type]) + step)


def _at(answer: Answered, location: str) -> Any:
    try:
        return paths.located("paging", answer, location)
    except CrmAnswerError:
        return None


def _rows(request: Request, answer: Answered) -> list[Any]:
    try:
        return rows_of(request.endpoint, answer)
    except CrmAnswerError:
        return []


def _linked(request: Request, link: Any) -> Request | None:
    """Follow a link, of the same origin only: our credentials go along."""
    if not isinstance(link, str) or not link:
        return None
    if "<" in link:  # a Link header
        link = next((target for target, rest in _LINK.findall(link) if _NEXT.search(rest)), "")
    if not link:
        return None
    try:
        url = urljoin(request.url, link)
    except ValueError:
        return None
    return replace(request, url=url) if hosts.is_same_origin(url, request.url) and url != request.url else None


def _with(request: Request, name: str, value: Any) -> Request:
    """Set one parameter: in the query, or in the body where the parameters are."""
    if request.method != "GET" and isinstance(request.body, JsonBody) and isinstance(request.body.value, dict):
        body = dict(request.body.value)
        put(body, name, value)
        return replace(request, body=JsonBody(body))
    parts = urlsplit(request.url)
    pairs = [(key, text) for key, text in _query(request) if key != name] + [(name, as_text(value))]
    query = "&".join(f"{quote(key, safe='[]$')}={quote(text, safe='')}" for key, text in pairs)
    return replace(request, url=urlunsplit(parts._replace(query=query)))


def _query(request: Request) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(request.url).query.replace("+", "%2B"), keep_blank_values=True)


def _number(request: Request, name: str, first: int) -> int:
    """Return where this page was: what the request says, else the first."""
    said = dict(_query(request)).get(name)
    if said is None and isinstance(request.body, JsonBody) and isinstance(request.body.value, dict):
        said = as_text(request.body.value.get(name))
    return int(said) if said and re.fullmatch(r"[0-9]{1,9}", said) else first
