"""Company keys: named, with scopes, renewed without a break, kept as hashes."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from host.db import tables
from host.db.engine import Database
from host.errors import ConfigError
from host.users import company_keys

NOW = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)


def test_a_key_and_its_secret_go_together(database: Database) -> None:
    with database.write() as connection:
        one, secret = company_keys.add(connection, " Telephony gateway ", ["write", "read"], NOW)
        other, _ = company_keys.add(connection, "Reports", ["read"], NOW)
        assert (one.name, one.scopes, other.scopes) == ("Telephony gateway", ("read", "write"), ("read",))
        assert company_keys.find(connection, one.key, secret, NOW) == one
        for key, given in ((one.key, ""), (one.key, secret + "x"), (other.key, secret), ("nobody", secret)):
            assert company_keys.find(connection, key, given, NOW) is None


def test_no_secret_stands_in_the_database(database: Database) -> None:
    with database.write() as connection:
        made, first = company_keys.add(connection, "Gateway", ["read"], NOW)
        second = company_keys.renew(connection, made.key, NOW)
        row = connection.execute(select(tables.company_keys)).mappings().one()
    assert second
    assert not [value for value in row.values() if value in (first, second)]


def test_a_renewed_secret_leaves_time_to_change_it(database: Database) -> None:
    with database.write() as connection:
        made, old = company_keys.add(connection, "Gateway", ["read"], NOW)
        new = company_keys.renew(connection, made.key, NOW, timedelta(hours=2)) or ""
        assert company_keys.find(connection, made.key, new, NOW)
        assert company_keys.find(connection, made.key, old, NOW + timedelta(minutes=119))
        assert company_keys.find(connection, made.key, old, NOW + timedelta(minutes=120)) is None
        newest = company_keys.renew(connection, made.key, NOW, timedelta(0)) or ""
        found = [company_keys.find(connection, made.key, each, NOW) is not None for each in (old, new, newest)]
        assert found == [False, False, True]
        assert company_keys.renew(connection, "nobody", NOW) is None


def test_a_removed_key_opens_nothing(database: Database) -> None:
    with database.write() as connection:
        made, secret = company_keys.add(connection, "Gateway", ["read"], NOW)
        assert company_keys.remove(connection, made.key)
        assert not company_keys.remove(connection, made.key)
        assert company_keys.find(connection, made.key, secret, NOW) is None


def test_when_a_key_was_used_is_known_to_the_hour(database: Database) -> None:
    with database.write() as connection:
        made, _ = company_keys.add(connection, "Gateway", ["read"], NOW)
        assert company_keys.is_to_note(made, NOW)
        company_keys.note_use(connection, made, NOW)
        [noted] = company_keys.all(connection)
    assert noted.used_at == NOW
    assert not company_keys.is_to_note(noted, NOW + timedelta(minutes=59))
    assert company_keys.is_to_note(noted, NOW + timedelta(minutes=60))


@pytest.mark.parametrize(
    ("name", "scopes"),
    [
        ("", ["read"]),
        ("  ", ["read"]),
        ("n" * 101, ["read"]),
        ("a\nb", ["read"]),
        ("a\u202eb", ["read"]),
        ("taken", ["read"]),
        ("free", []),
        ("free", ["admin"]),
    ],
)
def test_a_key_that_can_not_be_told_apart_or_may_nothing_is_not_made(
    database: Database, name: str, scopes: list[str]
) -> None:
    with database.write() as connection:
        company_keys.add(connection, "taken", ["read"], NOW)
        with pytest.raises(ConfigError):
            company_keys.add(connection, name, scopes, NOW)
        assert len(company_keys.all(connection)) == 1
