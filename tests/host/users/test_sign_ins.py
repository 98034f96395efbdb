from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from host.db.engine import Database
from host.db.tables import sign_ins as table
from host.users import directory, sign_ins
from host.users.directory import User


@pytest.fixture
def user(database: Database) -> User:
    with database.write() as connection:
        return directory.upsert(connection, "agent@example.com", roles=["agent"])


def test_a_token_finds_its_user_until_it_runs_out(database: Database, user: User, now: datetime) -> None:
    with database.write() as connection:
        token = sign_ins.create(connection, user.id, now, session_hours=12)
        assert sign_ins.find_user_id(connection, token, now + timedelta(hours=11, minutes=59)) == user.id
        assert sign_ins.find_user_id(connection, token, now + timedelta(hours=12)) is None


def test_the_database_holds_no_token(database: Database, user: User, now: datetime) -> None:
    with database.write() as connection:
        token = sign_ins.create(connection, user.id, now, session_hours=12)
        stored = connection.execute(select(table.c.token_hash)).scalar_one()
    assert token not in stored
    assert len(stored) == 64


def test_ending_one_leaves_the_others(database: Database, user: User, now: datetime) -> None:
    with database.write() as connection:
        here, there = (sign_ins.create(connection, user.id, now, session_hours=1) for _ in range(2))
        sign_ins.end(connection, here)
        assert sign_ins.find_user_id(connection, here, now) is None
        assert sign_ins.find_user_id(connection, there, now) == user.id
        assert sign_ins.has_any(connection, user.id, now)


def test_ending_all_ends_all(database: Database, user: User, now: datetime) -> None:
    with database.write() as connection:
        sign_ins.create(connection, user.id, now, session_hours=1)
        sign_ins.end_all(connection, user.id)
        assert not sign_ins.has_any(connection, user.id, now)


def test_purging_deletes_only_what_has_run_out(database: Database, user: User, now: datetime) -> None:
    with database.write() as connection:
        sign_ins.create(connection, user.id, now, session_hours=1)
        lasting = sign_ins.create(connection, user.id, now, session_hours=3)
        sign_ins.purge(connection, now + timedelta(hours=2))
        left = connection.execute(select(table.c.token_hash)).scalars().all()
    assert left == [sign_ins.hash_token(lasting)]


def test_a_sign_in_counts_while_it_is_used(database: Database, user: User, now: datetime) -> None:
    idle = timedelta(minutes=60)
    with database.write() as connection:
        used, unused = (sign_ins.create(connection, user.id, now, session_hours=12) for _ in range(2))
        sign_ins.use(connection, [sign_ins.hash_token(used)], now + timedelta(minutes=30))
        later = now + timedelta(minutes=60)
        assert sign_ins.find_user_id(connection, used, later, idle) == user.id
        assert sign_ins.find_user_id(connection, unused, later, idle) is None
        assert [each.token_hash for each in sign_ins.of_user(connection, user.id, later, idle)] == [
            sign_ins.hash_token(used)
        ]
