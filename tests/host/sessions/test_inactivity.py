from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from host.db.tables import journal
from host.errors import NotAllowedError, TransitionError
from host.events import tabs
from host.orchestration.agents import Agents
from host.sessions import messages, repository
from host.sessions.chats import NewChat
from host.sessions.inactivity import Inactivity, Patience
from host.sessions.model import Session
from host.users import directory, status
from tests.host.world import World


class Day:
    """A day at work: time passes, and the worker looks around."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.patience = Patience(600, 3600)
        self.inactivity = Inactivity(world.outbox, lambda: self.patience)
        self.agents = Agents(world.database, world.clock, "process", world.actions)

    def later(self, seconds: float) -> None:
        self.world.clock.forward(timedelta(seconds=seconds))
        now = self.world.clock.now()
        with self.world.database.write() as connection:
            tabs.keep_alive(connection, "process", now)
            self.agents.mark_unresponsive(connection)
            self.inactivity.run(connection, now)
            self.world.route(connection, now)

    def answered(self, agent_id: int | None = None) -> int:
        session_id = self.world.chats.start(NewChat(queue="Developers / James"))[0].id
        self.world.offers.answer(session_id, agent_id or self.world.james)
        return session_id

    def get(self, session_id: int) -> Session:
        with self.world.database.read() as connection:
            return repository.get(connection, session_id)

    def status(self, session_id: int) -> str:
        return self.get(session_id).status

    def facts(self, session_id: int, name: str) -> list[dict[str, object]]:
        mine = (journal.c.session_id == session_id) & (journal.c.name == name)
        with self.world.database.read() as connection:
            return list(connection.execute(select(journal.c.data).where(mine).order_by(journal.c.id)).scalars())


@pytest.fixture
def day(world: World) -> Day:
    world.arrive(world.james)
    return Day(world)


def test_a_quiet_chat_is_dismissed_and_leaves_the_load(day: Day, world: World) -> None:
    session_id = day.answered()
    day.later(599)
    assert day.status(session_id) == "ongoing"
    day.later(1)
    assert day.status(session_id) == "dismissed"
    assert world.events(world.james)[-1] == "Dismissed_Chat"
    assert world.status(world.james) == "Available"
    assert day.facts(session_id, "dismissed") == [{"from": "ongoing", "to": "dismissed", "by": "system"}]


def test_what_a_dismissed_chat_frees_the_next_one_gets(day: Day, world: World) -> None:
    with world.database.write() as connection:
        directory.upsert(connection, "agent@example.com", max_chats=1)
    day.answered()
    waiting = world.chats.start(NewChat(queue="Developers / James"))[0].id
    day.later(600)
    assert day.get(waiting).offered_to == world.james


@pytest.mark.parametrize(
    ("writes", "status_at_600", "status_at_900"),
    [
        ({300: "end_user"}, "ongoing", "dismissed"),
        ({300: "agent"}, "ongoing", "dismissed"),  # the answer: from now on it's the consumer's turn
        ({300: "agent", 500: "agent"}, "ongoing", "dismissed"),  # asking again doesn't prolong it
        ({200: "end_user", 300: "agent", 899: "end_user"}, "ongoing", "ongoing"),
    ],
)
def test_it_is_the_consumers_silence_that_counts(
    day: Day, world: World, writes: dict[int, str], status_at_600: str, status_at_900: str
) -> None:
    session_id = day.answered()
    seen, at = {}, 0
    for moment in sorted({*writes, 600, 900}):
        day.later(moment - at)
        at = moment
        if writes.get(moment) == "agent":
            world.chats.say(session_id, world.james, f"Hi {moment}", f"a{moment}")
        elif moment in writes:
            world.chats.write(session_id, f"Hi {moment}", f"c{moment}")
        seen[moment] = day.status(session_id)
    assert (seen[600], seen[900]) == (status_at_600, status_at_900)


def test_a_chat_that_stays_dismissed_ends(day: Day, world: World) -> None:
    session_id = day.answered()
    day.later(600)
    day.later(3599)
    assert day.status(session_id) == "dismissed"
    day.later(1)
    ended = day.get(session_id)
    assert (ended.status, ended.fail_reason, ended.disconnected_by) == ("finished", "no_response", "system")
    assert world.events(world.james)[-1] == "End_Chat"
    assert world.outbox.told.count(("ended", session_id)) == 1
    day.later(3600)
    assert world.events(world.james).count("End_Chat") == 1


def test_zero_is_never(day: Day) -> None:
    session_id = day.answered()
    day.patience = Patience(0, 0)
    day.later(100_000)
    assert day.status(session_id) == "ongoing"
    day.patience = Patience(600, 0)
    day.later(0)
    day.later(100_000)
    assert day.status(session_id) == "dismissed"


@pytest.mark.parametrize("does", ["writes", "resumes"])
def test_the_consumer_resumes_it_with_the_same_agent(day: Day, world: World, does: str) -> None:
    session_id = day.answered()
    day.later(600)
    if does == "writes":
        world.chats.write(session_id, "I'm back", "c1")
    else:
        world.chats.resume(session_id)
        world.chats.resume(session_id)
    resumed = day.get(session_id)
    assert (resumed.status, resumed.agent_id) == ("ongoing", world.james)
    assert world.status(world.james) == "In-chat"
    assert [fact["by"] for fact in day.facts(session_id, "resumed")] == ["end_user"]
    day.later(599)
    assert day.status(session_id) == "ongoing"


def fill(day: Day) -> None:
    with day.world.database.write() as connection:
        directory.upsert(connection, "agent@example.com", max_chats=1)
    day.answered()


def take_a_break(day: Day) -> None:
    day.agents.set_status(day.world.james, "Break")


def leave(day: Day) -> None:
    with day.world.database.write() as connection:
        tabs.forget_all(connection)


@pytest.mark.parametrize(("hinder", "reason"), [(fill, "no_room"), (take_a_break, "agent_gone"), (leave, "agent_gone")])
def test_a_resumed_chat_whose_agent_cannot_goes_to_another(
    day: Day, world: World, hinder: Callable[[Day], None], reason: str
) -> None:
    session_id = day.answered()
    day.later(600)
    hinder(day)
    world.chats.write(session_id, "I'm back", "c1")
    waiting = day.get(session_id)
    assert (waiting.status, waiting.agent_id) == ("queued", None)
    assert day.facts(session_id, "requeued")[0] | {"from": ""} == {
        "from": "",
        "to": "queued",
        "agent_id": world.james,
        "reason": reason,
    }
    world.arrive(world.eve)
    world.offers.answer(session_id, world.eve)
    assert world.events(world.eve)[:2] == ["New_Chat", "Agent_Connects_to_Session"]
    assert "Chat_Inbound_Message" in world.events(world.eve)


def test_an_agent_dismisses_and_takes_up_again(day: Day, world: World) -> None:
    first, second = day.answered(), day.answered()
    world.chats.dismiss(second, world.james)
    world.chats.dismiss(second, world.james)
    assert world.events(world.james)[-2:] == ["Dismissed_Chat", "Active_Chat"]
    assert world.status(world.james) == "In-chat"
    world.chats.dismiss(first, world.james)
    assert world.status(world.james) == "Available"
    world.chats.resume(first, world.james)
    world.chats.resume(first, world.james)
    assert day.status(first) == "ongoing"
    assert [fact["by"] for fact in day.facts(first, "resumed")] == ["agent"]
    assert world.status(world.james) == "In-chat"


def test_an_agent_takes_up_no_more_than_they_may_have(day: Day, world: World) -> None:
    session_id = day.answered()
    world.chats.dismiss(session_id, world.james)
    fill(day)
    for attempt in (
        lambda: world.chats.resume(session_id, world.james),
        lambda: world.chats.say(session_id, world.james, "Still there?", "a1"),
    ):
        with pytest.raises(NotAllowedError, match="You have 1 of 1 chats"):
            attempt()
    assert day.status(session_id) == "dismissed"


def test_another_agent_neither_dismisses_nor_resumes(day: Day, world: World) -> None:
    session_id = day.answered()
    with pytest.raises(NotAllowedError):
        world.chats.dismiss(session_id, world.eve)
    world.chats.dismiss(session_id, world.james)
    with pytest.raises(NotAllowedError):
        world.chats.resume(session_id, world.eve)


def test_what_has_ended_or_not_begun_is_not_resumed(day: Day, world: World) -> None:
    session_id = world.chats.start(NewChat(queue="Developers / James"))[0].id
    with pytest.raises(TransitionError, match="cannot resume"):
        world.chats.resume(session_id)
    world.chats.end(session_id, by="end_user")
    with pytest.raises(TransitionError, match="cannot resume"):
        world.chats.resume(session_id)


def test_chats_of_an_agent_who_is_gone_go_to_others(day: Day, world: World) -> None:
    session_id = day.answered()
    leave(day)
    for seconds in (9, 51):
        day.later(seconds)
    assert (world.status(world.james), day.status(session_id)) == ("Unresponsive", "ongoing")
    world.arrive(world.eve)
    day.later(2)
    assert day.get(session_id).offered_to == world.eve
    assert [fact["reason"] for fact in day.facts(session_id, "requeued")] == ["agent_gone"]
    with world.database.read() as connection:
        [said] = messages.of_session(connection, session_id)
    assert (said.sender, said.text) == (
        "system",
        "James Bond isn't connected any more. We're looking for somebody else.",
    )
    world.offers.answer(session_id, world.eve)
    assert world.events(world.eve) == ["New_Chat", "Agent_Connects_to_Session"]


@pytest.mark.parametrize("new", ["Break", "Offline"])
def test_a_break_does_not_keep_the_chats_of_who_has_left(day: Day, world: World, new: str) -> None:
    session_id = day.answered()
    day.agents.set_status(world.james, new)
    leave(day)
    day.later(9)
    assert day.status(session_id) == "ongoing"
    day.later(52)
    assert day.status(session_id) == "queued"


def test_an_agent_who_comes_back_in_time_keeps_them(day: Day, world: World) -> None:
    session_id = day.answered()
    leave(day)
    day.later(59)
    day.agents.arrive(tabs.Tab("again", world.james, "chat", "tab-one1"))
    day.later(2)
    assert day.get(session_id).agent_id == world.james
    with world.database.read() as connection:
        james = directory.by_id(connection, world.james)
    assert james is not None
    assert james.status == status.IN_CHAT
