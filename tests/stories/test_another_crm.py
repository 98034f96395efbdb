"""The settings name another CRM: ids of the first one are nobody's there, its work waits, and goes on when it is back.

Both CRMs are servers on loopback, and both begin to count their ids at 1.
"""

from collections.abc import Callable
from typing import Any

import pytest

from host.crm.auth.clients import Clients
from host.crm.settings.crm import CrmSettings
from host.crm.steps.runner import CrmRunner
from host.errors import OtherCrmError
from host.orchestration import deliveries
from host.reports.failed_items import FailedItem
from host.reports.session_metadata.document import documents
from host.sessions import repository
from tests.host.crm.crm_settings import crm_settings, updating
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.crm.story import JAMES, Story, Tell
from tests.host.world import file_url

EVE = {"id": 1, "name": "Eve", "phone": "+15556667777", "email": "eve@elsewhere.example"}
"""Account 1 of the other CRM."""
EVES_RECORD = {"id": 1, "account_id": 1, "subject": "Eve's"}


@pytest.fixture
def other_crm(other_crm: FaultyCrm) -> FaultyCrm:
    """Every id that the first CRM gives is Eve's here."""
    other_crm.rows["accounts"].append(dict(EVE))
    other_crm.rows["records"].append(dict(EVES_RECORD))
    return other_crm


def troubles(story: Story) -> list[tuple[str, str, str]]:
    with story.database.read() as connection:
        found = deliveries.report(connection, story.clock.now(), story.runner.crm(connection))
    return [
        (f"{each.intent.step} {each.intent.occurrence}".strip(), each.state, each.words) for each in found.deliveries
    ]


def is_untouched(crm: FaultyCrm) -> bool:
    """Whether nobody but Eve is in the other CRM, and nothing of hers has changed."""
    return crm.rows == {"accounts": [EVE], "records": [EVES_RECORD], "comments": [], "files": []}


def test_a_caller_of_one_crm_is_a_stranger_in_another_and_known_again_when_the_first_is_back(
    crm: FaultyCrm, other_crm: FaultyCrm, tell: Tell
) -> None:
    first, second = updating(crm, reuse_records="account"), updating(other_crm, reuse_records="account")
    story = tell(first)
    story.end(story.answered())
    story.crm = second
    session_id = story.answered()
    assert story.ids(session_id) == (2, 2)
    assert other_crm.rows["accounts"][0] == EVE
    assert other_crm.rows["records"][0] == EVES_RECORD
    assert other_crm.count("GET", "/accounts/1") == other_crm.count("GET", "/records/1") == 0
    assert "1" not in [value for asked in other_crm.asked for value in asked.query.values()]
    story.end(session_id)
    crm.asked.clear()
    story.crm = first
    again = story.answered()
    assert story.ids(again) == (1, 1)
    assert crm.asked[0].path == "/accounts/1"


def test_a_remembered_id_stands_in_no_query_of_another_crm(crm: FaultyCrm, other_crm: FaultyCrm, tell: Tell) -> None:
    def zoho(of: FaultyCrm) -> CrmSettings:
        criteria = "=CONCAT_OR((Id:equals:{ACCOUNT_ID}), (Email:equals:{EMAIL}))"
        find = {
            "url": f"{of.url}/accounts",
            "parameters": [{"name": "criteria", "value": criteria}],
            "response_location": "items",
        }
        return crm_settings(of, marker=False, endpoints={"find_account_by_query": find})

    story = tell(zoho(crm))
    story.run(story.start())
    story.crm = zoho(other_crm)
    story.run(story.start())
    asked = [each.query["criteria"] for each in other_crm.asked if "criteria" in each.query]
    assert set(asked) == {"(Email:equals:james.bond@agents.co)"}


@pytest.mark.parametrize("fault", ["503", "hang", "commit_then_hang"])
def test_work_that_waits_for_one_crm_never_goes_to_another(
    crm: FaultyCrm, other_crm: FaultyCrm, tell: Tell, fault: str
) -> None:
    crm.fail(fault)
    story = tell(updating(crm))
    session_id = story.answered()
    assert story.states(session_id)["account"] != "done"
    story.crm = updating(other_crm)
    story.run(session_id, for_s=60)
    story.end(session_id)
    story.runner.sweep()
    assert not other_crm.asked
    assert story.pops() == []
    listed = troubles(story)
    assert [what for what, _, _ in listed] == [
        "account",
        "record",
        "comment start",
        "update connected",
        "comment end",
        "update end",
    ]
    assert {state for _, state, _ in listed} == {"elsewhere"}
    assert all(crm.host in words for _, _, words in listed)
    story.crm = updating(crm)
    story.run(session_id, for_s=60)
    assert set(story.states(session_id).values()) == {"done"}
    assert [len(crm.rows[kind]) for kind in ("accounts", "records", "comments")] == [1, 1, 2]
    assert is_untouched(other_crm)
    assert troubles(story) == []


