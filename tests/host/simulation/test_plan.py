"""The plan of a simulation."""

from collections import Counter

from host.simulation import plan


def made(seed: int, *, calls: int = 40, chats: int = 60) -> tuple[plan.SessionPlan, ...]:
    return plan.make(calls=calls, chats=chats, seed=seed, over_s=60)


def test_the_same_seed_makes_the_same_plan() -> None:
    assert made(7) == made(7)
    assert made(7) != made(8)


def test_there_are_as_many_calls_and_chats_as_asked_for() -> None:
    assert Counter(each.channel for each in made(1)) == {"call": 40, "chat": 60}


def test_sessions_begin_in_order_and_in_time() -> None:
    begins = [each.begins_s for each in made(1)]

    assert begins == sorted(begins)
    assert begins[0] >= 0
    assert begins[-1] <= 60


def test_somebody_answers_at_last_and_only_the_first_stints_end_with_a_transfer() -> None:
    for each in made(3):
        assert each.reactions[-1] == "answer"
        assert all(stint[-1].name in ("transfer", "warm_transfer") for stint in each.stints[:-1])
        assert not any(step.name.endswith("transfer") for step in each.stints[-1])


def test_everything_that_agents_and_consumers_can_do_is_planned() -> None:
    plans = made(5)
    steps = {step.name for each in plans for stint in each.stints for step in stint}
    reactions = {reaction for each in plans for reaction in each.reactions}

    assert steps == {"hold", "resume", "mute", "unmute", "message", "transfer", "warm_transfer"}
    assert reactions == {"answer", "decline", "miss"}
    assert {each.ends_by for each in plans} == {"agent", "end_user"}
    assert {each.wraps_up for each in plans} == {True, False}


def test_each_session_has_a_phone_number_of_its_own() -> None:
    phones = {each.phone("0042") for each in made(1)}

    assert len(phones) == 100
    assert "+49151004200017" in phones
