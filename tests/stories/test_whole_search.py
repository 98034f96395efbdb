"""Which hits of a real search count, and when a search is over: against a CRM on loopback."""

from typing import Any

import pytest

from tests.host.crm.crm_settings import crm_settings
from tests.host.crm.faulty_crm import Asked, FaultyCrm
from tests.host.crm.story import Tell

JAMES = {"id": 9, "phone": "+12223334444"}
STRANGERS = [{"id": number, "phone": f"+1999888{number:04}"} for number in range(100, 180)]


def find(crm: FaultyCrm, **keys: Any) -> dict[str, Any]:
    """A find by phone alone, with no other way to look."""
    return {
        "url": f"{crm.url}/people",
        "parameters": [{"name": "phone", "value": "{PHONE_NUMBER}"}],
        "response_location": "items",
        **keys,
    }


def paged(crm: FaultyCrm, rows: list[dict[str, Any]], size: int = 10, **around: Any) -> None:
    """Let the CRM ignore the filter and answer page after page."""

    def page(asked: Asked) -> dict[str, Any]:
        first = (int(asked.query.get("page", 1)) - 1) * size
        return {"items": rows[first : first + size], **around}

    crm.answers["/people"] = page


def run(crm: FaultyCrm, tell: Tell, endpoint: dict[str, Any], **settings: Any) -> tuple[Any, Any, int]:
    story = tell(crm_settings(crm, marker=False, endpoints={"find_account_by_query": endpoint}, **settings))
    session_id = story.start()
    story.run(session_id)
    return story, session_id, len(crm.rows["accounts"])


@pytest.mark.parametrize(
    ("answer", "account"),
    [
        ({"items": [{"id": 9, "email": "somebody@agents.co"}]}, 9),
        ({"items": [{"id": 9, "name": "James"}], "total": 1}, 9),
        ({"items": [{"id": 9, "phone": "(222) 333-4444 ext. 7"}]}, 9),
        ({"items": [{"id": 9, "phone": "+19998887777"}]}, 1),
        ({"items": [{"id": "+19998887777", "phone": "+19998887777"}]}, 1),
        ({"items": [{"id": 9, "name": "James"}], "total": 17}, 1),
        ({"items": [{"id": 9, "name": "James"}], "next": "/people?page=2"}, 1),
        ({"items": [{"id": 9, "name": "James"}], "per_page": 1}, 1),
        ({"items": [{"id": 8, "name": "Ann"}, {"id": 9, "name": "James"}]}, 1),
    ],
)
def test_only_whom_we_searched_pops(crm: FaultyCrm, tell: Tell, answer: dict[str, Any], account: Any) -> None:
    crm.answers["/people"] = answer
    story, session_id, made = run(crm, tell, find(crm))
    assert story.ids(session_id)[0] == account
    assert made == (account == 1)


def test_a_short_number_of_a_small_country_is_found(crm: FaultyCrm, tell: Tell) -> None:
    crm.answers["/people"] = {"items": [{"id": 9, "phone": "+376312345"}, {"id": 8, "phone": "+376312346"}]}
    story = tell(crm_settings(crm, marker=False, endpoints={"find_account_by_query": find(crm)}))
    session_id = story.start({"phone": "+376312345"})
    story.run(session_id)
    assert story.ids(session_id)[0] == 9


BY_PAGE = {"type": "page", "parameter": "page"}


@pytest.mark.parametrize(
    ("around", "paging", "asked"),
    [
        ({}, {**BY_PAGE, "max_pages": 8}, 8),
        ({}, {**BY_PAGE, "max_pages": 50}, 9),
        ({"total": 80}, BY_PAGE, 8),
        ({"meta": {"total": 80}}, {**BY_PAGE, "max_pages": 1}, 8),
    ],
)
def test_the_caller_on_the_last_page_is_found(
    crm: FaultyCrm, tell: Tell, around: dict[str, Any], paging: dict[str, Any], asked: int
) -> None:
    paged(crm, [*STRANGERS[:79], JAMES], **around)
    story, session_id, made = run(crm, tell, find(crm, paging=paging))
    assert (story.ids(session_id)[0], made) == (9, 0)
    assert crm.count("GET", "/people") == asked


@pytest.mark.parametrize("around", [{}, {"total": 100_000}])
def test_a_search_that_is_not_finished_waits_and_makes_no_second_account(
    crm: FaultyCrm, tell: Tell, around: dict[str, Any]
) -> None:
    paged(crm, [*STRANGERS[:79], JAMES], **around)
    story, session_id, made = run(crm, tell, find(crm, paging=BY_PAGE))
    assert (story.ids(session_id), made, crm.count("GET", "/people")) == ((None, None), 0, 5)
    assert story.states(session_id)["account"] == "waiting"
    assert "search could not be finished" in story.card(session_id).steps[0].words
    assert "5 pages were read (max_pages), 50 rows" in story.card(session_id).steps[0].words
    story.crm = crm_settings(
        crm, marker=False, endpoints={"find_account_by_query": find(crm, paging={**BY_PAGE, "max_pages": 50})}
    )
    story.decisions.look_up_again(session_id, story.james, "account")
    story.run(session_id)
    assert (story.ids(session_id)[0], len(crm.rows["accounts"])) == (9, 0)


