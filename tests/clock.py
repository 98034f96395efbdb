"""A clock for tests."""

from datetime import UTC, datetime, timedelta


class FrozenClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, at: datetime = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)) -> None:
        self.at = at

    def now(self) -> datetime:
        """Return the frozen time."""
        return self.at

    def forward(self, by: timedelta) -> None:
        """Let `by` pass."""
        self.at += by
