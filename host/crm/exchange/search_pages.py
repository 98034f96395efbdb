"""Reads all pages of one search, and tells whether the search is complete.

Source: docs/reference/generic-api.md, Response data location; docs/reference/generic-api.md, Wrong hits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from host.crm.exchange.paging import OutOfReach, next_page
from host.crm.exchange.search_extent import Extent, extent_of
from host.crm.http.answer import Answer
from host.crm.request.request import Request
from host.crm.response import hits as response
from host.crm.response.hits import Hit
from host.crm.settings.endpoint_parts import LARGEST_PAGE_COUNT
from host.errors import CrmAnswerError

RequestPage = Callable[[Request], tuple[Answer, Sequence[Hit] | None]]
"""Requests a page and returns its hits; None when the answer means no match."""
OnPage = Callable[[Request, Answer, Sequence[Hit], int], None]
"""Called for each page except the last one, with its hits and its number."""


@dataclass(frozen=True)
class SearchPages:
    """The content of all pages of a search."""

    request: Request
    """The request for the last page."""
    answer: Answer
    hits: Sequence[Hit] | None
    """Of all pages, in the endpoint's order; None when the answer means no match."""
    more: str = ""
    """Why there may be more hits than these; empty when there is no sign of it."""
    unfinished: str = ""
    """Why the search could not be finished; empty when it is complete."""


@dataclass
class _Progress:
    pages: int = 0
    rows: int = 0
    first_rows: int = 0
    last: list[Any] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)

    def add(self, rows: list[Any], hits: Sequence[Hit]) -> None:
        self.pages += 1
        self.rows += len(rows)
        self.first_rows = self.first_rows or len(rows)
        self.last = rows
        self.hits += hits


def read_all(first: Request, request_page: RequestPage, on_page: OnPage = lambda *_: None) -> SearchPages:
    """Read page after page until the last one, or until the limit of pages.

    Raises:
        CrmError: From `request_page`.
    """
    progress, request = _Progress(), first
    answer, hits = request_page(request)
    if hits is None:
        return SearchPages(request, answer, None)
    while True:
        rows = _rows(request, answer)
        extent = extent_of(request, answer)
        if rows and rows == progress.last:
            return _end(progress, request, answer, _why_repeated(progress, extent), extent)
        progress.add(rows, hits)
        following = next_page(request, answer, len(rows))
        unfinished = _why_end(progress, extent, following)
        if following is None or isinstance(following, OutOfReach) or unfinished is not None:
            return _end(progress, request, answer, unfinished or "", extent)
        on_page(request, answer, hits, progress.pages)
        request = following
        answer, found = request_page(request)
        hits = found or ()


def _end(progress: _Progress, request: Request, answer: Answer, unfinished: str, extent: Extent) -> SearchPages:
    hits = response.ordered(request.endpoint, progress.hits)
    is_paged = request.endpoint.paging is not None and not unfinished
    known = Extent(extent.total, extent.count) if is_paged else extent
    return SearchPages(request, answer, hits, unfinished or known.why_more(progress.rows), unfinished)


def _why_end(progress: _Progress, extent: Extent, following: Request | OutOfReach | None) -> str | None:
    """Return why a search with another page ends here; empty when that page would be empty, None to continue."""
    if isinstance(following, OutOfReach):
        return following.reason
    paging = following.endpoint.paging if following else None
    if paging is None or progress.pages < paging.max_pages:
        return None
    if paging.type in {"page", "offset"} and not _has_more_rows(progress, extent):
        return ""
    left = (extent.total or 0) - progress.rows
    if 0 < left <= (LARGEST_PAGE_COUNT - progress.pages) * max(progress.first_rows, 1):
        return None
    told = f" of {extent.total} hits" if extent.total else ""
    return f"{progress.pages} pages were read (max_pages), {progress.rows} rows{told}, and there are more"


def _has_more_rows(progress: _Progress, extent: Extent) -> bool:
    """Tell whether the page after the limit would have rows."""
    if extent.total is not None:
        return extent.total > progress.rows
    return extent.goes_on or len(progress.last) >= (extent.page_size or progress.first_rows)


def _why_repeated(progress: _Progress, extent: Extent) -> str:
    """Return the reason for a CRM that answers every page with the first one; empty when no hit is missing."""
    is_missing = (extent.total or 0) > progress.rows
    return f"the CRM answers the same page again, and tells of {extent.total} hits" if is_missing else ""


def _rows(request: Request, answer: Answer) -> list[Any]:
    try:
        return response.rows_of(request.endpoint, answer)
    except CrmAnswerError:
        return []
