import logging
import re

import pytest

from host import rate_limiter as budgets
from host.errors import TooManyError
from host.rate_limiter import RateLimiter
from host.refusals import Refusals
from host.settings.document.budgets import Budgets

NOW = [0.0]


@pytest.fixture
def rate_limiter() -> RateLimiter:
    NOW[0] = 1000.0
    return RateLimiter(lambda: NOW[0])


def test_a_minute_takes_so_much_and_says_how_long_to_wait(rate_limiter: RateLimiter) -> None:
    for _ in range(3):
        rate_limiter.take("messages_per_minute", 103646, 3)
    NOW[0] += 50
    with pytest.raises(TooManyError, match=re.escape("at once. Wait 10 seconds, then try again.")) as refused:
        rate_limiter.take("messages_per_minute", 103646, 3)
    assert refused.value.retry_after_s == 10
    NOW[0] += 10
    rate_limiter.take("messages_per_minute", 103646, 3)


def test_what_is_refused_does_not_count(rate_limiter: RateLimiter) -> None:
    rate_limiter.take("bytes_per_minute", 103646, 100, 60)
    with pytest.raises(TooManyError):
        rate_limiter.take("bytes_per_minute", 103646, 100, 60)
    rate_limiter.take("bytes_per_minute", 103646, 100, 40)


def test_others_and_other_budgets_count_for_themselves(rate_limiter: RateLimiter) -> None:
    rate_limiter.take("messages_per_minute", 103646, 1)
    rate_limiter.take("messages_per_minute", 103647, 1)
    rate_limiter.take("tickets_per_minute", 103646, 1)


def test_spenders_of_the_past_are_forgotten(rate_limiter: RateLimiter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "MOST_KEPT", 10)
    for number in range(10):
        rate_limiter.take("messages_per_minute", number, 1)
    NOW[0] += 60
    rate_limiter.take("messages_per_minute", "new", 1)
    assert len(rate_limiter._spent) == 1


def test_every_budget_that_has_words_is_in_the_settings() -> None:
    assert budgets.MESSAGES.keys() <= Budgets.model_fields.keys()


def test_refusals_are_logged_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    refusals = Refusals(lambda: now[0])
    with caplog.at_level(logging.WARNING):
        for budget in ("tickets_per_minute", "chats_per_browser", "tickets_per_minute"):
            refusals.note(budget)
        refusals.log_new()
        now[0] += 60
        refusals.log_new()
        now[0] += 60
        refusals.log_new()
    assert caplog.messages == ["refused in the last minute, by budget: chats_per_browser 1, tickets_per_minute 2"]
    assert refusals.counts() == {"tickets_per_minute": 2, "chats_per_browser": 1}
