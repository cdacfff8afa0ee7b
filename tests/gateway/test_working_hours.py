"""Working days, working hours and quiet hours."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy import CalendarPolicy, DayKind, Notices, load_policy
from gateway.working_hours import WorkingDays, WorkingHours, may_notify_at

ROOT = Path(__file__).parents[2]
SHANGHAI = ZoneInfo("Asia/Shanghai")
LONDON = ZoneInfo("Europe/London")
CHINA = WorkingDays(load_policy().calendar)
OPEN = WorkingHours(load_policy().working_hours, CHINA, SHANGHAI)

days_of_china = st.dates(date(2018, 1, 1), date(2026, 12, 31))
moments = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


def test_reading_the_policy_does_not_wait_for_the_calendar_library() -> None:
    script = (
        "import sys; from gateway.policy import load_policy; from gateway.working_hours import WorkingDays; "
        "days = WorkingDays(load_policy().calendar); early = 'holidays' in sys.modules; "
        "import datetime; days.warm(datetime.date(2026, 11, 23)); print(early, 'holidays' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert told.stdout.split() == ["False", "True"]


def test_the_swapped_days_of_2026_in_china() -> None:
    weekends_worked = {
        day
        for number in range(365)
        if (day := date(2026, 1, 1) + timedelta(days=number)).weekday() >= 5 and CHINA.is_working(day)
    }
    assert weekends_worked == {
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    }
    assert not any(CHINA.is_working(date(2026, 10, day)) for day in range(1, 8))


@pytest.mark.parametrize(
    ("country", "subdivision", "day", "working"),
    [
        ("HK", "", date(2026, 11, 21), False),  # a Saturday: to the library a working day
        ("HK", "", date(2026, 11, 20), True),
        ("HK", "", date(2026, 7, 1), False),
        ("GB", "ENG", date(2026, 8, 31), False),  # the late summer bank holiday is England's
        ("GB", "SCT", date(2026, 8, 31), True),
        ("TW", "", date(2025, 2, 8), True),  # a Saturday made up
        ("TW", "", date(2026, 10, 9), False),  # the day before National Day on a Saturday
    ],
)
def test_working_days_elsewhere(country: str, subdivision: str, day: date, working: bool) -> None:
    assert WorkingDays(CalendarPolicy(country=country, subdivision=subdivision)).is_working(day) is working


@given(days_of_china)
def test_the_library_agrees_on_every_day_that_it_knows(day: date) -> None:
    assert CHINA.is_working(day) == holidays.country_holidays("CN", years=day.year).is_working_day(day)


@pytest.mark.parametrize(
    ("start", "count", "end", "gap"),
    [
        (date(2026, 9, 28), 7, date(2026, 10, 13), False),  # over the October holiday and a worked Saturday
        (date(2026, 11, 23), 7, date(2026, 12, 2), False),
        (date(2026, 9, 19), 1, date(2026, 9, 20), False),  # a Sunday that is worked
        (date(2026, 12, 25), 7, date(2027, 1, 6), True),  # 2027 has no swapped days yet
        (date(2027, 3, 1), 1, date(2027, 3, 2), True),
    ],
)
def test_so_many_working_days_later(start: date, count: int, end: date, gap: bool) -> None:
    assert CHINA.add(start, count) == (end, gap)


@pytest.mark.parametrize(
    ("update", "complete"),
    [
        ({}, False),
        ({"overrides": {date(2027, 2, 6): DayKind.WORK}}, True),  # a Saturday: the swaps have been entered
        ({"overrides": {date(2027, 3, 1): DayKind.OFF}}, False),  # a holiday of the house says nothing of them
        ({"complete_years": frozenset({2027})}, True),
        ({"swaps_working_days": False}, True),
    ],
)
def test_a_year_without_published_swaps_is_not_complete(update: dict[str, object], complete: bool) -> None:
    calendar = load_policy().calendar.model_copy(update=update)
    assert WorkingDays(calendar).is_complete(2027) is complete


def test_an_override_wins_over_everything() -> None:
    overrides = {
        date(2026, 10, 1): DayKind.WORK,
        date(2026, 10, 10): DayKind.OFF,
        date(2026, 11, 21): DayKind.WORK,
        date(2026, 11, 23): DayKind.OFF,
    }
    days = WorkingDays(load_policy().calendar.model_copy(update={"overrides": overrides}))
    assert {day: days.is_working(day) for day in overrides} == {
        day: kind is DayKind.WORK for day, kind in overrides.items()
    }


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.integers(1, 40))
def test_adding_working_days_lands_on_one_and_counts_right(start: date, count: int) -> None:
    end, _ = CHINA.add(start, count)
    between = [start + timedelta(days=number) for number in range(1, (end - start).days + 1)]
    assert CHINA.is_working(end)
    assert sum(map(CHINA.is_working, between)) == count


@given(days_of_china, days_of_china, st.integers(1, 20), st.integers(0, 5))
def test_a_later_start_or_a_longer_limit_never_ends_earlier(one: date, other: date, count: int, more: int) -> None:
    early, late = sorted((one, other))
    assert CHINA.add(early, count)[0] <= CHINA.add(late, count)[0]
    assert CHINA.add(early, count)[0] <= CHINA.add(early, count + more)[0]


@pytest.mark.parametrize(
    ("now", "person_at"),
    [
        ("2026-11-23 10:00", None),
        ("2026-11-23 09:00", None),
        ("2026-11-23 08:59", "2026-11-23 09:00"),
        ("2026-11-23 18:00", "2026-11-24 09:00"),
        ("2026-11-20 20:00", "2026-11-23 09:00"),  # over a weekend
        ("2026-09-30 19:00", "2026-10-08 09:00"),  # over the October holiday
        ("2026-10-10 12:00", None),  # a worked Saturday has the hours of `makeup`
    ],
)
def test_when_a_person_will_answer(now: str, person_at: str | None) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)
    answer = OPEN.next_person_at(moment.astimezone(UTC))
    assert (None if answer is None else f"{answer:%Y-%m-%d %H:%M}") == person_at
    assert OPEN.is_open(moment) is (person_at is None)
    assert answer is None or answer.tzinfo is SHANGHAI


def test_a_saturday_with_hours_is_open_though_not_a_working_day() -> None:
    table = load_policy().working_hours.model_validate(
        load_policy().working_hours.model_dump() | {"saturday": ["09:00-13:00"], "holiday": ["10:00-11:00"]}
    )
    hours = WorkingHours(table, CHINA, SHANGHAI)
    assert hours.is_open(datetime(2026, 11, 21, 12, tzinfo=SHANGHAI))
    assert not hours.is_open(datetime(2026, 10, 3, 12, tzinfo=SHANGHAI))  # a Saturday, but of the October holiday
    assert hours.is_open(datetime(2026, 10, 3, 10, 30, tzinfo=SHANGHAI))


def test_round_the_clock() -> None:
    week = {day: ["00:00-24:00"] for day in load_policy().working_hours.model_dump()}
    hours = WorkingHours(load_policy().working_hours.model_validate(week), CHINA, SHANGHAI)
    night = datetime(2026, 10, 3, 23, 59, 59, tzinfo=SHANGHAI)
    assert hours.is_open(night)
    assert hours.worked(night, night + timedelta(days=3)) == timedelta(days=3)


@given(moments, st.integers(0, 60 * 100))
def test_working_time_counted_on_and_counted_back_agree(start: datetime, minutes: int) -> None:
    amount = timedelta(minutes=minutes)
    end = OPEN.after(start, amount)
    assert end >= start
    assert OPEN.worked(start, end) == amount


@given(moments, moments, moments)
def test_working_time_adds_up(one: datetime, two: datetime, three: datetime) -> None:
    first, middle, last = sorted((one, two, three))
    assert OPEN.worked(first, middle) + OPEN.worked(middle, last) == OPEN.worked(first, last)


def test_clocks_put_back_in_a_day_of_work() -> None:
    week = {day: ["00:00-24:00"] for day in load_policy().working_hours.model_dump()}
    hours = WorkingHours(load_policy().working_hours.model_validate(week), CHINA, LONDON)
    day = datetime(2026, 10, 25, tzinfo=LONDON)
    assert hours.worked(day, datetime(2026, 10, 26, tzinfo=LONDON)) == timedelta(hours=25)


NIGHT = Notices(quiet_from="21:00", quiet_until="08:00")
NOON = Notices(quiet_from="12:00", quiet_until="14:00")
NEVER = Notices(quiet_from="00:00", quiet_until="00:00")


@pytest.mark.parametrize(
    ("notices", "now", "then"),
    [
        (NIGHT, "2026-11-23 20:59:59", "2026-11-23 20:59:59"),
        (NIGHT, "2026-11-23 21:00:00", "2026-11-24 08:00:00"),
        (NIGHT, "2026-11-24 00:30:00", "2026-11-24 08:00:00"),
        (NIGHT, "2026-11-24 08:00:00", "2026-11-24 08:00:00"),
        (NOON, "2026-11-23 13:00:00", "2026-11-23 14:00:00"),
        (NOON, "2026-11-23 23:00:00", "2026-11-23 23:00:00"),
        (NEVER, "2026-11-23 00:00:00", "2026-11-23 00:00:00"),
    ],
)
def test_quiet_hours(notices: Notices, now: str, then: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)
    assert may_notify_at(moment, SHANGHAI, notices) == datetime.fromisoformat(then).replace(tzinfo=SHANGHAI)


def test_quiet_hours_are_those_of_the_customer_s_zone() -> None:
    noon_in_shanghai = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)  # four in the morning in London
    assert may_notify_at(noon_in_shanghai, SHANGHAI, NIGHT) == noon_in_shanghai
    assert may_notify_at(noon_in_shanghai, LONDON, NIGHT) == datetime(2026, 11, 23, 8, tzinfo=LONDON)


@given(moments, st.times(), st.times())
def test_a_notice_waits_less_than_a_day_and_then_may_leave(now: datetime, begins: time, ends: time) -> None:
    notices = Notices(quiet_from=begins, quiet_until=ends)
    then = may_notify_at(now, SHANGHAI, notices)
    assert now <= then < now + timedelta(days=1)
    assert may_notify_at(then, SHANGHAI, notices) == then
