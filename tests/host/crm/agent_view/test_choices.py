"""Several hits and the page for unknown callers: what pops, what agents can choose, and what follows."""

from typing import Any

import pytest

from host.crm.settings.crm import CrmSettings
from host.errors import FieldsError, TransitionError
from host.sessions.verification import Identity, Verification
from tests.host.crm.crm_settings import updating
from tests.host.crm.facts import HOSTILE_NAME
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.crm.story import Story, Tell

PHONE = "+12223334444"


def two_accounts(crm: FaultyCrm) -> None:
    for year, name in ((2024, "James Bond"), (2026, "Jim Bond"), (2020, "J. Bond")):
        crm.create("accounts", {"phone": PHONE, "name": name, "since": year}, "")


def choosing(crm: FaultyCrm, *, endpoints: dict[str, Any] | None = None, **changes: Any) -> CrmSettings:
    find = {
        "url": f"{crm.url}/accounts",
        "parameters": [{"name": "phone", "value": "{PHONE_NUMBER}"}],
        "response_location": "items",
        "order": {"location": "since"},
    }
    known = {"find_account_by_query": find, **(endpoints or {})}
    return updating(crm, comment_on=["start", "end"], update_on=[], endpoints=known, **changes)


def others(story: Story, session_id: int, step: str = "account") -> list[tuple[Any, str]]:
    return [(other.id, other.label) for other in story.card(session_id).choices[step].others]


def test_the_newest_pops_and_the_others_are_listed_until_the_end(crm: FaultyCrm, tell: Tell) -> None:
    two_accounts(crm)
    story = tell(choosing(crm))
    session_id = story.answered()
    assert story.ids(session_id) == (2, 1)
    assert others(story, session_id) == [(1, f"James Bond, {PHONE}"), (3, f"J. Bond, {PHONE}")]
    assert story.card(session_id).choices["account"].can_create
    assert [pop["reason"] for pop in story.pops()] == ["record"]
    story.end(session_id)
    assert "Bond" not in story.dump()
    with pytest.raises(TransitionError):
        story.decisions.choose(session_id, story.james, "account", 1)


def test_a_choice_moves_the_record_and_is_remembered(crm: FaultyCrm, tell: Tell) -> None:
    two_accounts(crm)
    story = tell(choosing(crm))
    session_id = story.answered()
    story.decisions.choose(session_id, story.james, "account", "3")
    story.run(session_id)
    assert story.ids(session_id) == (3, 1)
    assert (crm.rows["records"][0]["account_id"], crm.rows["records"][0]["event"]) == (3, "account")
    assert story.card(session_id).steps[0].words == "Account chosen."
    story.decisions.choose(session_id, story.james, "account", 2)
    story.decisions.choose(session_id, story.james, "account", 3)
    story.run(session_id)
    assert crm.rows["records"][0]["account_id"] == 3
    assert story.ids(story.answered())[0] == 3


def test_without_an_endpoint_that_finds_by_id_the_choice_is_remembered_too(crm: FaultyCrm, tell: Tell) -> None:
    two_accounts(crm)
    story = tell(choosing(crm, endpoints={"find_account_by_id": None}))
    first = story.answered()
    story.decisions.choose(first, story.james, "account", 1)
    story.run(first)
    assert story.ids(story.answered())[0] == 1


def test_another_record_takes_comments_and_files_that_follow(crm: FaultyCrm, tell: Tell) -> None:
    account = crm.create("accounts", {"phone": PHONE}, "")
    for subject in ("Old", "Older"):
        crm.create("records", {"account_id": account["id"], "subject": subject}, "")
    story = tell(updating(crm, reuse_records="account", update_on=[]))
    session_id = story.answered()
    assert story.ids(session_id) == (1, 2)
    assert others(story, session_id, "record") == [(1, "Old")]
    story.decisions.choose(session_id, story.james, "record", 1)
    story.run(session_id)
    story.upload(session_id)
    story.end(session_id)
    assert [(row["body"].splitlines()[0], row["record"]) for row in crm.rows["comments"]] == [
        ("Chat started", 2),
        ("File", 1),
        ("Chat ended", 1),
    ]
    assert [pop["record_id"] for pop in story.pops()] == [2, 1]


