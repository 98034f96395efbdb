from datetime import timedelta

import pytest

from host.events import journal, pops, tabs
from host.events.tabs import Tab
from host.sessions.chats import NewChat
from tests.host.world import World


@pytest.fixture
def pop(world: World) -> int:
    """A pop for James, in one of their chats."""
    world.arrive(world.james, "tab-none")
    session, _ = world.chats.start(NewChat(queue="Developers / James"))
    world.offers.answer(session.id, world.james)
    with world.database.write() as connection:
        tabs.forget_all(connection)
        made = journal.post(
            connection,
            "CRM_Record_Pop",
            now=world.clock.now(),
            agent_id=world.james,
            adapter="chat",
            session_id=session.id,
        )
        assert made is not None
        pops.add(connection, made, world.james, session.id)
    return made


def claim(world: World, pop: int, tab: Tab) -> bool:
    with world.database.write() as connection:
        return pops.claim(connection, pop, tab, world.clock.now())


def acknowledge(world: World, pop: int, tab: Tab) -> bool:
    with world.database.write() as connection:
        ulid = journal.by_id(connection, pop).ulid
        return pops.acknowledge(connection, ulid, tab, world.clock.now())


def pending(world: World) -> list[int]:
    with world.database.read() as connection:
        return [entry.id for entry in pops.pending(connection, [world.james])[world.james, "chat"]]


def test_goes_to_the_tab_that_was_used_last(world: World, pop: int) -> None:
    early = world.arrive(world.james, "tab-early")
    world.clock.forward(timedelta(seconds=1))
    late = world.arrive(world.james, "tab-late1")
    assert not claim(world, pop, early)
    assert claim(world, pop, late)


def test_goes_to_one_of_ten_tabs(world: World, pop: int) -> None:
    opened = [world.arrive(world.james, f"tab-{number:05}") for number in range(10)]
    assert sum(claim(world, pop, tab) for tab in opened) == 1


def test_an_acknowledged_pop_is_over(world: World, pop: int) -> None:
    tab = world.arrive(world.james)
    assert claim(world, pop, tab)
    assert pending(world) == [pop]
    assert acknowledge(world, pop, tab)
    assert not acknowledge(world, pop, tab)
    assert pending(world) == []
    world.clock.forward(timedelta(seconds=5))
    assert not claim(world, pop, tab)


def test_a_claim_that_nobody_acknowledges_passes_on_after_two_seconds(world: World, pop: int) -> None:
    other = world.arrive(world.james, "tab-other")
    world.clock.forward(timedelta(seconds=1))
    closed = world.arrive(world.james, "tab-closed")
    assert claim(world, pop, closed)
    assert not claim(world, pop, other)
    world.clock.forward(timedelta(seconds=2))
    assert claim(world, pop, other)


def test_the_only_tab_gets_it_again(world: World, pop: int) -> None:
    tab = world.arrive(world.james)
    assert claim(world, pop, tab)
    world.clock.forward(timedelta(seconds=2))
    assert claim(world, pop, tab)


def test_a_tab_that_only_seems_to_be_there_holds_nothing_up(world: World, pop: int) -> None:
    alive = world.arrive(world.james, "tab-alive")
    world.clock.forward(timedelta(seconds=1))
    world.arrive(world.james, "tab-ghost")
    assert not claim(world, pop, alive)
    world.clock.forward(timedelta(seconds=2))
    assert claim(world, pop, alive)


def test_nothing_is_pending_once_the_session_has_ended(world: World, pop: int) -> None:
    session_id = 1
    world.chats.end(session_id, by="end_user")
    assert pending(world) == []


def test_only_the_youngest_socket_of_a_tab_claims(world: World, pop: int) -> None:
    old = world.arrive(world.james, "tab-one1")
    young = Tab("young", world.james, "chat", "tab-one1")
    with world.database.write() as connection:
        tabs.open_tabs(connection, {young: world.clock.now()}, "process", world.clock.now())
    assert not claim(world, pop, old)
    assert claim(world, pop, young)


def test_what_a_lost_socket_claimed_its_tab_gets_again_at_once(world: World, pop: int) -> None:
    tab = world.arrive(world.james)
    assert claim(world, pop, tab)
    assert not claim(world, pop, tab)
    with world.database.write() as connection:
        pops.release(connection, [tab])
    assert claim(world, pop, tab)


def test_what_was_acknowledged_is_not_given_back(world: World, pop: int) -> None:
    tab = world.arrive(world.james)
    assert claim(world, pop, tab)
    acknowledge(world, pop, tab)
    with world.database.write() as connection:
        pops.release(connection, [tab])
        assert pops.shown_in(connection, pop) == tab.tab_id


def renew(world: World, pop: int, tab: Tab) -> int | None:
    with world.database.write() as connection:
        return pops.renew(connection, journal.by_id(connection, pop).ulid, tab, world.clock.now())


def test_a_late_tab_may_go_on_while_nobody_else_has_claimed(world: World, pop: int) -> None:
    late = world.arrive(world.james, "tab-late1")
    assert claim(world, pop, late)
    world.clock.forward(timedelta(seconds=3))
    other = world.arrive(world.james, "tab-other")
    assert renew(world, pop, late) == pop
    assert not claim(world, pop, other)


def test_a_late_tab_may_not_show_what_another_has_claimed(world: World, pop: int) -> None:
    other = world.arrive(world.james, "tab-other")
    world.clock.forward(timedelta(seconds=1))
    late = world.arrive(world.james, "tab-late1")
    assert claim(world, pop, late)
    world.clock.forward(timedelta(seconds=2))
    assert claim(world, pop, other)
    assert renew(world, pop, late) is None
    acknowledge(world, pop, other)
    assert renew(world, pop, other) is None


def test_of_pages_that_load_anew_one_takes_the_place_of_the_tab_that_is_gone(world: World, pop: int) -> None:
    gone = world.arrive(world.james, "tab-gone1")
    claim(world, pop, gone)
    acknowledge(world, pop, gone)
    heirs = [world.arrive(world.james, f"tab-{number:05}") for number in range(3)]
    with world.database.write() as connection:
        assert [pops.take_place(connection, pop, heir, gone.tab_id) for heir in heirs] == [True, False, False]


def test_another_agent_acknowledges_nothing(world: World, pop: int) -> None:
    tab = world.arrive(world.james)
    claim(world, pop, tab)
    assert not acknowledge(world, pop, world.arrive(world.eve))
    assert pending(world) == [pop]
