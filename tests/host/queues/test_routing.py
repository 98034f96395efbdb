from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from host.events import journal, pops, tabs
from host.events.tabs import Tab
from host.queues import tree
from host.routing import routing
from host.sessions import repository
from host.sessions.chats import NewChat
from tests.host.world import World


def start(world: World, **given: Any) -> int:
    return world.chats.start(NewChat(queue="Developers / James", **given))[0].id


def offered_to(world: World, session_id: int) -> int | None:
    with world.database.read() as connection:
        return repository.get(connection, session_id).offered_to


def see(world: World, session_id: int) -> None:
    """An adapter shows the offer."""
    with world.database.write() as connection:
        offer = journal.newest(connection, session_id, routing.OFFER)
        assert offer
        assert offer.agent_id
        pops.acknowledge(connection, offer.ulid, Tab("any", offer.agent_id, "chat", "tab-one1"), world.clock.now())


def tick(world: World, seconds: float) -> None:
    world.clock.forward(timedelta(seconds=seconds))
    with world.database.write() as connection:
        tabs.keep_alive(connection, "process", world.clock.now())
        routing.expire(connection, world.clock.now())
        world.route(connection, world.clock.now())


def test_the_longest_idle_agent_is_asked_first(world: World) -> None:
    world.arrive(world.eve)
    world.clock.forward(timedelta(seconds=5))
    world.arrive(world.james)
    assert offered_to(world, start(world)) == world.eve


def test_a_chat_waits_until_somebody_comes(world: World) -> None:
    waiting = start(world)
    assert offered_to(world, waiting) is None
    world.arrive(world.james)
    assert offered_to(world, waiting) == world.james


def test_an_offer_that_nobody_accepts_goes_on_and_sets_the_first_to_missed(world: World) -> None:
    world.arrive(world.james)
    session_id = start(world)
    see(world, session_id)
    world.arrive(world.eve)
    tick(world, 20)
    assert offered_to(world, session_id) == world.eve
    assert world.status(world.james) == "Missed Chat"


def test_who_missed_a_chat_is_not_asked_until_he_is_available_again(world: World) -> None:
    world.arrive(world.james)
    session_id = start(world)
    see(world, session_id)
    tick(world, 20)
    tick(world, 60)
    assert offered_to(world, session_id) is None


def test_an_offer_that_no_adapter_shows_goes_on_after_three_seconds_and_nobody_missed_it(world: World) -> None:
    world.arrive(world.james)
    session_id = start(world)
    world.arrive(world.eve)
    tick(world, 2.9)
    assert offered_to(world, session_id) == world.james
    tick(world, 0.1)
    assert offered_to(world, session_id) == world.eve
    assert world.status(world.james) == "Available"


def test_who_did_not_see_an_offer_is_soon_asked_again_if_nobody_else_is_there(world: World) -> None:
    world.arrive(world.james)
    session_id = start(world)
    tick(world, 3)
    assert offered_to(world, session_id) is None
    tick(world, 3)
    assert offered_to(world, session_id) == world.james
    see(world, session_id)
    tick(world, 10)
    assert offered_to(world, session_id) == world.james


def test_an_offer_that_was_seen_before_does_not_count_for_the_next(world: World) -> None:
    world.arrive(world.james)
    session_id = start(world)
    see(world, session_id)
    world.arrive(world.eve)
    tick(world, 20)
    assert offered_to(world, session_id) == world.eve
    tick(world, 3)
    assert world.status(world.eve) == "Available"
    assert offered_to(world, session_id) is None


def test_an_agent_has_no_more_chats_than_his_limit(world: World) -> None:
    world.arrive(world.james)
    ids = [start(world, email=f"{number}@example.com") for number in range(4)]
    for session_id in ids[:3]:
        world.offers.answer(session_id, world.james)
    assert [offered_to(world, session_id) for session_id in ids] == [None] * 4
    world.chats.end(ids[0], by="end_user")
    assert offered_to(world, ids[3]) == world.james


def test_an_agent_without_an_adapter_is_not_asked(world: World) -> None:
    world.arrive(world.james, adapter="call")
    assert offered_to(world, start(world)) is None


def test_a_tab_whose_process_is_silent_does_not_count(world: World) -> None:
    world.arrive(world.james)
    world.clock.forward(timedelta(seconds=16))
    assert offered_to(world, start(world)) is None


@contextmanager
def counted(world: World) -> Iterator[list[str]]:
    """Collect the statements that the database is sent."""
    sent: list[str] = []

    def count(*given: Any) -> None:
        sent.append(given[2])

    event.listen(world.database.engine, "before_cursor_execute", count)
    try:
        yield sent
    finally:
        event.remove(world.database.engine, "before_cursor_execute", count)


def test_a_round_costs_the_same_however_many_wait(world: World) -> None:
    world.arrive(world.eve)
    for _ in range(4):  # one more than they have room for
        start(world)
    with counted(world) as few:
        tick(world, 1)
    for _ in range(20):
        start(world)
    with counted(world) as many:
        tick(world, 1)
    assert len(many) == len(few)


def test_more_chats_than_one_look_holds_are_all_offered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "AT_A_TIME", 2)
    waiting = [start(world) for _ in range(5)]
    world.arrive(world.james)
    world.arrive(world.eve)
    assert [offered_to(world, each) for each in waiting] == [world.james] * 3 + [world.eve] * 2


def test_agents_of_other_queues_are_not_asked(world: World) -> None:
    with world.database.write() as connection:
        tree.upsert(connection, ("Sales", "Orders"))
    world.arrive(world.james)
    session, _ = world.chats.start(NewChat(queue="Sales / Orders"))
    assert offered_to(world, session.id) is None
