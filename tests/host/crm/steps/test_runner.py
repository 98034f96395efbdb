"""None"""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import update

from host.crm.intents import trace
from host.db.tables import queues
from host.settings.document.model import Settings
from tests.host.crm.crm_settings import crm_settings
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.crm.runs import Run, facts, shown
from tests.host.crm.world import World


def test_a_new_person_gets_an_account_and_a_record(crm: FaultyCrm, world: World, run: Run, known: list[int]) -> None:
    settings = crm_settings(crm)
    session_id = world.session()
    assert run(settings).run_session(session_id) == 2
    [account], [record] = crm.rows["accounts"], crm.rows["records"]
    assert (account["name"], account["phone"]) == ("James Bond", "+12223334444")
    assert record["account_id"] == account["id"]
    assert (world.row(session_id).account_id, world.row(session_id).record_id) == (1, 1)
    assert world.known_accounts() == [1]
    assert facts(world, session_id) == ["account_created", "record_created"]
    assert known == [session_id, session_id]
    posts = [asked for asked in crm.asked if asked.method == "POST"]
    assert [asked.headers["Idempotency-Key"] for asked in posts] == [account["external_id"], record["external_id"]]
    assert posts[0].headers["X-Api-Key"] == "s3cret"
    card = shown(world, session_id, settings)
    assert card.account
    assert card.record
    assert (card.account.id, card.account.url) == (1, f"{crm.url}/pages/accounts/1")
    assert [step.words for step in card.steps] == ["Account created.", "Record created."]


def test_the_same_person_again_has_the_same_account_and_a_new_record(crm: FaultyCrm, world: World, run: Run) -> None:
    runner = run(crm_settings(crm))
    first, second = world.session(), world.session()
    runner.run_session(first)
    runner.run_session(second)
    assert (len(crm.rows["accounts"]), len(crm.rows["records"])) == (1, 2)
    assert world.row(second).record_id == 2
    assert facts(world, second) == ["account_found", "record_created"]


def test_somebody_the_crm_knows_is_found_by_query(crm: FaultyCrm, world: World, run: Run) -> None:
    crm.create("accounts", {"phone": "+12223334444"}, "")
    session_id = world.session()
    run(crm_settings(crm)).run_session(session_id)
    assert facts(world, session_id) == ["account_found", "record_created"]


def test_an_anonymous_caller_always_gets_a_new_account_and_record(crm: FaultyCrm, world: World, run: Run) -> None:
    runner = run(crm_settings(crm))
    for _ in range(2):
        runner.run_session(world.session({"name": "Somebody"}))
    assert (len(crm.rows["accounts"]), len(crm.rows["records"])) == (2, 2)


def test_a_crm_that_is_off_is_tried_again_with_growing_waits(crm: FaultyCrm, world: World, run: Run) -> None:
    settings = crm_settings(crm)
    crm.fail("429", "429", method="GET")
    runner = run(settings)
    session_id = world.session()
    runner.run_session(session_id)
    intent = world.intent(session_id)
    assert (intent.state, intent.due_at) == ("due", world.now + timedelta(seconds=7))
    [account, record] = shown(world, session_id, settings).steps
    assert "Next try in 7 s." in account.words
    assert record.words == "The record follows once the account is known."
    for _ in range(2):
        world.clock.forward(timedelta(seconds=8))
        runner.sweep()
    assert world.intent(session_id).state == "done"


def test_after_three_days_it_is_given_up(crm: FaultyCrm, world: World, run: Run) -> None:
    crm.fail("500", method="GET")
    runner = run(crm_settings(crm))
    session_id = world.session()
    world.clock.forward(timedelta(days=3))
    runner.run_session(session_id)
    assert world.intent(session_id).state == "failed"


def test_a_create_without_an_id_is_a_configuration_error_and_not_retried(
    crm: FaultyCrm, world: World, run: Run
) -> None:
    settings = crm_settings(crm)
    crm.fail("no_id")
    runner = run(settings)
    session_id = world.session()
    runner.run_session(session_id)
    intent = world.intent(session_id)
    assert intent.state == "failed"
    assert intent.error
    assert (intent.error["code"], intent.error["endpoint"]) == ("crm_answer", "create_account")
    world.clock.forward(timedelta(hours=1))
    assert runner.sweep() == 0
    assert shown(world, session_id, settings).steps[0].can_look_up_again


@pytest.mark.parametrize(
    ("fault", "code"), [("422", "crm_rejected"), ("401", "crm_auth"), ("redirect", "crm_rejected")]
)
def test_a_refusal_is_not_retried_and_can_be_resumed(
    crm: FaultyCrm, world: World, run: Run, fault: str, code: str
) -> None:
    crm.fail(fault)
    runner = run(crm_settings(crm))
    session_id = world.session()
    runner.run_session(session_id)
    intent = world.intent(session_id)
    assert intent.error
    assert (intent.state, intent.error["code"]) == ("failed", code)
    assert world.look_up_again(session_id, "account")
    assert runner.run_session(session_id) == 2


def test_two_sessions_of_one_caller_at_once_share_one_account(crm: FaultyCrm, world: World, run: Run) -> None:
    sessions = [world.session(), world.session({"name": "J. Bond", "phone": "(222) 333-4444", "email": None})]
    runner = run(crm_settings(crm, endpoints={"find_account_by_query": None, "find_account_by_id": None}))
    for _ in range(4):
        runner.sweep()
    assert len(crm.rows["accounts"]) == 1
    assert [world.row(session_id).account_id for session_id in sessions] == [1, 1]
    assert len(crm.rows["records"]) == 2