def test_create_new_creates_one_and_only_one(crm: FaultyCrm, tell: Tell) -> None:
    two_accounts(crm)
    story = tell(choosing(crm))
    session_id = story.answered()
    story.decisions.choose(session_id, story.james, "account", None)
    assert story.ids(session_id) == (None, 1)
    story.run(session_id)
    assert story.ids(session_id) == (4, 1)
    assert crm.rows["records"][0]["account_id"] == 4
    assert not story.card(session_id).choices["account"].can_create
    story.decisions.choose(session_id, story.james, "account", 1)
    story.decisions.choose(session_id, story.james, "account", None)
    story.run(session_id)
    assert (story.ids(session_id)[0], len(crm.rows["accounts"])) == (4, 4)


def test_a_record_that_was_found_does_not_follow_another_account(crm: FaultyCrm, tell: Tell) -> None:
    two_accounts(crm)
    record = crm.create("records", {"account_id": 2, "subject": "Somebody else's"}, "")
    story = tell(choosing(crm, reuse_records="account"))
    session_id = story.answered()
    assert story.ids(session_id) == (2, record["id"])
    story.decisions.choose(session_id, story.james, "account", 1)
    story.run(session_id)
    assert (record["account_id"], crm.rows["records"][1]["account_id"]) == (2, 1)
    assert story.ids(session_id) == (1, 2)


def test_the_agent_is_asked_first_where_the_settings_say_so(crm: FaultyCrm, tell: Tell) -> None:
    two_accounts(crm)
    story = tell(choosing(crm, ask_on_many=True))
    session_id = story.answered()
    assert story.states(session_id) == {"account": "waiting", "record": "due", "comment:start": "due"}
    assert story.card(session_id).steps[0].words == "Several accounts match: choose one."
    assert [crm_id for crm_id, _ in others(story, session_id)] == [2, 1, 3]
    assert not story.pops()
    story.decisions.choose(session_id, story.james, "account", 1)
    story.run(session_id)
    assert story.ids(session_id) == (1, 1)
    assert [pop["account_id"] for pop in story.pops()] == [1]
    assert story.ids(story.answered())[0] == 1


def test_what_was_not_found_cannot_be_chosen(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm))
    session_id = story.answered()
    with pytest.raises(FieldsError, match="found 77; allowed: none"):
        story.decisions.choose(session_id, story.james, "account", 77)


def test_what_is_being_looked_up_cannot_be_chosen(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm))
    session_id = story.start()
    story.offers.answer(session_id, story.james)
    with pytest.raises(TransitionError):
        story.decisions.set_known(session_id, story.james, "account", 1)


def test_a_page_may_name_a_record(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm))
    session_id = story.answered()
    other = crm.create("records", {"subject": "Another"}, "")
    story.decisions.set_known(session_id, story.james, "record", "2")
    story.run(session_id)
    assert story.ids(session_id) == (1, other["id"])
    assert story.pops()[-1]["record_id"] == 2


@pytest.mark.parametrize("given", ["9007199254740993", "9" * 20, "9" * 400, "9" * 500, "\u0661\u0662"])
def test_an_id_that_a_person_names_keeps_every_digit(crm: FaultyCrm, tell: Tell, given: str) -> None:
    story = tell(updating(crm))
    session_id = story.answered()
    story.decisions.set_known(session_id, story.james, "record", given)
    assert story.ids(session_id) == (1, given)


def test_an_id_that_a_person_names_has_a_length(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm))
    session_id = story.answered()
    with pytest.raises(FieldsError, match="has 5000 characters"):
        story.decisions.set_known(session_id, story.james, "record", "9" * 5000)


