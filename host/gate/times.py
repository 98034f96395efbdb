"""Checks times that people and systems send: near the ends of the calendar, zones can't be converted."""

from datetime import UTC, datetime

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(3000, 1, 1, tzinfo=UTC)


def usable(at: datetime) -> datetime:
    """Check an aware time; serves as a Pydantic validator.

    Raises:
        ValueError: It is before 1970 or after 2999.
    """
    if not EARLIEST <= at < LATEST:
        raise ValueError(f"found {at.isoformat()}; allowed: a time from 1970 to 2999")
    return at
