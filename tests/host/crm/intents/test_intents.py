from datetime import timedelta

import pytest

from host.crm.intents import intents, leases
from host.crm.intents.intents import LEASE, Intent, LostLeaseError
from host.crm.intents.leases import lease
from host.crm.intents.step_result import StepResult
from host.crm.session_facts.crm_identity import CrmIdentity
from tests.host.crm.world import World
from tests.host.world import plan_start

CRM = CrmIdentity("crm.example", "crm.example")
ERROR = {"code": "crm_timeout", "message": "no answer", "endpoint": "create_account", "at": "2026-05-01T10:00:00+00:00"}


def take(world: World, owner: str, session_id: int | None = None, limit: int = 10) -> list[Intent]:
    with world.database.write() as connection:
        return lease(connection, owner, world.now, CRM, session_id=session_id, limit=limit)


def finish(world: World, intent: Intent) -> None:
    with world.database.write() as connection:
        intents.finish(connection, intent, world.now, StepResult(id=1, created=True))


def test_a_step_that_is_planned_twice_is_one(world: World) -> None:
    session_id = world.session()
    with world.database.write() as connection:
        plan_start(connection, session_id, world.now)
    with world.database.read() as connection:
        assert [intent.step for intent in intents.of_session(connection, session_id)] == ["account", "record"]


def test_the_record_waits_for_the_account_and_later_steps_for_the_record(world: World) -> None:
    session_id = world.session()
    with world.database.write() as connection:
        for occurrence in ("start", "end"):
            intents.plan(connection, session_id, "comment", occurrence, now=world.now)
    for number, expected in enumerate([("account", ""), ("record", ""), ("comment", "start"), ("comment", "end")]):
        [intent] = take(world, f"runner-{number}")
        assert (intent.step, intent.occurrence) == expected
        finish(world, intent)
    assert take(world, "runner-9") == []


def test_a_failed_account_holds_the_record_until_a_person_resumes_it(world: World) -> None:
    session_id = world.session()
    [intent] = take(world, "one")
    with world.database.write() as connection:
        intents.fail(connection, intent, world.now, ERROR)
    assert take(world, "two") == []
    with world.database.write() as connection:
        assert intents.resume(connection, world.intent(session_id), world.now)
    assert [each.step for each in take(world, "three")] == ["account"]


def test_one_runner_at_a_time_holds_an_intent(world: World) -> None:
    world.session()
    assert len(take(world, "one")) == 1
    assert take(world, "two") == []


@pytest.mark.parametrize("at_a_time", [1, 2, 3, 100])
def test_the_oldest_are_taken_first_and_callers_who_wait_hold_nobody_else_up(
    world: World, monkeypatch: pytest.MonkeyPatch, at_a_time: int
) -> None:
    monkeypatch.setattr(leases, "AT_A_TIME", at_a_time)
    same = [world.session() for _ in range(4)]
    others = []
    for number in range(3):
        others.append(world.session({"name": "M", "phone": f"+1222333000{number}"}))
        world.clock.forward(timedelta(seconds=1))
    first = take(world, "one", limit=2)
    assert [each.session_id for each in first] == [same[0], others[0]]
    assert [each.session_id for each in take(world, "two")] == others[1:]
    assert take(world, "three") == []


def test_a_runner_that_lost_its_lease_changes_nothing(world: World) -> None:
    session_id = world.session()
    [old] = take(world, "one")
    world.clock.forward(LEASE)
    [new] = take(world, "two")
    with world.database.write() as connection, pytest.raises(LostLeaseError):
        intents.before_send(connection, old, world.now)
    with world.database.write() as connection, pytest.raises(LostLeaseError):
        intents.finish(connection, old, world.now, StepResult(id=1))
    finish(world, new)
    assert world.intent(session_id).state == "done"


def test_a_runner_killed_while_sending_leaves_an_unknown_outcome(world: World) -> None:
    world.session()
    [intent] = take(world, "one")
    with world.database.write() as connection:
        intents.before_send(connection, intent, world.now, seen_ids=[7])
    world.clock.forward(LEASE)
    [intent] = take(world, "two")
    assert (intent.state, intent.seen_ids, intent.sent_at) == ("unknown", [7], world.now - LEASE)


def test_what_may_exist_is_searched_before_it_is_sent_again(world: World) -> None:
    session_id = world.session()
    [intent] = take(world, "one")
    with world.database.write() as connection:
        intent = intents.before_send(connection, intent, world.now)
        intents.wait(connection, intent, world.now, ERROR)
    with world.database.write() as connection:
        intents.resume(connection, world.intent(session_id), world.now)
    assert world.intent(session_id).state == "unknown"
    with world.database.write() as connection:
        intents.resume(connection, world.intent(session_id), world.now, send_again=True)
    assert (world.intent(session_id).state, world.intent(session_id).sent_at) == ("due", None)


def test_two_sessions_of_one_caller_share_the_creation_of_the_account(world: World) -> None:
    first = world.session()
    second = world.session({"name": "J. Bond", "phone": "+1 (222) 333-4444"})
    other = world.session({"phone": "+12223335555"})
    taken = take(world, "one")
    assert [intent.session_id for intent in taken] == [first, other]
    assert take(world, "two", second) == []
    finish(world, taken[0])
    assert [intent.session_id for intent in take(world, "three", second)] == [second]


def test_anonymous_callers_share_nothing(world: World) -> None:
    sessions = [world.session({}), world.session({})]
    assert [intent.session_id for intent in take(world, "one")] == sessions


def test_what_is_not_due_yet_is_left_alone(world: World) -> None:
    session_id = world.session()
    [intent] = take(world, "one")
    with world.database.write() as connection:
        intents.retry(connection, intent, world.now, world.now + timedelta(seconds=4), ERROR)
    assert take(world, "two") == []
    world.clock.forward(timedelta(seconds=4))
    [intent] = take(world, "three")
    assert (intent.session_id, intent.tries, intent.error) == (session_id, 1, ERROR)
