from datetime import timedelta

import pytest
from sqlalchemy import func, select

from host.db.tables import journal
from host.errors import NotAllowedError
from host.events.signals import Signal
from host.sessions import receipts
from host.sessions.chats import NewChat
from host.sessions.receipts import Receipt, Receipts, Side
from tests.host.world import World


class Pages:
    """What a chat's two pages say, and are told."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.signals: list[Signal] = []
        self.receipts = Receipts(world.database, world.clock, self.signals.append)
        world.arrive(world.james)
        self.chat = world.chats.start(NewChat(queue="Developers / James"))[0].id
        world.offers.answer(self.chat, world.james)

    def say(self, text: str) -> int:
        return self.world.chats.say(self.chat, self.world.james, text, text).message.id

    def write(self, text: str) -> int:
        return self.world.chats.write(self.chat, text, text).message.id

    def shown(self, writer: Side) -> Receipt:
        with self.world.database.read() as connection:
            return receipts.of_chat(connection, self.chat, writer)


@pytest.fixture
def pages(world: World) -> Pages:
    return Pages(world)


def test_a_message_is_sent_then_delivered_then_seen(pages: Pages, world: World) -> None:
    assert pages.shown("agent").state == ""
    hello = pages.say("Hello")
    assert pages.shown("agent").state == "Sent"
    pages.receipts.read(pages.chat, delivered=hello, seen=0)
    assert pages.shown("agent").state == "Delivered"
    pages.receipts.read(pages.chat, delivered=hello, seen=hello)
    assert pages.shown("agent").state == "Seen"
    assert pages.signals == [Signal(agents=(world.james,))] * 2
    pages.say("Anybody?")
    assert pages.shown("agent").state == "Sent"
    answer = pages.write("Yes")
    assert pages.shown("agent").state == ""
    assert pages.shown("end_user").state == "Sent"
    pages.receipts.read(pages.chat, delivered=answer, seen=answer, agent_id=world.james)
    assert pages.shown("end_user").state == "Seen"
    assert pages.signals[-1] == Signal(sessions=(pages.chat,))


def test_what_is_known_already_changes_nothing(pages: Pages) -> None:
    hello = pages.say("Hello")
    for _ in range(3):
        pages.receipts.read(pages.chat, delivered=hello, seen=hello)
    pages.receipts.read(pages.chat, delivered=0, seen=0)
    assert pages.shown("agent").state == "Seen"
    assert len(pages.signals) == 1


def test_nobody_has_seen_what_is_yet_to_come(pages: Pages) -> None:
    pages.say("Hello")
    pages.receipts.read(pages.chat, delivered=2**53 - 1, seen=2**53 - 1)
    pages.say("Hello again")
    assert pages.shown("agent").state == "Sent"


def test_the_journal_does_not_grow(pages: Pages, world: World) -> None:
    def rows() -> int:
        with world.database.read() as connection:
            return int(connection.execute(select(func.count()).select_from(journal)).scalar_one())

    hello, before = pages.say("Hello"), rows()
    pages.receipts.read(pages.chat, delivered=hello, seen=hello)
    pages.receipts.typing(pages.chat)
    pages.receipts.typing(pages.chat, world.james)
    pages.receipts.leave(pages.chat)
    assert rows() == before


def test_typing_is_told_to_the_other_side_only(pages: Pages, world: World) -> None:
    told = {"op": "typing", "session_id": pages.chat}
    pages.receipts.typing(pages.chat)
    pages.receipts.typing(pages.chat, world.james)
    assert pages.signals == [Signal(agents=(world.james,), message=told), Signal(sessions=(pages.chat,), message=told)]
    world.chats.end(pages.chat, by="end_user")
    pages.receipts.typing(pages.chat)
    assert len(pages.signals) == 2


def test_it_is_nobody_elses_chat(pages: Pages, world: World) -> None:
    with pytest.raises(NotAllowedError):
        pages.receipts.typing(pages.chat, world.eve)
    with pytest.raises(NotAllowedError):
        pages.receipts.read(pages.chat, delivered=1, seen=1, agent_id=world.eve)


def test_a_consumer_leaves_and_comes_back(pages: Pages, world: World) -> None:
    pages.receipts.arrive(pages.chat)
    assert pages.shown("agent").left_at is None
    world.clock.forward(timedelta(seconds=5))
    pages.receipts.leave(pages.chat)
    assert pages.shown("agent").left_at == world.clock.now()
    pages.receipts.arrive(pages.chat)
    assert pages.shown("agent").left_at is None


def test_a_signal_is_the_same_after_its_way() -> None:
    signal = Signal((1,), (2, 3), {"op": "typing", "session_id": 2})
    assert Signal.read(signal.text()) == signal