def test_a_record_that_is_open_shows_and_tells_nothing_in_another_crm(
    crm: FaultyCrm, other_crm: FaultyCrm, tell: Tell
) -> None:
    story = tell(updating(crm))
    session_id = story.answered()
    [pop] = story.pops()
    assert pop["recordUrl"] == f"{crm.url}/pages/records/1"
    story.crm = updating(other_crm)
    card = story.card(session_id)
    assert (card.account, card.record, card.choices) == (None, None, {})
    assert [step.words for step in card.steps] == [
        f"{what}: in another CRM ({crm.host})." for what in ("Account", "Record")
    ]
    assert story.pops() == [{}]
    story.end(session_id)
    assert [event.words.partition(":")[0] for event in story.card(session_id).events] == [
        "Comment (end)",
        "Update (end)",
    ]
    assert is_untouched(other_crm)
    assert not other_crm.asked
    story.crm = updating(crm)
    story.run(session_id)
    assert [row["record"] for row in crm.rows["comments"]] == [1, 1]
    assert story.pops() == [pop]


def test_a_new_password_or_path_is_the_same_crm(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(crm_settings(crm))
    session_id = story.answered()
    auth = {"method": "headers", "headers": [{"key": "X-Api-Key", "value": "another"}]}
    by = {"find_account_by_id": {"url": f"{crm.url}/accounts/{{ACCOUNT_ID}}?v=2"}}
    story.crm = crm_settings(crm, auth=auth, endpoints=by)
    assert story.card(session_id).account is not None
    again = story.answered()
    assert story.ids(again)[0] == 1
    assert crm.asked[-2].path == "/accounts/1"


def test_a_crm_that_has_moved_keeps_its_ids_by_its_key(crm: FaultyCrm, other_crm: FaultyCrm, tell: Tell) -> None:
    story = tell(crm_settings(crm))
    story.answered()
    story.crm = crm_settings(other_crm, key=crm.host)
    assert story.ids(story.answered())[0] == 1


def test_accounts_just_created_in_one_crm_are_not_shared_in_another(
    crm: FaultyCrm, other_crm: FaultyCrm, tell: Tell
) -> None:
    other_crm.lags = True
    story = tell(crm_settings(crm))
    story.run(story.start())
    story.crm = crm_settings(other_crm)
    second = story.start({**JAMES, "email": "bond@elsewhere.example"})
    story.run(second)
    assert story.ids(second)[0] == 2


def test_a_create_that_waits_for_one_crm_holds_up_nobody_in_another(
    crm: FaultyCrm, other_crm: FaultyCrm, tell: Tell
) -> None:
    crm.fail("hang")
    story = tell(crm_settings(crm))
    story.run(story.start())
    story.crm = crm_settings(other_crm)
    second = story.start()
    story.run(second)
    assert story.ids(second) == (2, 2)


def test_a_choice_is_remembered_in_its_own_crm(crm: FaultyCrm, other_crm: FaultyCrm, tell: Tell) -> None:
    crm.rows["accounts"][:] = [{"id": number, "phone": JAMES["phone"]} for number in (1, 2)]
    story = tell(crm_settings(crm))
    session_id = story.answered()
    assert story.ids(session_id)[0] == 2
    story.decisions.choose(session_id, story.james, "account", 1)
    story.crm = crm_settings(other_crm)
    assert story.ids(story.answered())[0] == 2
    story.crm = crm_settings(crm)
    assert story.ids(story.answered())[0] == 1


DECISIONS: dict[str, Callable[[Story, int], None]] = {
    "choose": lambda story, session_id: story.decisions.choose(session_id, story.james, "account", 1),
    "create new": lambda story, session_id: story.decisions.choose(session_id, story.james, "account", None),
    "look up again": lambda story, session_id: story.decisions.look_up_again(session_id, story.james, "account"),
    "send again": lambda story, session_id: story.decisions.send_again(session_id, None, "comment", "start"),
    "it exists": lambda story, session_id: story.decisions.it_exists(session_id, None, "account", "", 1),
    "set": lambda story, session_id: story.decisions.set_known(session_id, story.james, "record", 1),
}


@pytest.mark.parametrize("decide", DECISIONS.values(), ids=list(DECISIONS))
def test_nothing_is_decided_with_ids_of_another_crm(
    crm: FaultyCrm, other_crm: FaultyCrm, tell: Tell, decide: Callable[[Story, int], None]
) -> None:
    story = tell(updating(crm))
    session_id = story.answered()
    story.crm = updating(other_crm)
    with pytest.raises(OtherCrmError, match=crm.host):
        decide(story, session_id)


def test_what_is_discarded_is_never_sent_and_the_trace_says_who_did(
    crm: FaultyCrm, other_crm: FaultyCrm, tell: Tell
) -> None:
    crm.fail("503")
    story = tell(updating(crm))
    session_id = story.start()
    story.run(session_id)
    story.upload(session_id)
    story.crm = updating(other_crm)
    account = story.intent(session_id, "account")
    story.decisions.discard(account.id, story.james)
    assert troubles(story) == []
    assert f"account: discarded by user {story.james}: account, planned for {crm.host}" in story.decisions_of(
        session_id
    )
    asked = len(crm.asked)
    story.crm = updating(crm)
    story.run(session_id, for_s=60)
    assert len(crm.asked) == asked
    assert set(story.states(session_id).values()) == {"done"}


def test_one_comment_is_discarded_alone(crm: FaultyCrm, other_crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm))
    session_id = story.answered()
    story.crm = updating(other_crm)
    story.end(session_id)
    story.decisions.discard(story.intent(session_id, "comment", "end").id, story.james)
    assert [what for what, _, _ in troubles(story)] == ["update end"]
    story.crm = updating(crm)
    story.run(session_id)
    assert [row["body"].splitlines()[0] for row in crm.rows["comments"]] == ["Chat started"]


