import pytest

from host.db.engine import Database
from host.errors import NotFoundError, TransitionError
from host.events import journal
from host.sessions import ratings
from host.sessions.chats import NewChat
from host.sessions.model import Session
from host.sessions.ratings import Rating, Ratings
from tests.host.world import World

SURVEY = ({"question": "Did we help you?", "answer": "Yes"},)


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
def rater(world: World) -> Ratings:
    return Ratings(world.database, world.clock, world.outbox)


def chat(world: World) -> Session:
    """A chat that James has taken."""
    world.arrive(world.james)
    session, _token = world.chats.start(NewChat(queue="Developers / James", name="Ada"))
    session = world.offers.answer(session.id, world.james)
    world.outbox.told.clear()
    return session


def kept(world: World, session: Session) -> Rating:
    with world.database.read() as connection:
        return ratings.of_session(connection, session.id)


def test_a_rating_is_kept_and_told(world: World, rater: Ratings) -> None:
    session = chat(world)
    rater.rate(session.id, Rating(4, "Quick!", SURVEY))
    assert kept(world, session) == Rating(4, "Quick!", SURVEY)
    assert world.outbox.told == [("csat", session.id), ("survey", session.id), ("start_now", session.id)]
    with world.database.read() as connection:
        found = journal.newest(connection, session.id, "rated")
    assert found is not None
    assert (found.data, found.agent_id) == ({"rating": 4}, world.james)


def test_the_same_rating_again_changes_nothing(world: World, rater: Ratings) -> None:
    session = chat(world)
    for _ in range(2):
        rater.rate(session.id, Rating(4, "Quick!", SURVEY))
    rater.rate(session.id, Rating(4))
    assert [name for name, _ in world.outbox.told].count("csat") == 1


def test_another_rating_replaces_what_it_says_and_is_an_event_of_its_own(world: World, rater: Ratings) -> None:
    session = chat(world)
    rater.rate(session.id, Rating(4, "Quick!", SURVEY))
    world.outbox.told.clear()
    rater.rate(session.id, Rating(2))
    assert kept(world, session) == Rating(2, "Quick!", SURVEY)
    assert world.outbox.told == [("csat:2", session.id), ("start_now", session.id)]


def test_a_session_may_be_rated_after_its_end(world: World, rater: Ratings) -> None:
    session = chat(world)
    world.chats.end(session.id, by="agent")
    rater.rate(session.id, Rating(5))
    assert kept(world, session).rating == 5


def test_what_no_agent_has_had_cannot_be_rated(world: World, rater: Ratings) -> None:
    session, _token = world.chats.start(NewChat(queue="Developers / James"))
    with pytest.raises(TransitionError, match="cannot rate a session that is queued"):
        rater.rate(session.id, Rating(5))


def test_an_unknown_session_cannot_be_rated(rater: Ratings) -> None:
    with pytest.raises(NotFoundError):
        rater.rate(12, Rating(5))


def test_several_are_read_at_once(world: World, rater: Ratings) -> None:
    session = chat(world)
    rater.rate(session.id, Rating(3))
    with world.database.read() as connection:
        assert ratings.of_sessions(connection, {session.id, 99}) == {session.id: Rating(3)}