def test_whom_the_pages_that_were_read_show_is_found(crm: FaultyCrm, tell: Tell) -> None:
    paged(crm, [*STRANGERS[:15], JAMES, *STRANGERS[15:]])
    story, session_id, made = run(crm, tell, find(crm, paging=BY_PAGE))
    assert (story.ids(session_id)[0], made) == (9, 0)


def test_an_alternative_may_find_what_an_unfinished_search_has_not(crm: FaultyCrm, tell: Tell) -> None:
    paged(crm, STRANGERS)
    crm.answers["/by-email"] = {"items": [{"id": 9, "email": "James.Bond@agents.co"}]}
    other = {"url": f"{crm.url}/by-email", "parameters": [{"name": "email", "value": "{EMAIL}"}]}
    story, session_id, made = run(crm, tell, find(crm, paging=BY_PAGE, alternatives=[other]))
    assert (story.ids(session_id)[0], made) == (9, 0)


@pytest.mark.parametrize("rows", [STRANGERS[:50], STRANGERS[:47], STRANGERS[:3], []])
def test_a_search_whose_last_page_was_read_is_over(crm: FaultyCrm, tell: Tell, rows: list[dict[str, Any]]) -> None:
    paged(crm, rows, total=len(rows))
    story, session_id, made = run(crm, tell, find(crm, paging=BY_PAGE))
    assert (story.ids(session_id)[0], made) == (1, 1)


def test_a_crm_that_answers_every_page_with_the_first_is_asked_twice(crm: FaultyCrm, tell: Tell) -> None:
    crm.answers["/people"] = {"items": STRANGERS[:3]}
    story, session_id, made = run(crm, tell, find(crm, paging=BY_PAGE))
    assert (story.ids(session_id)[0], made, crm.count("GET", "/people")) == (1, 1, 2)


@pytest.mark.parametrize("link", ["https://other.example/people?page=2", "http://[", 5])
def test_a_next_page_that_cannot_be_asked_for_leaves_the_search_unfinished(
    crm: FaultyCrm, tell: Tell, link: Any
) -> None:
    crm.answers["/people"] = {"items": STRANGERS[:3], "next": link}
    story, session_id, made = run(crm, tell, find(crm, paging={"type": "next_link", "location": "next"}))
    assert (story.states(session_id)["account"], made) == ("waiting", 0)


def test_pages_that_overlap_show_each_account_once(crm: FaultyCrm, tell: Tell) -> None:
    twins = [JAMES, {"id": 10, "phone": "+12223334444"}]
    crm.answers["/people"] = {"items": twins, "next": f"{crm.url}/people2"}
    crm.answers["/people2"] = {"items": [twins[1], {"id": 11, "phone": "222-333-4444"}]}
    story, session_id, _ = run(crm, tell, find(crm, paging={"type": "next_link", "location": "next"}))
    others = story.card(session_id).choices["account"].others
    assert [each.id for each in others] == [10, 11]


def test_a_record_search_that_is_not_finished_makes_no_second_record(crm: FaultyCrm, tell: Tell) -> None:
    paged(crm, [{"id": number, "account_id": 5000 + number} for number in range(80)])
    crm.answers["/accounts"] = {"items": [JAMES]}
    records = {**find(crm, paging=BY_PAGE), "parameters": [{"name": "account", "value": "{ACCOUNT_ID}"}]}
    story = tell(crm_settings(crm, marker=False, reuse_records="account", endpoints={"find_record_by_query": records}))
    session_id = story.start()
    story.run(session_id)
    assert story.ids(session_id) == (9, None)
    assert (story.states(session_id)["record"], crm.rows["records"]) == ("waiting", [])


def test_what_an_unfinished_search_does_not_show_is_not_sent_again(crm: FaultyCrm, tell: Tell) -> None:
    crm.honours_keys = False
    paged(crm, [])
    story = tell(crm_settings(crm, marker=False, endpoints={"find_account_by_query": find(crm, paging=BY_PAGE)}))
    session_id = story.start()
    crm.fail("commit_then_hang")
    story.run(session_id)
    paged(crm, [*STRANGERS[:79], JAMES])
    story.run(session_id, for_s=60)
    assert (story.states(session_id)["account"], len(crm.rows["accounts"])) == ("waiting", 1)
