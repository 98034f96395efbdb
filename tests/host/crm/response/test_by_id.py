"""Ids without an object, or of another person: the id is forgotten, and the caller is searched for."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from host.crm.auth.clients import Clients
from host.crm.exchange.unrecorded import Unrecorded
from host.crm.proxy.proxy import CrmProxy
from host.crm.response import by_id
from host.crm.response.hits import Hit
from host.crm.templates.quoting import as_text
from host.crm.templates.variables import Context
from host.db.tables import known_accounts
from tests.host.crm import facts
from tests.host.crm.crm_settings import crm_settings
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.crm.story import JAMES, Story, Tell
from tests.host.crm.world import World

JAMES_AT_WORK = {**JAMES, "email": "bond@elsewhere.example"}
"""Another end user with the same number."""


def remembered(story: Story) -> list[Any]:
    with story.database.read() as connection:
        return list(connection.execute(select(known_accounts.c.account_id)).scalars())


def known_before(crm: FaultyCrm, story: Story) -> None:
    """James was account 1; in the CRM the account is 2 now."""
    session_id = story.start()
    story.run(session_id)
    story.chats.end(session_id, by="end_user")
    story.run(session_id)
    crm.rows["accounts"][:] = [{"id": 2, "phone": JAMES["phone"], "email": JAMES["email"]}]
    crm.asked.clear()


NOWHERE: list[tuple[int, Any, dict[str, Any]]] = [
    (404, None, {}),
    (410, None, {}),
    (204, None, {}),
    (200, {"id": 77, "name": "A stranger"}, {}),
    (200, {"id": "2", "name": "Merged"}, {}),
    (200, [], {}),
    (200, {"found": False}, {"not_found": {"when": [{"location": "found", "equals": False}]}}),
    (403, None, {"not_found": {"statuses": [403]}}),
]


@pytest.mark.parametrize(("status", "answer", "keys"), NOWHERE)
def test_an_id_that_leads_nowhere_is_forgotten_and_the_caller_looked_for(
    crm: FaultyCrm, tell: Tell, status: int, answer: Any, keys: dict[str, Any]
) -> None:
    by = {"find_account_by_id": {"url": f"{crm.url}/accounts/{{ACCOUNT_ID}}", **keys}}
    story = tell(crm_settings(crm, endpoints=by))
    known_before(crm, story)
    crm.answers["/accounts/1"], crm.statuses["/accounts/1"] = answer, status
    session_id = story.start()
    story.run(session_id)
    assert story.ids(session_id)[0] == 2
    assert crm.count("POST", "/accounts") == 0
    assert remembered(story) == [2]
    again = story.start()
    story.run(again)
    assert crm.count("GET", "/accounts/1") == 1


@pytest.mark.parametrize("status", [404, 410])
def test_it_is_forgotten_though_nobody_else_is_found(crm: FaultyCrm, tell: Tell, status: int) -> None:
    story = tell(crm_settings(crm))
    known_before(crm, story)
    crm.rows["accounts"].clear()
    crm.statuses["/accounts/1"] = status
    story.crm = crm_settings(crm, skip_account_creation=True)
    session_id = story.start()
    story.run(session_id)
    assert story.ids(session_id)[0] is None
    assert remembered(story) == []
    assert "account 1 any more: it is forgotten" in story.decisions_of(session_id)


@pytest.mark.parametrize("status", [400, 401, 403, 408, 429, 500, 503])
def test_a_failure_forgets_nothing(crm: FaultyCrm, tell: Tell, status: int) -> None:
    story = tell(crm_settings(crm))
    known_before(crm, story)
    crm.statuses["/accounts/1"] = status
    session_id = story.start()
    story.run(session_id)
    assert remembered(story) == [1]
    assert story.intent(session_id, "account").state in {"due", "failed"}
    assert [asked.path for asked in crm.asked] == ["/accounts/1"]


def test_a_time_out_forgets_nothing(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(crm_settings(crm))
    known_before(crm, story)
    crm.fail("hang", method="GET")
    session_id = story.start()
    story.run(session_id)
    assert remembered(story) == [1]
    assert story.intent(session_id, "account").state == "due"


@pytest.mark.parametrize(
    ("answer", "keys", "account_id"),
    [
        ({"id": 77}, {"verify_match": False}, 77),
        ({"id": 77}, {}, 2),
        ({"name": "James Bond"}, {}, 1),
        ({"id": "1"}, {}, "1"),
        ({"id": 1}, {}, 1),
    ],
)
def test_a_hit_counts_when_it_is_the_one_that_was_asked_for(
    crm: FaultyCrm, tell: Tell, answer: Any, keys: dict[str, Any], account_id: Any
) -> None:
    by = {"find_account_by_id": {"url": f"{crm.url}/accounts/{{ACCOUNT_ID}}", **keys}}
    story = tell(crm_settings(crm, endpoints=by))
    known_before(crm, story)
    crm.answers["/accounts/1"] = answer
    session_id = story.start()
    story.run(session_id)
    assert story.ids(session_id)[0] == account_id


@given(st.lists(st.one_of(st.integers(), st.text(min_size=1))), st.one_of(st.integers(), st.text(min_size=1)))
def test_only_the_id_that_was_asked_for_counts(ids: list[Any], asked: Any) -> None:
    verdict = by_id.keep_requested([Hit(each, {"id": each}) for each in ids], asked, facts.endpoint())
    assert [hit.id for hit in verdict.kept] == [each for each in ids if as_text(each) == as_text(asked)]
    assert len(verdict.kept) + len(verdict.dropped) == len(ids)


@pytest.mark.parametrize("answer", [{"id": 9, "account_id": 1}, None])
def test_a_record_is_used_again_only_when_it_is_that_record(crm: FaultyCrm, tell: Tell, answer: Any) -> None:
    story = tell(crm_settings(crm, endpoints={"find_record_by_query": None}, reuse_records="account", marker=False))
    first = story.start()
    story.run(first)
    if answer:
        crm.answers["/records/1"] = answer
    else:
        crm.statuses["/records/1"] = 410
    second = story.start()
    story.run(second)
    assert story.ids(second) == (1, 2), story.decisions_of(second)


@pytest.mark.parametrize(("status", "answer"), [(410, None), (200, {"id": 77})])
def test_a_page_that_asks_by_id_gets_nobody_else(crm: FaultyCrm, world: World, status: int, answer: Any) -> None:
    crm.answers["/accounts/1"], crm.statuses["/accounts/1"] = answer, status
    settings = crm_settings(crm)
    context = Context(session_id=0, channel="chat", now=facts.NOW, account_id="1")
    work = Unrecorded.begin(world.database, world.clock, None)
    assert CrmProxy(settings, Clients().of(settings), context, work).find("find_account_by_id") == []


def test_three_calls_within_seconds_do_not_share_an_account_that_is_gone(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(crm_settings(crm))
    for _ in range(2):
        story.run(story.start())
    crm.rows["accounts"].clear()
    third = story.start()
    story.run(third)
    assert crm.count("POST", "/accounts") == 2
    assert crm.rows["records"][-1]["account_id"] == story.ids(third)[0] == crm.rows["accounts"][0]["id"]


def test_sessions_side_by_side_share_what_no_search_shows_yet(crm: FaultyCrm, tell: Tell) -> None:
    crm.lags = True
    story = tell(crm_settings(crm))
    story.run(story.start())
    second = story.start(JAMES_AT_WORK)
    story.run(second)
    assert crm.count("POST", "/accounts") == 1
    assert story.ids(second)[0] == 1
    assert "has just created account 1" in story.decisions_of(second)


@pytest.mark.parametrize("by", [True, False])
def test_a_session_that_ended_before_shares_nothing(crm: FaultyCrm, tell: Tell, by: bool) -> None:
    """`by`: with an endpoint that finds by id; it returns the account, but no search does."""
    crm.lags = True
    story = tell(crm_settings(crm, endpoints={} if by else {"find_account_by_id": None}))
    first = story.start()
    story.run(first)
    story.chats.end(first, by="end_user")
    story.clock.forward(timedelta(seconds=1))
    second = story.start(JAMES_AT_WORK)
    story.run(second)
    assert crm.count("POST", "/accounts") == 2


def test_what_was_deleted_a_moment_ago_is_not_shared(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(crm_settings(crm))
    story.run(story.start())
    crm.rows["accounts"].clear()
    second = story.start(JAMES_AT_WORK)
    story.run(second)
    assert crm.count("POST", "/accounts") == 2


def test_what_was_merged_a_moment_ago_is_not_shared(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(crm_settings(crm))
    story.run(story.start())
    crm.rows["accounts"][:] = []
    crm.answers["/accounts/1"] = {"id": 9}
    second = story.start(JAMES_AT_WORK)
    story.run(second)
    assert crm.count("POST", "/accounts") == 2


def test_what_a_search_has_shown_and_shows_no_more_is_not_shared(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(crm_settings(crm, endpoints={"find_account_by_id": None}))
    story.run(story.start())
    story.run(story.start(JAMES_AT_WORK))
    crm.rows["accounts"].clear()
    third = story.start({**JAMES, "email": "007@third.example"})
    story.run(third)
    assert crm.count("POST", "/accounts") == 2
