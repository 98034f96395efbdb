"""Builds the request for the next page of a search.

Source: docs/reference/generic-api.md, Response data location.
"""

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, quote, urljoin, urlsplit, urlunsplit

from host import hosts
from host.crm.http.answer import Answer
from host.crm.request.parameters import keys_of, put
from host.crm.request.request import JsonBody, Request
from host.crm.response import json_path
from host.crm.templates.quoting import as_text
from host.errors import CrmAnswerError

_LINK = re.compile(r"<([^<>]*)>((?:[^,\"]|\"[^\"]*\")*)")
_NEXT = re.compile(r"""(?:^|[;\s])rel\s*=\s*"?[^";]{0,100}\bnext\b""", re.IGNORECASE)
LONGEST_LINK = 16_000
_FIRST = {"page": 1, "offset": 0}


@dataclass(frozen=True)
class OutOfReach:
    """There is another page, but it can't be requested."""

    reason: str


def next_page(request: Request, answer: Answer, rows: int) -> Request | OutOfReach | None:
    """Return the request for the next page; None when the answer shows that this was the last one.

    Args:
        request: The request for this page.
        answer: A successful answer.
        rows: Number of rows on this page.
    """
    paging = request.endpoint.paging
    if paging is None:
        return None
    if paging.type == "next_link":
        return _follow_link(request, _at(answer, paging.location))
    if paging.type == "cursor":
        cursor = _at(answer, paging.location)
        sent = _parameter_of(request, paging.parameter)
        is_new = cursor not in (None, "", False) and (rows > 0 or as_text(cursor) != sent)
        return _with(request, paging.parameter, cursor) if is_new else None
    if rows == 0:
        return None
    step = rows if paging.type == "offset" else 1
    return _with(request, paging.parameter, _number(request, paging.parameter, _FIRST[paging.type]) + step)


def _at(answer: Answer, location: str) -> Any:
    try:
        return json_path.located("paging", answer, location)
    except CrmAnswerError:
        return None


def _follow_link(request: Request, link: Any) -> Request | OutOfReach | None:
    """Follow a link to the same origin only, since our credentials are sent with it."""
    if not link:
        return None
    if not isinstance(link, str) or len(link) > LONGEST_LINK:
        return OutOfReach(f"the link to the next page is no text of at most {LONGEST_LINK} characters")
    if not (target := _target(link)):
        return None
    try:
        url = _absolute(request.url, target)
    except ValueError:
        return OutOfReach("the link to the next page cannot be read")
    if not hosts.is_same_origin(url, request.url):
        return OutOfReach("the link to the next page leads to another host")
    return replace(request, url=url) if url != request.url else None


def _target(link: str) -> str:
    """Return the URL of a link, or of `rel=next` in a Link header; empty without one."""
    if "<" not in link:
        return link
    return next((target for target, rest in _LINK.findall(link) if _NEXT.search(rest)), "")


def _absolute(here: str, target: str) -> str:
    """Return the absolute URL; https if the previous page was, since a CRM behind a proxy may write http."""
    url = urljoin(here, target)
    there = urlsplit(url)
    is_lowered = (there.scheme, urlsplit(here).scheme, there.port) == ("http", "https", None)
    return urlunsplit(there._replace(scheme="https")) if is_lowered else url


def _with(request: Request, name: str, value: Any) -> Request:
    """Set one parameter: in the query, or in the body where the parameters are."""
    if request.method != "GET" and isinstance(request.body, JsonBody) and isinstance(request.body.value, dict):
        body = copy.deepcopy(request.body.value)  # the previous request stays unchanged
        put(body, name, value)
        return replace(request, body=JsonBody(body))
    parts = urlsplit(request.url)
    pairs = [(key, text) for key, text in _query(request) if key != name] + [(name, as_text(value))]
    query = "&".join(f"{quote(key, safe='[]$')}={quote(text, safe='')}" for key, text in pairs)
    return replace(request, url=urlunsplit(parts._replace(query=query)))


def _query(request: Request) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(request.url).query.replace("+", "%2B"), keep_blank_values=True)


def _number(request: Request, name: str, first: int) -> int:
    """Return the position of this page from its request; without one, `first`."""
    said = _parameter_of(request, name)
    return int(said) if said and re.fullmatch(r"[0-9]{1,9}", said) else first


def _parameter_of(request: Request, name: str) -> str | None:
    """Return the value of a parameter in the request."""
    said = dict(_query(request)).get(name)
    if said is None and isinstance(request.body, JsonBody) and isinstance(request.body.value, dict):
        return as_text(_under(request.body.value, name))
    return said


def _under(tree: Mapping[str, Any], name: str) -> Any:
    """Return the value under a dotted name, as `put` sets it."""
    value: Any = tree
    for key in keys_of(name):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
