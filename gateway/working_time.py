"""Working time between many moments, reckoned over one table of openings: two searches for each instead of a walk over all days.

The same time as `WorkingHours.worked`, from which the table is made.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime, timedelta

from gateway.working_hours import WorkingHours


class WorkingTime:
    """Working time within a span; what lies outside it counts for nothing."""

    def __init__(self, hours: WorkingHours, start: datetime, end: datetime) -> None:
        self._start = start
        self._opens: list[datetime] = []
        self._closes: list[datetime] = []
        self._before: list[timedelta] = []  # worked until each opening
        total = timedelta()
        for opens, closes in sorted(hours.openings(start, end)):
            self._opens.append(max(opens, start))
            self._closes.append(min(closes, end))
            self._before.append(total)
            total += self._closes[-1] - self._opens[-1]

    def between(self, start: datetime, end: datetime) -> timedelta:
        """None of it where the end comes first."""
        return max(timedelta(), self._until(end) - self._until(start))

    def _until(self, moment: datetime) -> timedelta:
        at = bisect_right(self._opens, moment) - 1
        if at < 0:
            return timedelta()
        return self._before[at] + min(moment, self._closes[at]) - self._opens[at]

    def back(self, now: datetime, amount: timedelta) -> datetime:
        """The latest moment since which `amount` of working time has passed; the span's beginning if there is less."""
        wanted = self._until(now) - amount
        if wanted < timedelta():
            return self._start
        at = bisect_right(self._before, wanted) - 1
        # where it is the end of one opening, everything up to the next one has waited as long
        return self._opens[at] + (wanted - self._before[at])
