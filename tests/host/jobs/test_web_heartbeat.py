from datetime import timedelta

from host.events import tabs
from host.events.tabs import Tab
from host.jobs.web_heartbeat import WebHeartbeat
from tests.host.world import World


def test_keeps_the_tabs_of_its_process(world: World) -> None:
    keeper = WebHeartbeat(world.database, world.clock, "process", lambda: None)
    with world.database.write() as connection:
        tabs.open_tabs(
            connection, {Tab("one", world.james, "chat", "tab-one1"): world.clock.now()}, "process", world.clock.now()
        )
    for _ in range(5):
        world.clock.forward(timedelta(seconds=5))
        keeper.beat()
    with world.database.read() as connection:
        assert tabs.tab_ids(connection, world.james, "chat", world.clock.now()) == ["tab-one1"]


def test_after_a_long_silence_the_sockets_look_whether_they_count(world: World) -> None:
    woken: list[bool] = []
    keeper = WebHeartbeat(world.database, world.clock, "process", lambda: woken.append(True))
    keeper.beat()
    world.clock.forward(timedelta(seconds=15))
    keeper.beat()
    assert woken == []
    world.clock.forward(timedelta(seconds=16))
    keeper.beat()
    assert woken == [True]
