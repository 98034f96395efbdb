"""Writes lengths of time as timers show them."""

from datetime import timedelta


def words(length: timedelta) -> str:
    """Return `4:12`."""
    seconds = max(0, int(length.total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02}"
