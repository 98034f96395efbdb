from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from host.db.engine import Database
from host.db.tables import throttles
from host.errors import TooManyError
from host.users import throttle

KEY = "sign-in:agent@example.com"


def test_refuses_the_try_after_the_last_and_says_how_long_to_wait(database: Database, now: datetime) -> None:
    for _ in range(5):
        throttle.hit(database, KEY, now, limit=5, window_s=300)
    with pytest.raises(TooManyError, match="Wait 4 minutes and 10 seconds") as caught:
        throttle.hit(database, KEY, now + timedelta(seconds=50), limit=5, window_s=300)
    assert caught.value.retry_after_s == 250


def test_a_window_is_not_made_longer_by_trying_on(database: Database, now: datetime) -> None:
    for second in range(6):
        at = now + timedelta(seconds=second)
        if second < 5:
            throttle.hit(database, KEY, at, limit=5, window_s=300)
            continue
        with pytest.raises(TooManyError):
            throttle.hit(database, KEY, at, limit=5, window_s=300)
    throttle.hit(database, KEY, now + timedelta(seconds=300), limit=5, window_s=300)


def test_other_keys_count_for_themselves(database: Database, now: datetime) -> None:
    throttle.hit(database, KEY, now, limit=1, window_s=300)
    throttle.hit(database, "sign-in:192.0.2.7", now, limit=1, window_s=300)


def test_a_try_given_back_or_forgotten_does_not_count(database: Database, now: datetime) -> None:
    throttle.hit(database, KEY, now, limit=1, window_s=300)
    throttle.give_back(database, KEY)
    throttle.hit(database, KEY, now, limit=1, window_s=300)
    throttle.forget(database, KEY)
    throttle.hit(database, KEY, now, limit=1, window_s=300)


def test_many_at_once_are_all_counted(database: Database, now: datetime) -> None:
    def attempt(_turn: int) -> bool:
        try:
            throttle.hit(database, KEY, now, limit=5, window_s=300)
        except TooManyError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(20))) == 5


def test_keys_tell_nothing(database: Database, now: datetime) -> None:
    throttle.hit(database, KEY, now, limit=5, window_s=300)
    with database.read() as connection:
        key = connection.execute(select(throttles.c.key)).scalar_one()
    assert key.startswith("sign-in:")
    assert "example" not in key


def test_purging_deletes_windows_closed_long_ago(database: Database, now: datetime) -> None:
    throttle.hit(database, KEY, now, limit=5, window_s=300)
    with database.write() as connection:
        throttle.purge(connection, now + timedelta(days=2))
        assert connection.execute(select(throttles)).all() == []
