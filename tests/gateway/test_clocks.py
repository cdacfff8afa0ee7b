"""Clocks in working time: what is left never grows, is nothing at the end and less than nothing behind it; whole days as people count them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clocks import CaseClock, between, openings, told
from gateway.policy import CalendarPolicy, load_policy
from gateway.working_hours import WorkingDays, WorkingHours

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = WorkingHours(load_policy(None).working_hours, WorkingDays(load_policy(None).calendar), SHANGHAI)
FROM = datetime(2026, 9, 1, tzinfo=UTC)  # the national day's holidays, their swapped days and New Year lie behind it
moments = st.integers(0, 120 * 24 * 3600).map(lambda seconds: FROM + timedelta(seconds=seconds))


def at(written: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=zone).astimezone(UTC)


def clock(due: datetime, start: datetime = FROM) -> CaseClock:
    return CaseClock("feedback", start, due, "v1", "registered")


def left(due: datetime, now: datetime) -> int:
    seconds: int = told([clock(due)], HOURS, now)[0]["working_seconds_left"]
    return seconds


@given(moments, moments, moments)
def test_what_is_left_never_grows_while_time_passes(due: datetime, one: datetime, other: datetime) -> None:
    before, after = sorted((one, other))
    assert left(due, before) >= left(due, after)


@given(moments, moments)
def test_nothing_is_left_at_the_end_and_less_than_nothing_behind_it(due: datetime, now: datetime) -> None:
    assert left(due, due) == 0
    assert left(due, now) >= 0 if now <= due else left(due, now) <= 0
    assert left(due, now) == (1 if now <= due else -1) * int(HOURS.worked(min(now, due), max(now, due)).total_seconds())


@given(moments, moments)
def test_days_and_the_rest_are_all_of_it(one: datetime, other: datetime) -> None:
    start, end = sorted((one, other))
    found = between(HOURS, start, end)
    assert found.seconds == found.days * 9 * 3600 + found.rest
    assert found.rest < 2 * 9 * 3600  # a part of the first day and a part of the last


@given(moments, moments, moments)
def test_what_has_passed_and_what_is_left_are_the_whole(one: datetime, two: datetime, three: datetime) -> None:
    start, now, end = sorted((one, two, three))
    parts = between(HOURS, start, now).seconds + between(HOURS, now, end).seconds
    assert parts == between(HOURS, start, end).seconds


@pytest.mark.parametrize(
    ("now", "due", "days", "rest"),
    [
        ("2026-11-30T15:00", "2026-12-02T23:59:59", 2, 3 * 3600),  # Monday afternoon, due by the end of Wednesday
        ("2026-11-30T08:00", "2026-12-02T23:59:59", 3, 0),  # before anybody has come
        ("2026-11-28T12:00", "2026-12-02T23:59:59", 3, 0),  # on a Saturday
        ("2026-12-02T17:59", "2026-12-02T23:59:59", 0, 60),
        ("2026-12-02T20:00", "2026-12-02T23:59:59", 0, 0),  # the day is not over, but everybody has gone
        ("2026-09-30T18:00", "2026-10-10T23:59:59", 3, 0),  # the holidays count as nothing, a swapped Saturday as a day
        ("2026-12-04T11:00", "2026-12-02T23:59:59", 1, 2 * 3600),  # over by Thursday and two hours of Friday
    ],
)
def test_working_days_are_counted_as_people_count_them(now: str, due: str, days: int, rest: int) -> None:
    found = told([clock(at(due))], HOURS, at(now))[0]
    assert (found["working_days"], found["working_rest"], found["over"]) == (days, rest, at(now) > at(due))


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-30T10:00", None),
        ("2026-11-30T18:00", "2026-12-01T09:00"),
        ("2026-11-27T18:01", "2026-11-30T09:00"),  # over the weekend
        ("2026-09-30T19:00", "2026-10-08T09:00"),  # over the national day
    ],
)
def test_outside_working_hours_a_clock_stands_still_and_says_until_when(now: str, until: str | None) -> None:
    found = told([clock(at("2026-12-20T23:59:59"))], HOURS, at(now))[0]
    told_until = found["stands_still_until"]
    assert (told_until and datetime.fromisoformat(told_until).astimezone(UTC)) == (until and at(until))


def test_hong_kong_counts_by_its_own_holidays() -> None:
    days = WorkingDays(CalendarPolicy(country="HK"))
    hours = WorkingHours(load_policy(None).working_hours, days, ZoneInfo("Asia/Hong_Kong"))
    found = between(hours, at("2026-09-30T18:00"), at("2026-10-10T23:59:59"))
    assert found.days == 6  # all but the National Day and the weekend: no week of holidays, no swapped Saturday


def test_a_clock_that_was_stopped_counts_no_more_and_says_whether_it_was_kept() -> None:
    due = at("2026-12-02T23:59:59")
    for stopped, kept in ((due, True), (due + timedelta(seconds=1), False)):
        stopped_clock = CaseClock("feedback", FROM, due, "v1", "registered", stopped_at=stopped)
        found = told([stopped_clock], HOURS, due + timedelta(days=9))[0]
        assert (found["kept"], found["working_seconds_left"], found["stands_still_until"]) == (kept, None, None)


@given(moments, moments)
def test_a_page_can_count_by_the_hours_that_it_was_told(due: datetime, now: datetime) -> None:
    if abs(due - now) > timedelta(days=60):
        return
    spans = [
        (datetime.fromisoformat(opens), datetime.fromisoformat(closes))
        for one in openings([clock(due)], HOURS, now)
        for opens, closes in one["hours"]
    ]
    start, end = sorted((due, now))
    counted = sum(max(0, int((min(end, closes) - max(start, opens)).total_seconds())) for opens, closes in spans)
    assert counted == abs(left(due, now))
    assert date.fromisoformat(openings([clock(due)], HOURS, now)[0]["day"]) <= now.astimezone(
        SHANGHAI
    ).date() + timedelta(days=12)
