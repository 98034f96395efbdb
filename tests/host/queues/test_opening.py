from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.queues import opening
from host.queues.settings import BusinessHours, QueueSettings

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
OFFICE: BusinessHours = {"mon": (("09:00", "12:00"), ("13:00", "17:30")), "sun": (("02:15", "02:45"),)}
ROUND_THE_CLOCK: BusinessHours = dict.fromkeys(opening.DAYS, (("00:00", "24:00"),))


@pytest.mark.parametrize(
    ("zone", "at", "expected"),
    [
        (UTC, "2026-05-04T09:00", True),  # a Monday
        (UTC, "2026-05-04T08:59:59", False),
        (UTC, "2026-05-04T11:59:59", True),
        (UTC, "2026-05-04T12:00", False),
        (UTC, "2026-05-04T17:29", True),
        (UTC, "2026-05-04T17:30", False),
        (UTC, "2026-05-05T10:00", False),
        (BERLIN, "2026-05-04T07:00", True),  # 09:00 in summer
        (BERLIN, "2026-01-05T07:59", False),
        (BERLIN, "2026-01-05T08:00", True),  # 09:00 in winter
        (NEW_YORK, "2026-05-04T13:00", True),
        (BERLIN, "2026-03-29T00:59:59", False),  # 01:59:59; the next second is 03:00
        (BERLIN, "2026-03-29T01:15", False),
        (BERLIN, "2026-10-25T00:15", True),  # 02:15 for the first time
        (BERLIN, "2026-10-25T00:45", False),
        (BERLIN, "2026-10-25T01:15", True),  # 02:15 again
        (BERLIN, "2026-10-25T01:45", False),
    ],
)
def test_is_open_by_the_clocks_of_the_zone(zone: ZoneInfo, at: str, expected: bool) -> None:
    assert opening.is_open(OFFICE, zone, datetime.fromisoformat(at).replace(tzinfo=UTC)) is expected


def test_without_hours_it_is_always_open_and_with_none_on_any_day_never() -> None:
    now = datetime(2026, 5, 4, 3, tzinfo=UTC)
    assert opening.is_open(None, BERLIN, now)
    assert not opening.is_open({}, BERLIN, now)


moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(moments, st.timezones())
def test_round_the_clock_never_closes(now: datetime, zone: ZoneInfo) -> None:
    assert opening.is_open(ROUND_THE_CLOCK, zone, now)


@given(moments, st.timezones())
def test_two_halves_of_a_day_leave_no_gap_and_no_overlap(now: datetime, zone: ZoneInfo) -> None:
    morning: BusinessHours = dict.fromkeys(opening.DAYS, (("00:00", "12:00"),))
    evening: BusinessHours = dict.fromkeys(opening.DAYS, (("12:00", "24:00"),))
    assert opening.is_open(morning, zone, now) is not opening.is_open(evening, zone, now)


@given(moments)
def test_the_zone_of_the_given_time_does_not_matter(now: datetime) -> None:
    elsewhere = now.astimezone(NEW_YORK)
    assert opening.is_open(OFFICE, BERLIN, now) is opening.is_open(OFFICE, BERLIN, elsewhere)


@pytest.mark.parametrize(
    ("most", "waiting", "expected"), [(0, 500, None), (2, 1, None), (2, 2, "over_capacity"), (2, 3, "over_capacity")]
)
def test_is_full_when_so_many_wait(most: int, waiting: int, expected: str | None) -> None:
    settings = QueueSettings(max_waiting=most)
    assert opening.deflection(settings, BERLIN, datetime(2026, 5, 4, tzinfo=UTC), waiting=waiting) == expected


def test_closed_counts_before_full() -> None:
    settings = QueueSettings(max_waiting=1, business_hours={})
    now = datetime(2026, 5, 4, tzinfo=UTC) + timedelta(hours=10)
    assert opening.deflection(settings, BERLIN, now, waiting=1) == "after_hours"


def test_says_what_the_queue_says_or_something_sensible() -> None:
    assert opening.message(QueueSettings(closed_message=" Back on Monday. "), "after_hours") == "Back on Monday."
    assert "opening hours" in opening.message(QueueSettings(), "after_hours")
    assert "waiting" in opening.message(None, "over_capacity")
