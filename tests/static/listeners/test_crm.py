"""Run by pytest on CPython and by tests/static/run_on_micropython.mjs on MicroPython: so no pytest in here."""

from patchbay import CrmError
from patchbay.shell import Shell
from patchbay.testing import FakePage, run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

JAMES = {"id": 7, "url": "https://crm.example/7", "name": "James Bond"}


def result(coroutine: "Coroutine[Any, Any, Any]") -> "Any":
    """Run a coroutine; return what it returns, or the error that it raises."""
    got: "list[Any]" = []

    async def wait() -> None:
        try:
            got.append(await coroutine)
        except CrmError as error:
            got.append(error)

    run(wait())
    return got[0]


def test_finds_the_best_account() -> None:
    page = FakePage()
    page.answers["GET /api/crm/accounts?phone=%2B12223334444&email=james%40x"] = (200, {"items": [JAMES, {"id": 8}]})
    assert result(Shell(page).crm.find_account(phone="+12223334444", email="james@x")) == JAMES


def test_nobody_found_is_none() -> None:
    page = FakePage()
    page.answers["GET /api/crm/accounts?cuid=007"] = (200, {"items": []})
    assert result(Shell(page).crm.find_account(cuid="007")) is None
    assert result(Shell(page).crm.account(7)) is None
    assert result(Shell(page).crm.record("a/b?c")) is None
    assert page.asked[-1] == ("GET", "/api/crm/records/a%2Fb%3Fc", None)


def test_values_keep_their_place_whatever_they_hold() -> None:
    page = FakePage()
    result(Shell(page).crm.find_accounts(email="é&phone=1 #"))
    assert page.asked == [("GET", "/api/crm/accounts?email=%C3%A9%26phone%3D1%20%23", None)]


def test_finds_the_records_of_an_account() -> None:
    page = FakePage()
    page.answers["GET /api/crm/records?account_id=7"] = (200, {"items": [{"id": 1}]})
    assert result(Shell(page).crm.find_records(7)) == [{"id": 1}]


def test_creates_changes_and_comments() -> None:
    page = FakePage()
    for key in ("POST /api/crm/accounts", "POST /api/crm/records", "POST /api/crm/records/1/comments"):
        page.answers[key] = (201, JAMES)
    page.answers["PATCH /api/crm/records/1"] = (200, JAMES)
    crm = Shell(page).crm
    assert result(crm.create_account(name="James Bond")) == JAMES
    assert result(crm.create_record(account_id=7, subject="Help")) == JAMES
    assert result(crm.update_record(1, status="closed")) == JAMES
    assert result(crm.add_comment(1, "Called back.")) == JAMES
    assert [body for _, _, body in page.asked] == [
        {"name": "James Bond"},
        {"account_id": 7, "subject": "Help"},
        {"status": "closed"},
        {"text": "Called back."},
    ]


def test_a_refusal_is_an_error_with_its_code() -> None:
    page = FakePage()
    told = {"error": "crm_timeout", "message": "timed out after 5 s", "status": 504, "retryable": True}
    page.answers["POST /api/crm/accounts"] = (504, told)
    error = result(Shell(page).crm.create_account(name="x"))
    assert (error.code, error.message, error.status, error.retryable) == ("crm_timeout", told["message"], 504, True)


def test_no_answer_is_an_error_too() -> None:
    class Silent(FakePage):
        async def fetch(self, method: str, path: str, body: str) -> str:
            return ""

    error = result(Shell(Silent()).crm.account(7))
    assert (error.code, error.status) == ("unreachable", 0)