def test_an_account_that_exists_needs_its_id(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm, marker=False, endpoints={"find_account_by_query": None}))
    crm.fail("commit_then_hang")
    session_id = story.answered()
    story.run(session_id, for_s=30)
    with pytest.raises(FieldsError, match="the account's id in the CRM"):
        story.decisions.it_exists(session_id, story.james, "account", "", None)
    story.decisions.it_exists(session_id, story.james, "account", "", "A-1")
    story.run(session_id)
    assert story.ids(session_id) == ("A-1", 1)


CUSTOM = "https://crm.example/new?account={ACCOUNT_ID}&phone={PHONE_NUMBER}&who={NAME}"


def nobody(story: Story) -> int:
    story.open_custom_url(CUSTOM)
    return story.answered({"name": HOSTILE_NAME, "phone": PHONE})


def test_somebody_unknown_pops_the_queues_page(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm))
    session_id = nobody(story)
    assert not crm.rows["accounts"]
    assert crm.rows["records"][0]["account_id"] == f"tmp-{session_id}"
    [pop] = story.pops()
    assert (pop["reason"], pop["account_id"]) == ("open_custom_url", None)
    name = "O%27Brien%20%22%7D%60%20%7BACCOUNT_ID%7D"
    assert pop["recordUrl"] == f"https://crm.example/new?account=tmp-{session_id}&phone=%2B12223334444&who={name}"
    assert "crm.example" not in story.dump()


def test_the_record_follows_when_the_agent_creates_the_account(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm))
    session_id = nobody(story)
    assert story.card(session_id).choices["account"].can_create
    story.decisions.choose(session_id, story.james, "account", None)
    story.run(session_id)
    assert crm.rows["records"][0]["account_id"] == crm.rows["accounts"][0]["id"] == 1
    assert [pop["reason"] for pop in story.pops()] == ["open_custom_url", "record"]


def test_the_record_follows_when_the_account_is_found_later(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm))
    session_id = nobody(story)
    crm.create("accounts", {"phone": PHONE}, "")
    story.decisions.look_up_again(session_id, story.james, "account")
    story.run(session_id)
    assert (story.ids(session_id), crm.rows["records"][0]["account_id"]) == ((1, 1), 1)


def test_the_record_follows_when_the_caller_is_verified(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm))
    session_id = nobody(story)
    crm.create("accounts", {"phone": "+12225550177"}, "")
    verification = Verification(story.database, story.clock, story.outbox)
    verification.verify(session_id, Identity("felix-7", phone="+12225550177"))
    story.run(session_id)
    assert (story.ids(session_id), crm.rows["records"][0]["account_id"]) == ((1, 1), 1)
    assert [pop["reason"] for pop in story.pops()] == ["open_custom_url", "record"]


def test_a_verified_caller_whom_the_crm_does_not_know_keeps_the_page(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm))
    session_id = nobody(story)
    Verification(story.database, story.clock, story.outbox).verify(session_id, Identity("felix-7", phone=PHONE))
    story.run(session_id)
    assert story.ids(session_id) == (None, 1)
    assert not crm.rows["accounts"]
    assert [pop["reason"] for pop in story.pops()] == ["open_custom_url"]


def test_a_crm_that_refuses_the_temporary_account_gets_the_record_later(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm))
    crm.fail("422")
    session_id = nobody(story)
    assert story.states(session_id)["record"] == "waiting"
    assert [pop["reason"] for pop in story.pops()] == ["open_custom_url"]
    story.decisions.choose(session_id, story.james, "account", None)
    story.run(session_id)
    assert [record["account_id"] for record in crm.rows["records"]] == [1]
    assert [pop["reason"] for pop in story.pops()] == ["open_custom_url", "record"]


def test_somebody_known_pops_the_record_in_that_queue_too(crm: FaultyCrm, tell: Tell) -> None:
    crm.create("accounts", {"phone": PHONE}, "")
    story = tell(updating(crm))
    nobody(story)
    assert [pop["reason"] for pop in story.pops()] == ["record"]
