"""The product's clock: the only place that asks the machine what time it is."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the time, aware and in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time."""
        return datetime.now(UTC)


class FrozenClock:
    """A clock for tests: stands still until it is moved."""

    def __init__(self, at: datetime = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)) -> None:
        self.at = at

    def now(self) -> datetime:
        """Return the frozen time."""
        return self.at

    def forward(self, by: timedelta) -> None:
        """Let `by` pass."""
        self.at += by
