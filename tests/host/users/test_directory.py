from datetime import datetime

import pytest

from host.db.engine import Database
from host.errors import FieldsError
from host.users import directory, passwords, sign_ins


def test_adds_a_user_with_defaults_and_finds_him_whatever_the_case(database: Database) -> None:
    with database.write() as connection:
        added = directory.upsert(
            connection, " Agent@Example.com ", name="James Bond", roles=["agent"], agent_number="007"
        )
    with database.read() as connection:
        found = directory.by_email(connection, "AGENT@example.com")
        assert found == added == directory.by_id(connection, added.id)
    assert (added.email, added.first_name, added.last_name) == ("agent@example.com", "James", "Bond")
    assert (added.agent_number, added.roles, added.max_chats, added.status) == (
        "007",
        frozenset({"agent"}),
        3,
        "Offline",
    )


def test_changes_only_what_is_given(database: Database) -> None:
    with database.write() as connection:
        directory.upsert(connection, "agent@example.com", name="James Bond", roles=["agent"], agent_number="007")
        changed = directory.upsert(connection, "agent@example.com", max_chats=5)
    assert (changed.name, changed.agent_number, changed.max_chats) == ("James Bond", "007", 5)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("James Bond", ("James", "Bond")),
        ("Mary Ann Smith", ("Mary", "Ann Smith")),
        ("Cher", ("Cher", "--")),
        ("  Ada   Lovelace ", ("Ada", "Lovelace")),
    ],
)
def test_splits_names_at_the_first_space(database: Database, name: str, expected: tuple[str, str]) -> None:
    with database.write() as connection:
        user = directory.upsert(connection, "a@b", name=name)
    assert (user.first_name, user.last_name) == expected


def test_accepts_the_references_own_sample_address(database: Database) -> None:
    with database.write() as connection:
        assert directory.upsert(connection, "james.bond@007").email == "james.bond@007"


@pytest.mark.parametrize("email", ["", "agent", "@example.com", "agent@", "a@b@c"])
def test_refuses_what_is_not_an_email(database: Database, email: str) -> None:
    with database.write() as connection, pytest.raises(FieldsError) as caught:
        directory.upsert(connection, email)
    assert "email" in caught.value.fields


def test_refuses_an_unknown_role_and_names_the_known_ones(database: Database) -> None:
    with database.write() as connection, pytest.raises(FieldsError, match="boss; known: admin, supervisor, agent"):
        directory.upsert(connection, "a@b", roles=["boss"])  # type: ignore[list-item]


def test_lists_active_users_of_a_role(database: Database) -> None:
    with database.write() as connection:
        directory.upsert(connection, "b@example.com", name="B", roles=["agent"])
        directory.upsert(connection, "a@example.com", name="A", roles=["admin", "agent"])
        directory.upsert(connection, "c@example.com", name="C", roles=["agent"], is_active=False)
        directory.upsert(connection, "d@example.com", name="D", roles=["admin"])
        assert [user.name for user in directory.all(connection, role="agent")] == ["A", "B"]
        assert [user.name for user in directory.all(connection)] == ["A", "B", "D"]


def test_a_new_password_ends_the_sign_ins_and_the_same_one_does_not(database: Database, now: datetime) -> None:
    with database.write() as connection:
        user = directory.upsert(connection, "a@b", password="first")
        token = sign_ins.create(connection, user.id, now, session_hours=12)
        directory.upsert(connection, "a@b", password="first")
        assert sign_ins.find_user_id(connection, token, now) == user.id
        directory.upsert(connection, "a@b", password="second")
        assert sign_ins.find_user_id(connection, token, now) is None
        assert passwords.verify(directory.password_hash(connection, "A@B"), "second")


def test_deactivating_ends_the_sign_ins_and_hides_the_password(database: Database, now: datetime) -> None:
    with database.write() as connection:
        user = directory.upsert(connection, "a@b", password="first")
        token = sign_ins.create(connection, user.id, now, session_hours=12)
        directory.upsert(connection, "a@b", is_active=False)
        assert sign_ins.find_user_id(connection, token, now) is None
        assert directory.password_hash(connection, "a@b") is None


@pytest.mark.parametrize("password", ["", "x" * 1025])
def test_refuses_empty_and_endless_passwords(database: Database, password: str) -> None:
    with database.write() as connection, pytest.raises(FieldsError):
        directory.upsert(connection, "a@b", password=password)