def test_without_a_crm_the_work_of_one_waits_too(crm: FaultyCrm, tell: Tell) -> None:
    crm.fail("503")
    story = tell(crm_settings(crm))
    session_id = story.answered()
    story.crm = CrmSettings()
    story.run(session_id, for_s=60)
    assert [(what, state) for what, state, _ in troubles(story)] == [("account", "elsewhere"), ("record", "elsewhere")]
    story.crm = crm_settings(crm)
    story.run(session_id, for_s=60)
    assert story.ids(session_id) == (1, 1)


def test_documents_tell_ids_of_the_crm_that_the_settings_name(crm: FaultyCrm, other_crm: FaultyCrm, tell: Tell) -> None:
    story = tell(crm_settings(crm))
    session_id = story.answered()

    def told() -> tuple[Any, Any, Any]:
        with story.database.read() as connection:
            session = repository.get(connection, session_id)
            [document] = documents(connection, [session], story.crm, url_of=file_url, now=story.clock.now())
        assert not isinstance(document, FailedItem)
        return document.end_user.out_contact_id, document.out_ticket_id, document.out_ticket_url

    assert told() == (1, 1, f"{crm.url}/pages/records/1")
    story.crm = crm_settings(other_crm)
    assert told() == (None, None, None)
    story.crm = crm_settings(crm)
    assert told()[:2] == (1, 1)


def test_a_record_that_a_session_came_with_is_one_of_its_crm(crm: FaultyCrm, other_crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm))
    session_id = story.start(record_id=1)
    story.crm = updating(other_crm)
    story.run(session_id)
    story.answer(session_id)
    story.end(session_id)
    assert is_untouched(other_crm)
    assert not other_crm.asked
    assert story.pops() == []


def test_work_taken_up_before_the_change_is_given_back(crm: FaultyCrm, other_crm: FaultyCrm, tell: Tell) -> None:
    """The settings change between the lease and the run."""
    story = tell(updating(crm))
    session_id = story.start()
    seen = iter([updating(crm), updating(crm)])
    runner = CrmRunner(
        story.database, lambda: next(seen, updating(other_crm)), Clients(), story.clock, story.outbox.on_known
    )
    runner.run_session(session_id)
    runner.close()
    assert not other_crm.asked
    intent = story.intent(session_id, "account")
    assert (intent.state, intent.lease_owner) == ("due", None)
