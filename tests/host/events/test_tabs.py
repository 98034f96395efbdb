from datetime import timedelta

from host.events import tabs
from host.events.tabs import Tab
from tests.host.world import World


def opened(world: World, name: str, adapter: str = "chat", *, used_s_ago: float = 0) -> Tab:
    tab = Tab(f"{name}-{adapter}", world.james, adapter, name)
    with world.database.write() as connection:
        now = world.clock.now()
        tabs.open_tabs(connection, {tab: now - timedelta(seconds=used_s_ago)}, "process", now)
    return tab


def tab_ids(world: World, adapter: str = "chat") -> list[str]:
    with world.database.read() as connection:
        return tabs.tab_ids(connection, world.james, adapter, world.clock.now())


def test_the_last_used_tab_comes_first_whichever_connected_last(world: World) -> None:
    opened(world, "tab-used", used_s_ago=1)
    opened(world, "tab-idle", used_s_ago=60)
    assert tab_ids(world) == ["tab-used", "tab-idle"]


def test_a_tab_is_used_when_either_of_its_adapters_is(world: World) -> None:
    opened(world, "tab-one1", used_s_ago=60)
    opened(world, "tab-two2", used_s_ago=30)
    opened(world, "tab-one1", "call", used_s_ago=1)
    assert tab_ids(world) == ["tab-one1", "tab-two2"]


def test_a_tab_without_such_an_adapter_is_none_of_them(world: World) -> None:
    opened(world, "tab-call", "call")
    assert tab_ids(world) == []


def test_use_counts_for_all_adapters_of_the_tab(world: World) -> None:
    opened(world, "tab-one1", used_s_ago=60)
    opened(world, "tab-one1", "call", used_s_ago=60)
    opened(world, "tab-two2", used_s_ago=30)
    with world.database.write() as connection:
        tabs.use(connection, world.james, "tab-one1", world.clock.now())
    assert tab_ids(world) == ["tab-one1", "tab-two2"]


def test_a_younger_socket_takes_the_place_of_an_older_one(world: World) -> None:
    old = opened(world, "tab-one1")
    with world.database.write() as connection:
        young = Tab("young", world.james, "chat", "tab-one1")
        tabs.open_tabs(connection, {young: world.clock.now()}, "process", world.clock.now())
        assert not tabs.is_open(connection, old.connection_id)
        assert tabs.is_open(connection, young.connection_id)
        tabs.close_tabs(connection, [old.connection_id])
        assert tabs.is_open(connection, young.connection_id)


def test_a_socket_whose_process_was_taken_for_dead_is_forgotten(world: World) -> None:
    tab = opened(world, "tab-one1")
    world.clock.forward(timedelta(seconds=16))
    with world.database.write() as connection:
        tabs.keep_alive(connection, "another process", world.clock.now())
        assert not tabs.is_open(connection, tab.connection_id)
