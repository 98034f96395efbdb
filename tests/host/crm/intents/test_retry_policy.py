from datetime import timedelta

import pytest

from host.crm.intents.retry_policy import next_poll, next_try
from host.errors import CrmTimeoutError, CrmUnavailableError

TIMEOUT = CrmTimeoutError("create_account", "no answer")


@pytest.mark.parametrize(("tries", "seconds"), [(0, 1), (1, 2), (2, 4), (3, 8), (4, 15), (5, 15), (500, 15)])
def test_in_the_first_ten_minutes_it_tries_often(tries: int, seconds: float) -> None:
    assert next_try(timedelta(minutes=9), tries, TIMEOUT, lambda: 0) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("hours", "seconds"), [(0.5, 180), (1, 360), (2.5, 900), (71, 900)])
def test_later_it_tries_every_quarter_of_an_hour(hours: float, seconds: float) -> None:
    assert next_try(timedelta(hours=hours), 60, TIMEOUT, lambda: 0) == timedelta(seconds=seconds)


def test_after_three_days_it_gives_up() -> None:
    assert next_try(timedelta(days=3), 400, TIMEOUT) is None


def test_jitter_shortens_the_wait_by_a_fifth_at_most() -> None:
    waits = [next_try(timedelta(0), 3, TIMEOUT) for _ in range(50)]
    assert all(wait and timedelta(seconds=6.4) <= wait <= timedelta(seconds=8) for wait in waits)


@pytest.mark.parametrize(("asked", "seconds"), [(0.5, 1), (120, 120), (86400, 900)])
def test_retry_after_is_honoured_up_to_a_quarter_of_an_hour(asked: float, seconds: float) -> None:
    error = CrmUnavailableError("create_account", "answered 503", retry_after_s=asked)
    assert next_try(timedelta(0), 0, error, lambda: 0) == timedelta(seconds=seconds)


def test_polls_come_quickly_at_first() -> None:
    assert [next_poll(tries).total_seconds() for tries in range(5)] == [1, 2, 4, 5, 5]
