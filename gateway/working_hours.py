"""Which days are worked, when people answer, and when a customer may be disturbed.

Working days come from the `holidays` library, corrected by the policy: the weekend is the policy's (Hong Kong's Saturdays are
working days to the library), overrides win over everything, and a year whose swapped working days are not published yet
is told by `is_complete`: the library knows none then, silently. Nothing here raises for such a year, since no complaint
may fail to be registered because of a calendar.

Times that come back are UTC, apart from `next_person_at`, which is in the institution's zone since customers are told it.

Not here: dates that follow from a limit (deadlines.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from gateway.policy import WEEKDAYS, CalendarPolicy, DayKind, Notices, OpeningTable, Span

_DAY = timedelta(days=1)


class WorkingDays:
    """The working days of one calendar."""

    def __init__(self, policy: CalendarPolicy) -> None:
        self._policy = policy
        self._weekend = frozenset(WEEKDAYS.index(name) for name in policy.weekend)
        self._years: dict[int, tuple[frozenset[date], frozenset[date]]] = {}

    def is_working(self, day: date) -> bool:
        override = self._policy.overrides.get(day)
        if override is not None:
            return override is DayKind.WORK
        off, makeup = self._known(day.year)
        return day in makeup or (day.weekday() not in self._weekend and day not in off)

    def is_holiday(self, day: date) -> bool:
        """A public holiday or a day off that the operator has set; an ordinary weekend is none."""
        override = self._policy.overrides.get(day)
        if override is not None:
            return override is DayKind.OFF
        return day in self._known(day.year)[0]

    def is_complete(self, year: int) -> bool:
        """Whether all working days of the year are known, those swapped with a weekend among them."""
        if not self._policy.swaps_working_days or year in self._policy.complete_years:
            return True
        return bool(self._known(year)[1]) or any(
            day.year == year and day.weekday() in self._weekend and kind is DayKind.WORK
            for day, kind in self._policy.overrides.items()
        )

    def warm(self, today: date) -> None:
        """Loads the calendar, which takes half a second once: for a thread after start, not for the first customer."""
        self._known(today.year)
        self._known(today.year + 1)

    def add(self, day: date, count: int) -> tuple[date, bool]:
        """The `count`th working day after `day`, and whether a year on the way is not complete."""
        end = day
        while count > 0:
            end += _DAY
            count -= self.is_working(end)
        return end, not all(self.is_complete(year) for year in range(day.year, end.year + 1))

    def _known(self, year: int) -> tuple[frozenset[date], frozenset[date]]:
        if year not in self._years:
            import holidays  # takes half a second: not before the first date is asked for, see `warm`

            found = holidays.country_holidays(
                self._policy.country, subdiv=self._policy.subdivision or None, years=year, expand=False
            )
            makeup = frozenset(day for day in found.weekend_workdays if day.year == year)
            self._years[year] = frozenset(found) - makeup, makeup
        return self._years[year]


class WorkingHours:
    """When people answer, in the institution's zone."""

    def __init__(self, table: OpeningTable, days: WorkingDays, zone: ZoneInfo) -> None:
        self._table = table
        self._days = days
        self._zone = zone

    def is_open(self, now: datetime) -> bool:
        return any(start <= now < end for start, end in self._on(now.astimezone(self._zone).date()))

    def next_person_at(self, now: datetime) -> datetime | None:
        """When somebody will be there, in the institution's zone. None: now."""
        start, _ = next(self._from(now))
        return None if start <= now else start.astimezone(self._zone)

    def worked(self, start: datetime, end: datetime) -> timedelta:
        """Working time between two moments."""
        total = timedelta()
        for opens, closes in self._from(start):
            if opens >= end:
                break
            total += min(closes, end) - max(opens, start)
        return total

    def openings(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """When people answer between two moments, from opening to closing; the first and the last may reach beyond."""
        return takewhile(lambda span: span[0] < end, self._from(start))

    def after(self, start: datetime, amount: timedelta) -> datetime:
        """The moment at which `amount` of working time has passed since `start`."""
        for opens, closes in self._from(start):
            begins = max(opens, start).astimezone(UTC)
            if amount <= closes - begins:
                return begins + amount
            amount -= closes - begins
        raise AssertionError("openings never end")

    def days(self, start: datetime, end: datetime) -> Iterator[tuple[date, tuple[tuple[datetime, datetime], ...]]]:
        """The days between two moments on which somebody is there, each with all its hours: those outside the two as well."""
        day, last = start.astimezone(self._zone).date(), end.astimezone(self._zone).date()
        while day <= last:
            hours = tuple(self._on(day))
            if hours:
                yield day, hours
            day += _DAY

    def _from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """All openings that end after `start`, without end: a policy has hours on some weekday, and holidays pass."""
        day = start.astimezone(self._zone).date()
        while True:
            for opens, closes in self._on(day):
                if closes > start:
                    yield opens, closes
            day += _DAY

    def _on(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        for span in self._spans(day):
            yield self._moment(day, span.opens), self._moment(day, span.closes)

    def _spans(self, day: date) -> tuple[Span, ...]:
        if self._days.is_holiday(day):
            return self._table.holiday
        spans = self._table.of_weekday(day.weekday())
        return self._table.makeup if not spans and self._days.is_working(day) else spans

    def _moment(self, day: date, minutes: int) -> datetime:
        # in UTC at once: arithmetic between two times of one zone forgets that clocks are put on and back
        return (datetime.combine(day, time.min, self._zone) + timedelta(minutes=minutes)).astimezone(UTC)


def may_notify_at(now: datetime, zone: ZoneInfo, notices: Notices) -> datetime:
    """`now`, or the end of the quiet hours that it falls into; `zone` is the customer's if known."""
    local = now.astimezone(zone)
    clock, begins, ends = local.time(), notices.quiet_from, notices.quiet_until
    over_midnight = begins > ends
    quiet = clock >= begins or clock < ends if over_midnight else begins <= clock < ends
    if not quiet:
        return now.astimezone(UTC)
    day = local.date() + _DAY if over_midnight and clock >= begins else local.date()
    return datetime.combine(day, ends, zone).astimezone(UTC)
