"""Accounts and records are created once, also when the CRM fails in the middle."""

from datetime import timedelta
from typing import Any

import pytest

from host.crm.auth.clients import Clients
from host.crm.auth.signed_client import SignedClient
from host.crm.http.answer import Answer
from host.crm.intents.intents import LEASE
from host.crm.settings.crm import CrmSettings
from host.crm.steps.runner import CrmRunner
from tests.host.crm.crm_settings import TIMEOUT_S, crm_settings
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.crm.runs import Run, facts, shown
from tests.host.crm.world import World

SETTLED = timedelta(seconds=6 * TIMEOUT_S)


@pytest.mark.parametrize("marker", [True, False])
@pytest.mark.parametrize("fault", ["commit_then_hang", "reset_after_commit", "hang", "reset", "500", "503"])
def test_one_account_and_one_record_whatever_the_crm_does(
    crm: FaultyCrm, world: World, run: Run, fault: str, marker: bool
) -> None:
    crm.honours_keys = False
    crm.fail(fault, "", fault)
    runner = run(crm_settings(crm, marker=marker))
    session_id = world.session()
    runner.run_session(session_id)
    for _ in range(30):
        world.clock.forward(timedelta(seconds=1))
        runner.sweep()
    assert (len(crm.rows["accounts"]), len(crm.rows["records"])) == (1, 1)
    assert (world.row(session_id).account_id, world.row(session_id).record_id) == (1, 1)


def test_an_unknown_outcome_is_not_sent_again_before_it_has_settled(crm: FaultyCrm, world: World, run: Run) -> None:
    crm.fail("hang")
    runner = run(crm_settings(crm))
    session_id = world.session()
    runner.run_session(session_id)
    assert world.intent(session_id).state == "unknown"
    assert facts(world, session_id) == ["crm_waiting"]
    world.clock.forward(SETTLED - timedelta(seconds=0.1))
    runner.sweep()
    assert crm.count("POST") == 1
    world.clock.forward(timedelta(seconds=5))
    runner.run_session(session_id)
    assert [
        asked.headers["Idempotency-Key"] for asked in crm.asked if asked.path == "/accounts" and asked.method == "POST"
    ] == [world.intent(session_id).marker] * 2
    assert world.row(session_id).record_id == 1


def test_a_runner_killed_between_writing_down_and_answer_creates_nothing_twice(
    crm: FaultyCrm, world: World, run: Run
) -> None:
    class KilledError(BaseException):
        pass

    class Client(SignedClient):
        def send(self, endpoint: str, method: str, *args: Any, **keywords: Any) -> Answer:
            answer = super().send(endpoint, method, *args, **keywords)
            if method == "POST":
                raise KilledError
            return answer

    class Killing(Clients):
        def of(self, settings: CrmSettings) -> SignedClient:
            made = super().of(settings)
            return Client(made.client, made.auth, made.timeout_s, made.tokens)

    settings = crm_settings(crm)
    session_id = world.session()
    killed = CrmRunner(world.database, lambda: settings, Killing(), world.clock, lambda connection, session_id: None)
    with pytest.raises(KilledError):
        killed.run_session(session_id)
    assert world.intent(session_id).state == "sending"
    runner = run(settings)
    assert runner.run_session(session_id) == 0
    world.clock.forward(LEASE)
    assert runner.run_session(session_id) == 2
    assert (len(crm.rows["accounts"]), world.row(session_id).account_id) == (1, 1)
    killed.close()


def test_nothing_to_search_by_is_left_to_a_person(crm: FaultyCrm, world: World, run: Run) -> None:
    settings = crm_settings(crm, marker=False)
    crm.fail("commit_then_hang")
    runner = run(settings)
    session_id = world.session({})
    runner.run_session(session_id)
    world.clock.forward(SETTLED)
    runner.sweep()
    assert world.intent(session_id).state == "waiting"
    assert "Look into the CRM, then decide." in shown(world, session_id, settings).steps[0].words
    world.it_exists(session_id, "account", "1")
    runner.run_session(session_id)
    assert (world.row(session_id).account_id, world.row(session_id).record_id) == ("1", 1)


def test_send_again_sends_again(crm: FaultyCrm, world: World, run: Run) -> None:
    crm.fail("hang")
    runner = run(crm_settings(crm, marker=False))
    session_id = world.session({})
    runner.run_session(session_id)
    world.clock.forward(SETTLED)
    runner.sweep()
    assert world.look_up_again(session_id, "account", send_again=True)
    runner.run_session(session_id)
    assert world.row(session_id).account_id == 1


def test_with_resend_it_is_sent_again_once_it_has_settled(crm: FaultyCrm, world: World, run: Run) -> None:
    crm.fail("hang")
    runner = run(crm_settings(crm, marker=False, on_unknown="resend"))
    session_id = world.session({})
    for _ in range(12):
        runner.run_session(session_id)
        world.clock.forward(timedelta(seconds=1))
    assert world.row(session_id).account_id == 1
