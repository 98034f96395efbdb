import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from werkzeug.security import check_password_hash

from host.db.engine import Database
from host.errors import TooManyError
from host.users import backoff, directory, passwords
from host.users.authenticate import BY_EMAIL_AND_ADDRESS, SignInClient, Tries, authenticate
from host.users.passwords import Slots

EMAIL = "agent@example.com"


@dataclass
class Door:
    """A sign-in form whose clock goes on only while somebody waits."""

    database: Database
    now: datetime
    waited_s: list[float] = field(default_factory=list)

    def opens(
        self, password: str = "right", email: str = EMAIL, *, address: str = "192.0.2.7", device: str = ""
    ) -> bool:
        client = SignInClient(address, {self.user_id(email): device} if device else {})
        found = authenticate(self.database, email, password, client, self.now, pause=self._pause)
        return found is not None and found.email == EMAIL

    def wrong(self, times: int) -> None:
        """Give so many wrong passwords."""
        for _ in range(times):
            assert not self.opens("wrong")

    def guess(self, times: int, email: str = EMAIL, *, address: str = "192.0.2.7", device: str = "") -> None:
        """Count so many wrong passwords, without looking at them."""
        with self.database.read() as connection:
            user = directory.by_email(connection, email)
        tries = Tries(email, SignInClient(address, {user.id: device} if user and device else {}), user)
        for _ in range(times):
            with self.database.write() as connection:
                for key in tries.own:
                    backoff.count(connection, key, self.now)
                tries.end(connection, self.now, is_right=False)

    def user_id(self, email: str) -> int:
        with self.database.read() as connection:
            user = directory.by_email(connection, email)
        return user.id if user else 0

    def _pause(self, seconds: float) -> None:
        self.waited_s.append(seconds)
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def door(database: Database, now: datetime) -> Door:
    with database.write() as connection:
        directory.upsert(connection, EMAIL, roles=["agent"], password="right")
    return Door(database, now)


def test_finds_the_user_whatever_the_case_of_the_email(door: Door) -> None:
    assert door.opens(email="Agent@Example.com")


def test_five_wrong_passwords_make_the_next_one_wait_and_lock_nobody_out(door: Door) -> None:
    door.wrong(5)
    assert door.waited_s == []
    assert door.opens()
    assert door.waited_s == [2]


def test_a_right_password_starts_the_count_again(door: Door) -> None:
    for _ in range(2):
        door.guess(4)
        assert door.opens()
    assert door.waited_s == []


@pytest.mark.parametrize(("wrong", "wait_s"), [(0, 0), (4, 0), (5, 2), (6, 4), (7, 8), (9, 32), (10, 60), (99, 60)])
def test_waits_grow_to_a_minute(wrong: int, wait_s: int) -> None:
    assert BY_EMAIL_AND_ADDRESS.wait_s(wrong) == wait_s


def test_wrong_passwords_are_forgotten_after_a_break(door: Door) -> None:
    door.guess(8)
    door.now += timedelta(minutes=16)
    assert door.opens()
    assert door.waited_s == []


@pytest.mark.parametrize("spelling", ["AGENT@example.com", " agent@example.com", "agent@EXAMPLE.com"])
def test_a_new_spelling_of_the_email_is_no_new_chance(door: Door, spelling: str) -> None:
    door.guess(6)
    with pytest.raises(TooManyError):
        door.opens(email=spelling)


@pytest.mark.parametrize(
    ("one", "other"),
    [("192.0.2.7:50001", "::ffff:192.0.2.7"), ("2001:db8::1", "[2001:db8::ffff]:443")],
)
def test_no_writing_of_an_address_is_a_new_chance(door: Door, one: str, other: str) -> None:
    door.guess(6, address=one)
    with pytest.raises(TooManyError):
        door.opens(address=other)
    assert door.opens(address="192.0.2.8")


def test_who_guesses_elsewhere_slows_down_no_browser_that_is_known(door: Door) -> None:
    door.guess(6, address="203.0.113.5")
    door.guess(6)
    assert door.opens(device="known")
    assert door.opens(address="203.0.113.5", device="known")


def test_a_known_browser_is_slowed_down_for_its_own_guesses(door: Door) -> None:
    door.guess(6, device="known")
    with pytest.raises(TooManyError):
        door.opens(device="known", address="192.0.2.8")
    assert door.opens()


def test_a_browser_known_for_somebody_else_is_a_stranger(door: Door, database: Database) -> None:
    with database.write() as connection:
        other = directory.upsert(connection, "other@example.com", password="right")
    client = SignInClient("192.0.2.7", {other.id: "known"})
    for _ in range(5):
        authenticate(database, EMAIL, "wrong", client, door.now)
    assert door.opens()
    assert door.waited_s == [2]


def test_many_addresses_that_guess_one_password_wait_a_little_each(door: Door) -> None:
    for number in range(60):
        door.guess(1, address=f"203.0.113.{number}")
    with pytest.raises(TooManyError) as refused:
        door.opens()
    assert refused.value.retry_after_s == 8
    door.now += timedelta(seconds=8)
    assert door.opens()


def test_one_address_that_tries_many_people_is_slowed_down(door: Door) -> None:
    for number in range(100):
        door.guess(1, email=f"{number}@example.com", address="203.0.113.5")
    before = len(door.waited_s)
    assert door.opens(address="203.0.113.5")
    assert door.waited_s[before:] == [2]


@pytest.mark.slow
def test_an_office_of_several_hundred_signs_in_at_once(door: Door, database: Database) -> None:
    with database.write() as connection:
        people = [directory.upsert(connection, f"{number}@example.com").email for number in range(300)]
    client = SignInClient("192.0.2.7")
    offices = [Tries(email, client, None) for email in people]
    with database.write() as connection:
        assert [tries.begin(connection, door.now) for tries in offices] == [0] * 300


def test_so_many_passwords_are_looked_at_at_once() -> None:
    slots, most, together, lock = Slots(), 3, [0, 0], threading.Lock()

    def look(_: int) -> None:
        with slots.one(most):
            with lock:
                together[0] += 1
                together[1] = max(together)
            time.sleep(0)
            with lock:
                together[0] -= 1

    with ThreadPoolExecutor(20) as many:
        list(many.map(look, range(200)))
    assert together[1] <= most


def test_too_many_that_wait_are_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "MOST_WAITING", 0)
    with pytest.raises(TooManyError, match=r"signing in at this moment\. Wait 5 seconds"), Slots().one(1):
        pass


def test_an_unknown_email_takes_as_long_as_a_wrong_password(
    database: Database, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs: list[str] = []

    def check(hashed: str, text: str) -> bool:
        costs.append(hashed.split("$", maxsplit=1)[0])
        return check_password_hash(hashed, text)

    monkeypatch.setattr(passwords, "check_password_hash", check)
    for email in ("ghost@example.com", EMAIL):
        assert authenticate(database, email, "wrong", SignInClient("192.0.2.1"), door.now) is None
    assert costs == [passwords.METHOD] * 2
