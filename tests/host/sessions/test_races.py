"""What several processes do in the same moment: each has its own connections, as on several machines."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from host.db.engine import Database, advisory_lock
from host.db.tables import journal, sessions
from host.errors import HostError, NotAllowedError, TransitionError
from host.events import journal as journal_of
from host.orchestration.agents import Agents
from host.orchestration.session_actions import SessionActions
from host.routing import routing
from host.sessions.chats import NewChat
from host.sessions.outbox import ROUTING
from tests.host.world import World

PROCESSES = 4
ROUNDS = 5


class Process:
    """Does the same as others beside it."""

    def __init__(self, world: World) -> None:
        self.database = Database(world.database.url)
        self.world = world
        self.actions = SessionActions.build(self.database, world.clock, world.outbox)
        self.chats, self.offers = self.actions.chats, self.actions.offers

    def start(self, **given: Any) -> int:
        return self.chats.start(NewChat(queue="Developers / James", **given))[0].id

    def answer(self, session_id: int, agent_id: int) -> bool:
        try:
            self.offers.answer(session_id, agent_id)
        except (NotAllowedError, TransitionError):
            return False
        return True

    def keep_time(self) -> None:
        """Do what each worker does a few times a second."""
        with self.database.write() as connection:
            advisory_lock(connection, ROUTING)
            now = self.world.clock.now()
            routing.expire(connection, now)
            self.world.route(connection, now)


@pytest.fixture
def processes(world: World) -> Iterator[list[Process]]:
    made = [Process(world) for _ in range(PROCESSES)]
    yield made
    for each in made:
        each.database.close()


def at_once(work: list[Callable[[], Any]]) -> list[Any]:
    """Do everything in the same moment; return what came of it, in order."""
    found: list[Any] = [None] * len(work)
    failed: list[Exception] = []
    ready = threading.Barrier(len(work))

    def run(number: int) -> None:
        ready.wait(10)
        try:
            found[number] = work[number]()
        except Exception as error:  # noqa: BLE001 - raised again where the test sees it
            failed.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    for error in failed:
        raise error
    return found


def facts(world: World, name: str) -> Counter[int]:
    """Count how often that happened to each session."""
    with world.database.read() as connection:
        return Counter(connection.execute(select(journal.c.session_id).where(journal.c.name == name)).scalars())


def test_nobody_is_offered_more_than_he_has_room_for_and_no_chat_twice(world: World, processes: list[Process]) -> None:
    world.arrive(world.james)
    world.arrive(world.eve)
    at_once([each.start for each in processes for _ in range(3)])
    at_once([each.keep_time for each in processes])
    with world.database.read() as connection:
        asked = select(sessions.c.offered_to, func.count()).where(sessions.c.status == "assigned")
        offers = {row[0]: row[1] for row in connection.execute(asked.group_by(sessions.c.offered_to))}
    assert offers == {world.james: 3, world.eve: 3}
    assert set(facts(world, "assigned").values()) == {1}


def test_a_chat_is_answered_once(world: World, processes: list[Process]) -> None:
    world.arrive(world.james)
    for _ in range(ROUNDS):
        session_id = processes[0].start()
        taken = at_once([partial(each.answer, session_id, world.james) for each in processes])
        assert taken == [True] * PROCESSES
        processes[0].chats.end(session_id, by="agent", agent_id=world.james)
    assert set(facts(world, "connected").values()) == {1}
    assert world.events(world.james).count("New_Chat") == ROUNDS


def test_a_chat_is_answered_or_taken_back(world: World, processes: list[Process]) -> None:
    """Whatever comes first: never both."""
    for number in range(ROUNDS):
        world.arrive(world.james, tab_id=f"tab-{number}")
        session_id = processes[0].start()
        world.clock.forward(timedelta(seconds=14 + number))
        answer = partial(processes[0].answer, session_id, world.james)
        taken = at_once([answer, *(each.keep_time for each in processes[1:])])[0]
        with world.database.read() as connection:
            row = connection.execute(select(sessions).where(sessions.c.id == session_id)).one()
        left = ("ongoing", world.james, None) if taken else ("queued", None, None)
        assert (row.status, row.agent_id, row.offered_to) == left
        processes[0].chats.end(session_id, by="end_user")


def test_a_key_starts_one_chat(world: World, processes: list[Process]) -> None:
    started = at_once([partial(each.start, idempotency_key="api:4711", request_hash="x") for each in processes])
    assert len(set(started)) == 1
    assert facts(world, "queued") == {started[0]: 1}


def test_a_person_who_starts_two_chats_at_once_is_one_end_user(world: World, processes: list[Process]) -> None:
    at_once([partial(each.start, email="jill@example.com", phone="+12125550105") for each in processes])
    with world.database.read() as connection:
        assert connection.execute(select(func.count(sessions.c.end_user_id.distinct()))).scalar_one() == 1


def test_a_chat_ends_once(world: World, processes: list[Process]) -> None:
    world.arrive(world.james)
    session_id = processes[0].start()
    processes[0].answer(session_id, world.james)
    at_once([partial(each.chats.end, session_id, by="end_user") for each in processes])
    assert facts(world, "ended") == {session_id: 1}
    assert world.events(world.james).count("End_Chat") == 1


def test_a_message_that_comes_twice_at_once_is_kept_once(world: World, processes: list[Process]) -> None:
    session_id = processes[0].start()
    said = at_once([partial(each.chats.write, session_id, "hello", "one") for each in processes])
    assert sorted(each.is_new for each in said) == [False] * (PROCESSES - 1) + [True]
    assert facts(world, "message") == {session_id: 1}


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # SQLite has one writer
def test_whatever_people_do_at_once_nobody_waits_for_nobody(world: World, processes: list[Process]) -> None:
    """If two transactions wait for each other, PostgreSQL breaks one off, and it is done again."""
    for agent_id in (world.james, world.eve):
        world.arrive(agent_id)
    agents = [Agents(each.database, world.clock, "process", each.actions) for each in processes]

    def busy(number: int) -> None:
        dice, me, own = random.Random(number), (world.james, world.eve)[number % 2], processes[number]
        for _ in range(ROUNDS):
            session_id = own.start()
            acts: list[Callable[[], Any]] = [
                partial(own.chats.end, session_id, by="end_user"),
                partial(own.chats.write, session_id, "hello", None),
                partial(own.offers.answer, session_id, me),
                partial(own.chats.say, session_id, me, "hello", str(session_id)),
                partial(own.chats.focus, session_id - dice.randrange(4), me),
                partial(agents[number].set_status, me, dice.choice(("Available", "Break"))),
                own.keep_time,
            ]
            for act in dice.choices(acts, k=6):
                with suppress(HostError):
                    act()

    at_once([partial(busy, number) for number in range(PROCESSES)])
    for agent_id in (world.james, world.eve):
        with world.database.read() as connection:
            numbers = [entry.seq for entry in journal_of.since(connection, agent_id, "chat", 0)]
        assert numbers == list(range(1, len(numbers) + 1))
