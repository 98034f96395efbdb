"""Agents come and go; and what becomes of the chats that they were offered."""

from datetime import timedelta

import pytest

from host.errors import FieldsError
from host.events import journal, pops, tabs
from host.events.tabs import Tab
from host.orchestration.agents import Agents, Arrival
from host.routing import routing
from host.sessions import repository
from host.sessions.chats import NewChat
from tests.host.world import World


class Floor:
    """The agents at work, and the worker's clockwork."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.agents = Agents(world.database, world.clock, "process", world.actions)

    def tab(self, agent_id: int, name: str = "tab-one1", adapter: str = "chat") -> Tab:
        return Tab(f"{agent_id}-{adapter}-{name}", agent_id, adapter, name)

    def arrive(self, agent_id: int, name: str = "tab-one1", adapter: str = "chat") -> Tab:
        tab = self.tab(agent_id, name, adapter)
        self.agents.arrive(tab)
        return tab

    def work(self, agent_id: int) -> Tab:
        tab = self.arrive(agent_id)
        self.agents.set_status(agent_id, "Available")
        return tab

    def start(self) -> int:
        return self.world.chats.start(NewChat(queue="Developers / James"))[0].id

    def see(self, session_id: int) -> None:
        with self.world.database.write() as connection:
            offer = journal.newest(connection, session_id, routing.OFFER)
            assert offer is not None
            assert offer.agent_id is not None
            pops.acknowledge(connection, offer.ulid, self.tab(offer.agent_id), self.world.clock.now())

    def later(self, seconds: float) -> None:
        self.world.clock.forward(timedelta(seconds=seconds))
        now = self.world.clock.now()
        with self.world.database.write() as connection:
            tabs.keep_alive(connection, "process", now)
            routing.expire(connection, now)
            self.agents.mark_unresponsive(connection)
            self.world.route(connection, now)

    def offered_to(self, session_id: int) -> int | None:
        with self.world.database.read() as connection:
            return repository.get(connection, session_id).offered_to


@pytest.fixture
def floor(world: World) -> Floor:
    return Floor(world)


def test_an_agent_without_an_adapter_becomes_unresponsive_within_ten_seconds(floor: Floor, world: World) -> None:
    tab = floor.work(world.james)
    floor.later(60)
    assert world.status(world.james) == "Available"
    floor.agents.leave(tab)
    floor.later(8)
    assert world.status(world.james) == "Available"
    floor.later(1)
    assert world.status(world.james) == "Unresponsive"


def test_one_adapter_of_several_is_enough(floor: Floor, world: World) -> None:
    tab = floor.work(world.james)
    floor.arrive(world.james, "tab-two2", "call")
    floor.agents.leave(tab)
    floor.later(60)
    assert world.status(world.james) == "Available"


@pytest.mark.parametrize("before", ["Available", "In-chat"])
def test_on_return_the_agent_has_the_status_that_he_had(floor: Floor, world: World, before: str) -> None:
    tab = floor.work(world.james)
    if before == "In-chat":
        world.offers.answer(floor.start(), world.james)
    floor.agents.leave(tab)
    floor.later(31)
    assert world.status(world.james) == "Unresponsive"
    floor.arrive(world.james, "tab-new1")
    assert world.status(world.james) == before


def test_on_return_the_agent_gets_what_waits(floor: Floor, world: World) -> None:
    floor.agents.leave(floor.work(world.james))
    floor.later(31)
    waiting = floor.start()
    assert floor.offered_to(waiting) is None
    floor.arrive(world.james)
    assert floor.offered_to(waiting) == world.james


@pytest.mark.parametrize("chosen", ["Break", "Meal", "Unavailable", "Offline"])
def test_who_has_said_that_he_is_away_is_not_called_unresponsive(floor: Floor, world: World, chosen: str) -> None:
    tab = floor.work(world.james)
    floor.agents.set_status(world.james, chosen)
    floor.agents.leave(tab)
    floor.later(60)
    assert world.status(world.james) == chosen


def test_who_saw_a_chat_and_did_not_answer_missed_it_until_he_says_otherwise(floor: Floor, world: World) -> None:
    floor.work(world.james)
    session_id = floor.start()
    floor.see(session_id)
    floor.later(20)
    assert world.status(world.james) == "Missed Chat"
    floor.later(60)
    assert floor.offered_to(session_id) is None
    floor.agents.set_status(world.james, "Available")
    assert floor.offered_to(session_id) == world.james


def test_who_never_saw_it_missed_nothing_and_the_next_one_is_asked(floor: Floor, world: World) -> None:
    floor.work(world.james)
    session_id = floor.start()
    floor.work(world.eve)
    floor.later(3)
    assert floor.offered_to(session_id) == world.eve
    assert world.status(world.james) == "Available"


def test_a_page_tells_of_its_sign_in_once_however_often_it_reconnects(floor: Floor, world: World) -> None:
    floor.work(world.james)
    tab = floor.arrive(world.james, "tab-two2")
    floor.agents.leave(tab)
    floor.arrive(world.james, "tab-two2")
    floor.arrive(world.james, "tab-two2", "call")
    assert world.events(world.james) == ["Agent_Login", "Agent_Login"]


def test_a_tab_that_nobody_used_yet_comes_after_all_others(floor: Floor, world: World) -> None:
    floor.agents.arrive(floor.tab(world.james, "tab-used"), timedelta(hours=1))
    floor.agents.arrive(floor.tab(world.james, "tab-idle"), None)
    with world.database.read() as connection:
        assert tabs.tab_ids(connection, world.james, "chat", world.clock.now()) == ["tab-used", "tab-idle"]


def test_an_agent_cannot_choose_what_only_the_system_sets(floor: Floor, world: World) -> None:
    floor.work(world.james)
    for name in ("Unresponsive", "Missed Chat", "In-chat", "", None, 7):
        with pytest.raises(FieldsError, match="allowed"):
            floor.agents.set_status(world.james, name)


def test_several_adapters_come_and_go_at_once(floor: Floor) -> None:
    world = floor.world
    tab, again = floor.tab(world.james), floor.tab(world.james, "tab-one1")
    younger = Tab("younger", again.agent_id, again.adapter, again.tab_id)
    call, eve = floor.tab(world.james, adapter="call"), floor.tab(world.eve)
    arrived = [Arrival(each, timedelta(0)) for each in (tab, younger, call, eve)]
    logins = floor.agents.arrive_all(arrived)
    assert [login is None for login in logins] == [False, True, True, False]
    with world.database.read() as connection:
        assert not tabs.is_open(connection, tab.connection_id)
        assert all(tabs.is_open(connection, each.connection_id) for each in (younger, call, eve))
    floor.agents.leave_all([younger, eve])
    with world.database.read() as connection:
        assert tabs.tab_ids(connection, world.james, "call", world.clock.now()) == ["tab-one1"]
        assert tabs.tab_ids(connection, world.eve, "chat", world.clock.now()) == []
