import logging
import re

import pytest

from host import spending as budgets
from host.errors import TooManyError
from host.refusals import Refusals
from host.settings.document.budgets import Budgets
from host.spending import Spending

NOW = [0.0]


@pytest.fixture
def spending() -> Spending:
    NOW[0] = 1000.0
    return Spending(lambda: NOW[0])


def test_a_minute_takes_so_much_and_says_how_long_to_wait(spending: Spending) -> None:
    for _ in range(3):
        spending.spend("messages_per_minute", 103646, 3)
    NOW[0] += 50
    with pytest.raises(TooManyError, match=re.escape("at once. Wait 10 seconds, then try again.")) as refused:
        spending.spend("messages_per_minute", 103646, 3)
    assert refused.value.retry_after_s == 10
    NOW[0] += 10
    spending.spend("messages_per_minute", 103646, 3)


def test_what_is_refused_does_not_count(spending: Spending) -> None:
    spending.spend("bytes_per_minute", 103646, 100, 60)
    with pytest.raises(TooManyError):
        spending.spend("bytes_per_minute", 103646, 100, 60)
    spending.spend("bytes_per_minute", 103646, 100, 40)


def test_others_and_other_budgets_count_for_themselves(spending: Spending) -> None:
    spending.spend("messages_per_minute", 103646, 1)
    spending.spend("messages_per_minute", 103647, 1)
    spending.spend("tickets_per_minute", 103646, 1)


def test_spenders_of_the_past_are_forgotten(spending: Spending, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "MOST_KEPT", 10)
    for number in range(10):
        spending.spend("messages_per_minute", number, 1)
    NOW[0] += 60
    spending.spend("messages_per_minute", "new", 1)
    assert len(spending._spent) == 1


def test_every_budget_that_has_words_is_in_the_settings() -> None:
    assert budgets.WORDS.keys() <= Budgets.model_fields.keys()


def test_refusals_are_logged_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    refusals = Refusals(lambda: now[0])
    with caplog.at_level(logging.WARNING):
        for budget in ("tickets_per_minute", "chats_per_browser", "tickets_per_minute"):
            refusals.note(budget)
        refusals.tell()
        now[0] += 60
        refusals.tell()
        now[0] += 60
        refusals.tell()
    assert caplog.messages == ["refused in the last minute, by budget: chats_per_browser 1, tickets_per_minute 2"]
    assert refusals.counts() == {"tickets_per_minute": 2, "chats_per_browser": 1}
