"""Retry policy: when a failed step is tried again.

`host/crm/steps/failures.py` decides whether it is tried again at all.

Source: docs/reference/generic-api.md, Faults.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from host.errors import CrmError, CrmUnavailableError

GIVE_UP_AFTER = timedelta(days=3)
LONGEST_S = 900.0
QUICK_FOR_S = 600.0
QUICK_LONGEST_S = 15.0
POLL_LONGEST_S = 5.0
JITTER = 0.2

Jitter = Callable[[], float]
"""Returns a number from 0 up to 1."""

any_number = random.Random().random  # noqa: S311 - spreads load, is not a secret


def next_try(intent_age: timedelta, tries: int, error: CrmError, jitter: Jitter = any_number) -> timedelta | None:
    """Return how long to wait: 1, 2, 4, 8, 15, 15 ... s in the first ten minutes, then up to a quarter of an hour.

    Args:
        intent_age: Since the step was planned.
        tries: Number of earlier tries.
        error: Its `retry_after_s` counts up to a quarter of an hour.
        jitter: Shortens the wait by up to a fifth, to spread the retries.

    Returns:
        None after three days.
    """
    if intent_age >= GIVE_UP_AFTER:
        return None
    age_s = intent_age.total_seconds()
    longest_s = QUICK_LONGEST_S if age_s < QUICK_FOR_S else min(LONGEST_S, age_s / 10)
    wait_s = min(longest_s, 2.0 ** min(tries, 20)) * (1 - JITTER * jitter())
    asked_s = (error.retry_after_s or 0) if isinstance(error, CrmUnavailableError) else 0
    return timedelta(seconds=max(wait_s, min(asked_s, LONGEST_S)))


def next_poll(tries: int) -> timedelta:
    """Return how long to wait before looking for something with an unknown outcome: 1, 2, 4, 5, 5 ... s."""
    return timedelta(seconds=min(POLL_LONGEST_S, 2.0 ** min(tries, 20)))


def as_json(error: CrmError, now: datetime) -> dict[str, Any]:
    """Return the JSON that is stored of an error: `{"code", "message", "endpoint", "at"}`, without personal data.

    The CRM's own message is stored masked, as `said`.
    """
    return {"code": error.code, "message": error.reason, "endpoint": error.endpoint, "at": now.isoformat()}