def test_switched_off_creation_leaves_the_id_empty_and_goes_on(crm: FaultyCrm, world: World, run: Run) -> None:
    session_id = world.session()
    run(crm_settings(crm, skip_account_creation=True)).run_session(session_id)
    assert (world.row(session_id).account_id, world.row(session_id).record_id) == (None, 1)
    assert "account_id" not in crm.rows["records"][0]
    assert facts(world, session_id) == ["account_none", "record_created"]


@pytest.mark.parametrize(("reuse", "records"), [("never", 2), ("account", 1), ("account_and_queue", 1)])
def test_records_are_reused_as_the_settings_say(
    crm: FaultyCrm, world: World, run: Run, reuse: str, records: int
) -> None:
    runner = run(crm_settings(crm, reuse_records=reuse))
    for _ in range(2):
        session_id = world.session()
        runner.run_session(session_id)
    assert len(crm.rows["records"]) == records
    assert world.row(session_id).record_id == records


def test_without_a_crm_nothing_is_asked(crm: FaultyCrm, world: World, run: Run) -> None:
    session_id = world.session()
    assert run(Settings().crm).run_session(session_id) == 2
    assert not crm.asked


def test_the_trace_says_what_was_asked_and_decided(crm: FaultyCrm, world: World, run: Run) -> None:
    session_id = world.session()
    run(crm_settings(crm)).run_session(session_id)
    with world.database.read() as connection:
        rows = trace.rows(connection, session_id)
    calls = [(row.endpoint, row.method, row.status) for row in rows if row.method]
    assert calls == [
        ("find_account_by_query", "GET", 200),
        ("create_account", "POST", 201),
        ("create_record", "POST", 201),
    ]
    assert "s3cret" not in repr(rows)
    assert all(row.decision for row in rows)


def test_a_sweep_that_does_not_wait_is_not_held_up_by_a_hanging_crm(crm: FaultyCrm, world: World, run: Run) -> None:
    asked, goes_on = threading.Event(), threading.Event()

    def hold_up() -> None:
        asked.set()
        assert goes_on.wait(20)

    crm.before_answer = hold_up
    crm.fail("hang", method="GET")
    runner = run(crm_settings(crm))
    session_id = world.session()
    assert runner.sweep(wait=False) == 1
    assert asked.wait(10)
    assert not world.intent(session_id).error
    goes_on.set()
    runner.close()
    assert world.intent(session_id).error


def test_an_account_that_was_not_there_can_be_looked_up_again(crm: FaultyCrm, world: World, run: Run) -> None:
    settings = crm_settings(crm, skip_account_creation=True)
    runner = run(settings)
    session_id = world.session()
    runner.run_session(session_id)
    assert shown(world, session_id, settings).steps[0].can_look_up_again
    crm.create("accounts", {"phone": "+12223334444"}, "")
    assert world.look_up_again(session_id, "account")
    runner.run_session(session_id)
    assert world.row(session_id).account_id == 1
    assert not world.look_up_again(session_id, "account")


@pytest.mark.parametrize("ignores", [False, True])
def test_a_crm_that_answers_everybody_pops_no_stranger(crm: FaultyCrm, world: World, run: Run, ignores: bool) -> None:
    for phone in ("+19998887777", "+19998886666"):
        crm.create("accounts", {"phone": phone, "name": "Stranger"}, "")
    crm.ignores_filters = ignores
    crm.honours_keys = False
    crm.fail("commit_then_hang")
    session_id = world.session()
    runner = run(crm_settings(crm))
    for _ in range(30):
        runner.run_session(session_id)
        world.clock.forward(timedelta(seconds=1))
    assert world.row(session_id).account_id == 3
    assert len(crm.rows["accounts"]) == 3


def test_a_queue_with_a_custom_url_creates_no_account_and_a_record_for_now(
    crm: FaultyCrm, world: World, run: Run
) -> None:
    with world.database.write() as connection:
        connection.execute(update(queues).values(settings={"open_custom_url": "https://crm.example/new?phone={ANI}"}))
    session_id = world.session()
    run(crm_settings(crm)).run_session(session_id)
    assert not crm.rows["accounts"]
    assert crm.rows["records"][0]["account_id"] == f"tmp-{session_id}"


def test_a_caller_with_quotes_and_braces_breaks_and_injects_nothing(crm: FaultyCrm, world: World, run: Run) -> None:
    name = "O'Brien \"}` {ACCOUNT_ID}"
    session_id = world.session({"name": name, "phone": "+12223334444", "email": 'o"brien&x=1@agents.co'})
    run(crm_settings(crm)).run_session(session_id)
    [account] = crm.rows["accounts"]
    assert (account["name"], account["email"]) == (name, 'o"brien&x=1@agents.co')
    assert crm.asked[0].query == {"phone": "+12223334444", "email": 'o"brien&x=1@agents.co'}


def test_a_runner_that_is_closed_begins_no_further_request_and_lets_go(crm: FaultyCrm, world: World, run: Run) -> None:
    settings = crm_settings(crm)
    runner = run(settings)
    session_id = world.session()
    asked, closed = threading.Event(), threading.Event()

    def slow() -> None:
        asked.set()
        closed.wait(0.2)

    crm.before_answer = slow
    runner.sweep(wait=False)
    assert asked.wait(30)
    runner.close()
    closed.set()
    assert crm.count("POST") == 0
    assert world.intent(session_id).lease_until is None
    assert run(settings).run_session(session_id) == 2
