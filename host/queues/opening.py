"""Decides whether a queue takes another session: business hours and the number of waiting sessions.

Source: docs/reference/sessions.md, Closed and full queues.
"""

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from host.queues.settings import BusinessHours, Day, QueueSettings

Deflection = Literal["after_hours", "over_capacity"]

DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DEFAULT_MESSAGES: dict[Deflection, str] = {
    "after_hours": "We're closed at the moment. Please try again during our opening hours.",
    "over_capacity": "Too many people are waiting at the moment. Please try again later.",
}


def is_open(hours: BusinessHours | None, zone: ZoneInfo, now: datetime) -> bool:
    """Tell whether the clocks in `zone` show a time within the business hours; without hours a queue is always open.

    Each span includes its start and excludes its end. When clocks are turned back, both passes of the hour count.

    Args:
        hours: By weekday; a day that is missing is closed.
        zone: The time zone of the settings.
        now: Aware.
    """
    if hours is None:
        return True
    local = now.astimezone(zone)
    time = f"{local:%H:%M}"  # "24:00" sorts after every time of the day
    return any(start <= time < end for start, end in hours.get(DAYS[local.weekday()], ()))


def deflection(settings: QueueSettings, zone: ZoneInfo, now: datetime, *, waiting: int) -> Deflection | None:
    """Return why the queue takes no more sessions; None if it takes them.

    Args:
        settings: The queue's.
        zone: The time zone of the settings.
        now: Aware.
        waiting: The number of sessions that wait in the queue already.
    """
    if not is_open(settings.business_hours, zone, now):
        return "after_hours"
    return "over_capacity" if settings.max_waiting and waiting >= settings.max_waiting else None


def message(settings: QueueSettings | None, why: Deflection) -> str:
    """Return what the consumer reads: the queue's `closed_message`, or a default one."""
    own = settings.closed_message.strip() if settings else ""
    return own or DEFAULT_MESSAGES[why]
