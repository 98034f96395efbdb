"""Times that people and systems send: near the ends of the calendar none can be moved to another zone."""

from datetime import UTC, datetime

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(3000, 1, 1, tzinfo=UTC)


def usable(at: datetime) -> datetime:
    """Return an aware time that every part of the host can reckon with; fits Pydantic's validators.

    Raises:
        ValueError: It lies too far away.
    """
    if not EARLIEST <= at < LATEST:
        raise ValueError(f"found {at.isoformat()}; allowed: a time from 1970 to 2999")
    return at
