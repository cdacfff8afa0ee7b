"""Working time between many moments: the same as reckoned one by one, and backwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy import load_policy
from gateway.working_hours import WorkingDays, WorkingHours
from gateway.working_time import WorkingTime

ZONE = ZoneInfo("Asia/Shanghai")
HOURS = WorkingHours(load_policy().working_hours, WorkingDays(load_policy().calendar), ZONE)
START, END = datetime(2025, 9, 20, tzinfo=UTC), datetime(2025, 10, 20, tzinfo=UTC)
TIME = WorkingTime(HOURS, START, END)

moments = st.datetimes(START.replace(tzinfo=None), END.replace(tzinfo=None), timezones=st.just(UTC))


@given(moments, moments)
def test_it_is_the_time_that_is_worked(one: datetime, other: datetime) -> None:
    expected = HOURS.worked(one, other) if one < other else timedelta()
    assert TIME.between(one, other) == expected


@given(moments, st.timedeltas(timedelta(seconds=1), timedelta(hours=30)))
def test_who_waits_since_then_has_waited_as_long_and_nobody_who_came_later(now: datetime, amount: timedelta) -> None:
    since = TIME.back(now, amount)
    if since > START:
        assert HOURS.worked(since, now) == amount
        assert HOURS.worked(since + timedelta(microseconds=1), now) < amount
    else:
        assert TIME.between(START, now) <= amount


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2025-10-10 17:00", "2025-10-11 10:00", 2),  # a Friday and the Saturday after it, which is worked
        ("2025-09-30 16:00", "2025-10-09 10:00", 3),  # over the days of the national holiday
        ("2025-10-12 09:00", "2025-10-12 18:00", 0),  # a Sunday
    ],
)
def test_saturdays_that_are_worked_count_and_holidays_do_not(start: str, end: str, hours: int) -> None:
    one, other = (datetime.fromisoformat(written).replace(tzinfo=ZONE) for written in (start, end))
    assert TIME.between(one, other) == timedelta(hours=hours)
