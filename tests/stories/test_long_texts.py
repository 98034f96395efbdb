"""Texts of any length, made to be slow, in a CRM's answers: what reads them takes time in proportion."""

import pytest

from host import phone
from host.crm.exchange.paging import OutOfReach, next_page
from host.crm.exchange.search_extent import extent_of
from host.crm.http import charsets
from host.crm.intents import trace
from host.crm.intents.trace import Secrets, TraceRow
from host.crm.request.build import render
from host.crm.request.request import Request, SearchedBy
from host.crm.response import error_text
from host.crm.response.hits import Hit
from host.crm.response.wrong_hit_guard import verify
from tests.host.crm.facts import answer, endpoint, searching
from tests.host.crm.world import World

LENGTH = 300_000
SLOW = {
    "blanks": " " * LENGTH,
    "brackets": "(" * LENGTH,
    "digits": "1" * LENGTH,
    "signs": "-." * LENGTH,
    "extensions": "x1 " * LENGTH,
    "labels": "tel:" * LENGTH,
    "relations": " rel=" * LENGTH,
    "semicolons": ";" * LENGTH,
    "at signs": "a@" * LENGTH,
    "angles": "<" * LENGTH,
}
AS_NUMBERS = [
    (f"1{between * 20}" * 9 + text) for between in ("*", "(", " ", "%20") for text in ("", "(" * 4000, "1" * 4000)
]
"""The digits of a number with so much between them that there are very many ways to read it."""
texts = pytest.mark.parametrize("text", SLOW.values(), ids=SLOW.keys())


@texts
@pytest.mark.parametrize("key", ["phone", "email", "note", "id"])
def test_a_hit_is_compared(text: str, key: str) -> None:
    hits = [Hit(1, {"id": 1, key: text}), Hit(2, {"id": 2, "phone": "222 333 4444"})]
    searched = SearchedBy(phone="+12223334444", email="james.bond@007")
    assert [hit.id for hit in verify(hits, searched, endpoint()).kept] == [2]
    fields = {"phone": [key], "email": [key]}
    assert verify(hits[:1], searched, endpoint(match_fields=fields), more="x").kept == []


@texts
def test_numbers_are_compared(text: str) -> None:
    assert not phone.agree(text, "+12223334444")
    assert phone.compare("+12223334444", text) is not True


@texts
def test_headers_and_links_are_read(text: str) -> None:
    find = endpoint(parameters={"phone": "{PHONE_NUMBER}"}, paging={"type": "next_link", "location": "next"})
    request = render(find, searching())
    assert isinstance(request, Request)
    found = answer({"next": f"<{text}"}, headers={"Link": text, "Content-Range": text, "Content-Type": text})
    assert extent_of(request, found).total is None
    assert isinstance(next_page(request, found, 1), OutOfReach)
    assert charsets.text_of(b"{}", text) == "{}"


@texts
def test_the_crms_own_words_are_read(text: str) -> None:
    said = answer(status=400, body=f"No: {text}".encode(), headers={"Content-Type": "text/html"})
    assert error_text.message_of(said).startswith("No:")


@pytest.mark.parametrize("text", [*SLOW.values(), *AS_NUMBERS])
def test_a_trace_is_masked(world: World, text: str) -> None:
    """Whoever chats may call themselves so."""
    session_id = world.session()
    with world.database.write() as connection:
        row = TraceRow(world.now, "create_account", text, request={"body": {"name": text}})
        trace.write(connection, session_id, row, Secrets())
        trace.mask_session(connection, session_id)
        assert trace.rows(connection, session_id)[0].is_masked
