from datetime import datetime, timedelta

import pytest

from host.db.engine import Database
from host.errors import FieldsError, NotFoundError
from host.users import directory, status
from host.users.directory import User


@pytest.fixture
def agent(database: Database) -> User:
    with database.write() as connection:
        return directory.upsert(connection, "agent@example.com", roles=["agent"])


def test_available_starts_the_idle_time(database: Database, agent: User, now: datetime) -> None:
    with database.write() as connection:
        assert status.set_status(connection, agent.id, "Available", now)
        after = directory.by_id(connection, agent.id)
    assert after
    assert (after.status, after.status_since, after.idle_since) == ("Available", now, now)


def test_saying_the_same_again_changes_nothing(database: Database, agent: User, now: datetime) -> None:
    with database.write() as connection:
        status.set_status(connection, agent.id, "Available", now)
        assert not status.set_status(connection, agent.id, "Available", now + timedelta(minutes=5))
        after = directory.by_id(connection, agent.id)
    assert after
    assert after.idle_since == now


@pytest.mark.parametrize("name", ["Break", "Meal", "Unavailable", "Offline"])
def test_who_does_not_wait_is_not_idle(database: Database, agent: User, now: datetime, name: str) -> None:
    with database.write() as connection:
        status.set_status(connection, agent.id, "Available", now)
        status.set_status(connection, agent.id, name, now + timedelta(minutes=1))
        after = directory.by_id(connection, agent.id)
    assert after
    assert (after.status, after.idle_since) == (name, None)


@pytest.mark.parametrize("name", status.SYSTEM)
def test_only_the_system_sets_the_systems_states(database: Database, agent: User, now: datetime, name: str) -> None:
    with database.write() as connection:
        with pytest.raises(FieldsError, match="allowed: Available, Break, Meal, Unavailable, Offline"):
            status.set_status(connection, agent.id, name, now)
        assert status.set_status(connection, agent.id, name, now, by_system=True)


def test_unresponsive_remembers_what_it_came_from(database: Database, agent: User, now: datetime) -> None:
    with database.write() as connection:
        status.set_status(connection, agent.id, "Break", now)
        status.set_status(connection, agent.id, "Unresponsive", now, by_system=True)
        lost = directory.by_id(connection, agent.id)
        status.set_status(connection, agent.id, "Break", now, by_system=True)
        back = directory.by_id(connection, agent.id)
    assert lost
    assert back
    assert (lost.status_before, back.status_before) == ("Break", None)


def test_an_unknown_status_or_user_is_named(database: Database, agent: User, now: datetime) -> None:
    with database.write() as connection:
        with pytest.raises(FieldsError, match="found 'Asleep'"):
            status.set_status(connection, agent.id, "Asleep", now, by_system=True)
        with pytest.raises(NotFoundError, match="no user 4711"):
            status.set_status(connection, 4711, "Break", now)
