import time
from datetime import datetime, timedelta

import pytest

from host.db.engine import Database
from host.errors import TooManyError
from host.users import directory
from host.users.authenticate import authenticate


@pytest.fixture(autouse=True)
def agent(database: Database) -> None:
    with database.write() as connection:
        directory.upsert(connection, "agent@example.com", roles=["agent"], password="right")


def test_finds_the_user_whatever_the_case_of_the_email(database: Database, now: datetime) -> None:
    user = authenticate(database, "Agent@Example.com", "right", "192.0.2.7", now)
    assert user
    assert user.email == "agent@example.com"


def test_a_new_spelling_of_the_email_is_no_new_chance(database: Database, now: datetime) -> None:
    for email in (
        "agent@example.com",
        "AGENT@example.com",
        " agent@example.com",
        "Agent@Example.com",
        "agent@EXAMPLE.com",
    ):
        assert authenticate(database, email, "wrong", "192.0.2.7", now) is None
    with pytest.raises(TooManyError):
        authenticate(database, "agent@example.com", "right", "192.0.2.8", now)


def test_one_ipv6_customer_is_one_address(database: Database, now: datetime) -> None:
    for number in range(30):
        assert authenticate(database, f"{number}@example.com", "wrong", f"2001:db8::{number + 1:x}", now) is None
    with pytest.raises(TooManyError):
        authenticate(database, "agent@example.com", "right", "2001:db8::ffff", now)
    assert authenticate(database, "agent@example.com", "right", "2001:db8:0:1::1", now)


@pytest.mark.parametrize("address", ["192.0.2.7:{}", "::ffff:192.0.2.7", "[2001:db8::{:x}]:443"])
def test_no_writing_of_an_address_is_a_new_chance(database: Database, now: datetime, address: str) -> None:
    for number in range(30):
        assert authenticate(database, f"{number}@example.com", "wrong", address.format(number), now) is None
    with pytest.raises(TooManyError):
        authenticate(database, "agent@example.com", "right", address.format(31), now)
    assert authenticate(database, "agent@example.com", "right", "::ffff:192.0.2.8", now)


def test_signing_in_often_shuts_nobody_out(database: Database, now: datetime) -> None:
    for second in range(40):
        at = now + timedelta(seconds=second)
        assert authenticate(database, "agent@example.com", "right", "192.0.2.7", at)


def test_an_unknown_email_takes_as_long_as_a_wrong_password(database: Database, now: datetime) -> None:
    def fastest(email: str) -> float:
        took = []
        for number in range(3):
            started = time.perf_counter()
            authenticate(database, email, "wrong", f"192.0.2.{number}", now)
            took.append(time.perf_counter() - started)
        return min(took)

    authenticate(database, "warm@up.example", "wrong", "192.0.2.99", now)
    assert 0.4 < fastest("ghost@example.com") / fastest("agent@example.com") < 2.5
