"""Dates that follow from limits, and when somebody is warned."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deadlines import Due, due_at, due_date, start_of, warnings
from gateway.policy import Clock, Extension, StartsAt, Unit, load_policy
from gateway.working_hours import WorkingDays, WorkingHours

SHANGHAI = ZoneInfo("Asia/Shanghai")
POLICY = load_policy()
DAYS = WorkingDays(POLICY.calendar)
HOURS = WorkingHours(POLICY.working_hours, DAYS, SHANGHAI)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("unit", "count", "start", "due"),
    [
        (Unit.WORKING_DAYS, 7, "2026-09-28 10:00", Due(date(2026, 10, 13))),
        (Unit.WORKING_DAYS, 7, "2026-11-23 23:59", Due(date(2026, 12, 2))),
        (Unit.WORKING_DAYS, 7, "2026-11-24 00:00", Due(date(2026, 12, 3))),  # the day is that of the institution's zone
        (Unit.WORKING_DAYS, 7, "2026-12-25 10:00", Due(date(2027, 1, 6), gap=True)),
        (Unit.DAYS, 15, "2026-09-28 10:00", Due(date(2026, 10, 13))),
        (Unit.DAYS, 30, "2026-12-25 10:00", Due(date(2027, 1, 24))),  # plain days need no calendar
        (Unit.WEEKS, 8, "2026-11-23 10:00", Due(date(2027, 1, 18))),
    ],
)
def test_due_date(unit: Unit, count: int, start: str, due: Due) -> None:
    clock = Clock(unit=unit, count=count, starts_at=StartsAt.RECEIVED)
    assert due_date(clock, at(start).astimezone(UTC), DAYS, SHANGHAI) == due


def test_an_extension_counts_from_the_same_start() -> None:
    extension = Extension(unit=Unit.DAYS, count=60)
    assert due_date(extension, at("2026-11-23 10:00"), DAYS, SHANGHAI) == Due(date(2027, 1, 22))


@pytest.mark.parametrize(
    ("starts_at", "start"), [("received", "2026-11-21 10:00"), ("registered", "2026-11-23 09:00"), ("handled", None)]
)
def test_the_event_that_starts_a_clock(starts_at: str, start: str | None) -> None:
    clock = Clock(unit=Unit.DAYS, count=1, starts_at=StartsAt(starts_at))
    begun = start_of(clock, received_at=at("2026-11-21 10:00"), registered_at=at("2026-11-23 09:00"))
    assert begun == (None if start is None else at(start))


def test_a_limit_is_kept_until_the_end_of_its_day_in_the_institution_s_zone() -> None:
    assert due_at(date(2026, 12, 2), SHANGHAI) == datetime(2026, 12, 2, 15, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "due", "warned"),
    [
        # 7 days of nine hours from Monday morning: 47 h 15 min and 56 h 42 min of work
        ("2026-11-23 09:00", date(2026, 12, 1), ["2026-11-30 11:15", "2026-12-01 11:42"]),
        # registered on the evening before the October holiday
        ("2026-09-30 20:00", date(2026, 10, 9), ["2026-10-09 13:30", "2026-10-09 16:12"]),
    ],
)
def test_warnings_come_in_working_hours(start: str, due: date, warned: list[str]) -> None:
    end = due_at(due, SHANGHAI)
    *early, last = warnings(at(start), end, (0.75, 0.90), HOURS)
    assert [f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" for moment in early] == warned
    assert last == end


def test_without_any_working_time_plain_time_is_parted() -> None:
    start, end = at("2026-10-03 00:00"), at("2026-10-05 00:00")
    assert warnings(start, end, (0.75,), HOURS) == (at("2026-10-04 12:00"), end)


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    st.integers(1, 20),
    st.sampled_from(list(Unit)),
)
def test_warnings_rise_and_stay_within_the_limit(start: datetime, count: int, unit: Unit) -> None:
    clock = Clock(unit=unit, count=count, starts_at=StartsAt.RECEIVED)
    end = due_at(due_date(clock, start, DAYS, SHANGHAI).day, SHANGHAI)
    moments = warnings(start, end, clock.warn_at, HOURS)
    assert list(moments) == sorted(moments)
    assert start <= moments[0]
    assert moments[-1] == end
    assert end - start >= timedelta(0)
