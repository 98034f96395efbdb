from datetime import timedelta

from host.routing import outlook
from host.routing.outlook import Outlook
from host.sessions.chats import NewChat
from host.sessions.model import Session
from tests.host.world import World


def start(world: World, **given: str) -> Session:
    return world.chats.start(NewChat(**{"queue": "Developers / James"} | given))[0]  # type: ignore[arg-type]


def stands(world: World, session: Session) -> Outlook:
    with world.database.read() as connection:
        return outlook.of_session(connection, session, world.clock.now())


def test_nobody_is_there_and_nothing_is_known(world: World) -> None:
    first, second = start(world), start(world)
    assert stands(world, first) == Outlook(1, None, is_anybody_there=False)
    assert stands(world, second) == Outlook(2, None, is_anybody_there=False)


def test_waits_of_the_last_two_hours_count(world: World) -> None:
    world.arrive(world.james)
    for wait_s in (60, 600, 120):
        session = start(world)
        world.clock.forward(timedelta(seconds=wait_s))
        world.arrive(world.james)
        with world.database.write() as connection:
            world.route(connection, world.clock.now())
        world.offers.answer(session.id, world.james)
    waiting = start(world)
    assert stands(world, waiting) == Outlook(1, timedelta(seconds=120), is_anybody_there=True)
    world.clock.forward(timedelta(hours=3))
    assert stands(world, waiting).usual_wait is None


def test_other_queues_do_not_count(world: World) -> None:
    start(world)
    alone = world.chats.start(NewChat())[0]
    assert stands(world, alone).place == 1
