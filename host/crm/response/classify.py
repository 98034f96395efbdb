"""Classifies answers: success, not found, duplicate, rejected, unavailable or unauthenticated.

Source: docs/reference/generic-api.md, Faults; docs/reference/settings.md, Endpoint keys.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import Enum

from host.crm.http.answer import Answer
from host.crm.response.conditions import holds_in
from host.crm.settings.endpoint import Endpoint
from host.crm.templates.template import Values

RETRY_AFTER_MAX_S = 900.0
_RETRYABLE = frozenset({408, 425, 429})
_NOT_RETRYABLE = frozenset({501, 505})
_UNAUTHENTICATED = frozenset({401, 403})


class Meaning(Enum):
    """The classes of answers."""

    OK = "ok"
    NOT_FOUND = "not_found"
    DUPLICATE = "duplicate"
    """It exists already; its id is in the answer, or a find returns it."""
    REJECTED = "rejected"
    """A retry is useless."""
    UNAVAILABLE = "unavailable"
    """A retry later may succeed."""
    AUTH = "auth"
    """The CRM does not accept the credentials."""


@dataclass(frozen=True)
class Outcome:
    """The class of an answer, and the reason."""

    meaning: Meaning
    reason: str
    """For the trace and the admin: `answered 409`; without personal data."""
    retry_after_s: float | None = None


def classify(
    endpoint: Endpoint,
    answer: Answer,
    *,
    for_find: bool = False,
    values: Values | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Classify an answer.

    Args:
        endpoint: Its `success`, `not_found` and `duplicate`.
        answer: With any status; a redirect is rejected.
        for_find: Whether "not found" is possible: for a create 204 means success and 404 rejected.
        values: For templates in conditions.
        now: For a `Retry-After` that is a date.
    """
    status = answer.status
    said = f"answered {status}"
    if for_find and _is_not_found(endpoint, answer, values):
        return Outcome(Meaning.NOT_FOUND, said)
    if not for_find and _exists_already(endpoint, answer, values):
        return Outcome(Meaning.DUPLICATE, f"{said}: exists already")
    if status in endpoint.success.statuses if endpoint.success.statuses else 200 <= status < 300:
        return _success(endpoint, answer, values)
    if status in _UNAUTHENTICATED:
        return Outcome(Meaning.AUTH, said)
    if status in _RETRYABLE or (status >= 500 and status not in _NOT_RETRYABLE):
        return Outcome(Meaning.UNAVAILABLE, said, retry_after_s(answer, now))
    return Outcome(Meaning.REJECTED, said)


def retry_after_s(answer: Answer, now: datetime | None = None) -> float | None:
    """Return how many seconds the CRM asks to wait, at most 15 minutes; None when it doesn't say.

    Args:
        answer: Its `Retry-After` is a number of seconds, or a date relative to `now`, else to the answer's `Date`.
        now: Aware.
    """
    text = (answer.headers.get("Retry-After") or "").strip()
    try:
        seconds = float(text)
    except ValueError:
        until, since = _date(text), now or _date(answer.headers.get("Date") or "")
        seconds = (until - since).total_seconds() if until and since else math.nan
    return min(seconds, RETRY_AFTER_MAX_S) if seconds >= 0 else None


def _is_not_found(endpoint: Endpoint, answer: Answer, values: Values | None) -> bool:
    return answer.status in endpoint.not_found.statuses or any(
        holds_in("find", condition, answer, values) for condition in endpoint.not_found.when
    )


def _exists_already(endpoint: Endpoint, answer: Answer, values: Values | None) -> bool:
    duplicate = endpoint.duplicate
    if duplicate is None:
        return False
    return answer.status in duplicate.statuses or any(
        holds_in("answer", condition, answer, values) for condition in duplicate.when
    )


def _success(endpoint: Endpoint, answer: Answer, values: Values | None) -> Outcome:
    broken = next((each for each in endpoint.success.unless if holds_in("answer", each, answer, values)), None)
    if broken is None:
        return Outcome(Meaning.OK, f"answered {answer.status}")
    at = broken.location or "the whole body"
    return Outcome(Meaning.REJECTED, f"answered {answer.status} with an error inside, at {at}")


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError, TypeError):
        return None
    return found if found.tzinfo else None
