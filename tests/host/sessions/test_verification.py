from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from host.crm.steps import results
from host.db.engine import Database
from host.db.tables import end_users, journal, known_accounts, sessions
from host.errors import NotFoundError, TransitionError
from host.sessions import participants, repository
from host.sessions.chats import NewChat
from host.sessions.model import EndUser, Session
from host.sessions.starting import BY_CONSUMER
from host.sessions.verification import Identity, Verification
from tests.host.world import World

JAMES = Identity("007", name="James Bond", email="james.bond@007", phone="+12223334444")
ANYBODY = NewChat(queue="Developers / James", name="J.", phone="+12223334444", details={"person_from": BY_CONSUMER})


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
def verification(world: World) -> Verification:
    return Verification(world.database, world.clock, world.outbox)


def start(world: World, new: NewChat = ANYBODY) -> Session:
    session, _token = world.chats.start(new)
    world.outbox.told.clear()
    return session


def now(world: World, session: Session) -> tuple[Session, EndUser]:
    with world.database.read() as connection:
        found = repository.get(connection, session.id)
        return found, repository.end_user(connection, found.end_user_id)


def facts(world: World, session: Session) -> list[str]:
    with world.database.read() as connection:
        mine = select(journal.c.name).where(journal.c.session_id == session.id).order_by(journal.c.id)
        return list(connection.execute(mine).scalars())


def test_the_consumer_is_verified(world: World, verification: Verification) -> None:
    session = start(world)
    verification.verify(session.id, JAMES)
    found, person = now(world, session)
    assert found.is_verified
    assert "person_from" not in found.details
    assert (person.identifier, person.name, person.email) == ("007", "James Bond", "james.bond@007")
    assert facts(world, session)[-1] == "verified"
    with world.database.read() as connection:
        [participant] = participants.of_session(connection, session.id)
    assert participant.end_user_id == person.id
    assert world.outbox.told == [("verified", session.id), ("start_now", session.id)]


def test_repeated_it_changes_nothing(world: World, verification: Verification) -> None:
    session = start(world)
    verification.verify(session.id, JAMES)
    before, told = now(world, session), list(world.outbox.told)
    verification.verify(session.id, JAMES)
    verification.verify(session.id, Identity("007"))
    assert (now(world, session), world.outbox.told) == (before, told)


def test_news_of_the_same_person_are_taken_without_another_event(world: World, verification: Verification) -> None:
    session = start(world)
    verification.verify(session.id, JAMES)
    verification.verify(session.id, replace(JAMES, email="bond@mi6.example"))
    assert now(world, session)[1].email == "bond@mi6.example"
    assert [name for name, _ in world.outbox.told].count("verified") == 1


def test_who_is_known_already_gets_the_session(world: World, verification: Verification) -> None:
    earlier = start(world, NewChat(queue="Developers / James", identifier="007", name="James"))
    session = start(world)
    verification.verify(session.id, JAMES)
    assert now(world, session)[0].end_user_id == earlier.end_user_id
    assert now(world, session)[1].name == "James Bond"


def test_what_they_said_of_themselves_stays_with_who_they_were(world: World, verification: Verification) -> None:
    session = start(world, replace(ANYBODY, email="ada@example.com"))
    remember(world, session, "ada's account")
    verification.verify(session.id, JAMES)
    found, person = now(world, session)
    assert found.end_user_id != session.end_user_id
    assert found.account_id == "ada's account"  # an agent decides whether that is right
    with world.database.read() as connection:
        assert results.account_of_end_user(connection, session.id) is None
        assert repository.end_user(connection, session.end_user_id).identifier is None
    assert person.identifier == "007"


def test_an_account_that_was_looked_for_meanwhile_is_not_remembered_for_them(
    world: World, verification: Verification
) -> None:
    session = start(world)
    verification.verify(session.id, JAMES)
    remember(world, session, "found by their phone", found_for=session.end_user_id)
    with world.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(known_accounts)).scalar_one() == 0
    remember(world, session, "chosen by the agent")
    with world.database.read() as connection:
        assert results.account_of_end_user(connection, session.id) == "chosen by the agent"


def test_a_verified_session_does_not_become_somebody_elses(world: World, verification: Verification) -> None:
    session = start(world)
    verification.verify(session.id, JAMES)
    before = now(world, session)
    with pytest.raises(TransitionError, match="verify as somebody else"):
        verification.verify(session.id, Identity("008"))
    assert now(world, session) == before
    with world.database.read() as connection:
        assert connection.execute(select(func.count()).where(end_users.c.identifier == "008")).scalar_one() == 0


def test_an_ended_session_is_not_verified_any_more(world: World, verification: Verification) -> None:
    session = start(world)
    world.chats.end(session.id, by="end_user")
    with pytest.raises(TransitionError):
        verification.verify(session.id, JAMES)


def test_there_has_to_be_a_session(verification: Verification) -> None:
    with pytest.raises(NotFoundError):
        verification.verify(12, JAMES)


def remember(world: World, session: Session, account_id: str, *, found_for: int | None = None) -> None:
    with world.database.write() as connection:
        connection.execute(update(sessions).where(sessions.c.id == session.id).values(crm_key="crm.example"))
        results.assign(connection, session.id, "account", account_id, world.clock.now(), found_for=found_for)
