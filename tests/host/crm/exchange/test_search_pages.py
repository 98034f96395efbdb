"""Reading all pages of a search ends, whatever the CRM answers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.crm.exchange.search_pages import SearchPages, read_all
from host.crm.http.answer import Answer
from host.crm.request.build import render
from host.crm.request.request import Request
from host.crm.response import hits
from host.crm.response.hits import Hit
from host.crm.settings.endpoint_parts import LARGEST_PAGE_COUNT
from tests.host.crm.facts import answer, endpoint, searching

PAGING: dict[str, dict[str, Any]] = {
    "next_link": {"type": "next_link", "location": "next"},
    "cursor": {"type": "cursor", "location": "next", "parameter": "after"},
    "page": {"type": "page", "parameter": "page"},
    "offset": {"type": "offset", "parameter": "skip"},
}
CURSORS = st.none() | st.integers() | st.text(max_size=4) | st.sampled_from(["/a?p=1", "/a?p=2", "https://x.example/"])
PAGES = st.fixed_dictionaries(
    {},
    optional={
        "data": st.lists(st.fixed_dictionaries({"id": st.integers(0, 5)}), max_size=3) | st.none(),
        "next": CURSORS,
        "total": st.integers(-1, 200) | st.text(max_size=2),
        "has_more": st.booleans(),
        "per_page": st.integers(0, 3),
    },
)


def first(paging: str, max_pages: int = 5) -> Request:
    how = {**PAGING[paging], "max_pages": max_pages}
    find = endpoint(parameters={"email": "{EMAIL}"}, response_location="data", paging=how)
    request = render(find, searching())
    assert isinstance(request, Request)
    return request


def reading(request: Request, pages: list[Any]) -> tuple[SearchPages, int]:
    """Read the pages one after the other; the last one is repeated for every further request."""
    asked = list[Request]()

    def ask(page: Request) -> tuple[Answer, list[Hit]]:
        asked.append(page)
        found = answer(pages[min(len(asked), len(pages)) - 1])
        return found, hits.read(page.endpoint, found)

    return read_all(request, ask), len(asked)


@pytest.mark.slow
@given(st.sampled_from(sorted(PAGING)), st.integers(1, 50), st.lists(PAGES, min_size=1, max_size=8))
def test_it_ends_after_fifty_pages_at_the_latest(paging: str, max_pages: int, pages: list[Any]) -> None:
    read, asked = reading(first(paging, max_pages), pages)
    assert 1 <= asked <= LARGEST_PAGE_COUNT
    assert read.more or not read.unfinished


@pytest.mark.parametrize("paging", sorted(PAGING))
def test_a_search_that_goes_on_for_ever_is_not_finished(paging: str) -> None:
    pages = [{"data": [{"id": number}], "next": f"/a?p={number}"} for number in range(100)]
    read, asked = reading(first(paging), pages)
    assert (asked, read.unfinished) == (5, "5 pages were read (max_pages), 5 rows, and there are more")


@pytest.mark.parametrize("paging", sorted(PAGING))
def test_with_a_total_it_reads_on_to_the_last_row(paging: str) -> None:
    pages = [{"data": [{"id": number}], "next": f"/a?p={number}", "total": 9} for number in range(8)]
    pages.append({"data": [{"id": 8}], "total": 9})
    read, asked = reading(first(paging), pages)
    assert (asked, read.unfinished, read.more) == (9, "", "")
    assert read.hits is not None
    assert [hit.id for hit in read.hits] == list(range(9))


def test_a_total_beyond_fifty_pages_is_not_begun() -> None:
    pages = [{"data": [{"id": number}], "next": f"/a?p={number}", "total": 100} for number in range(100)]
    assert reading(first("next_link"), pages)[1] == 5


@pytest.mark.parametrize("rows", [[5, 5, 5, 5, 5], [5, 5, 5, 5, 4], [5, 0], [5, 5, 2]])
def test_pages_by_number_end_with_a_short_or_empty_one(rows: list[int]) -> None:
    pages: list[dict[str, Any]] = []
    for number, count in enumerate(rows):
        pages.append({"data": [{"id": 100 * number + row} for row in range(count)]})
    read, _ = reading(first("page"), [*pages, {"data": []}])
    assert bool(read.unfinished) == (rows == [5, 5, 5, 5, 5])
