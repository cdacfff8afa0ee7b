"""Dates by which something has to be done, and when somebody is warned.

A limit is so many working days, days or weeks after an event, not counting the day of the event, which is a day in the
institution's zone. It is kept when the thing is done by the end of its last day there.

`Due.gap` warns that the date was reckoned in a year whose swapped working days are not published yet: the date is the best
that is known, may move, and is shown so to agents.

Not here: which limits there are (policy.py), who is told and in what words (notifications.py, texts.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.policy import Clock, Extension, StartsAt, Unit
from gateway.working_hours import WorkingDays, WorkingHours


@dataclass(frozen=True, slots=True)
class Due:
    """The last day of a limit. `gap`: reckoned in a year whose calendar is not complete."""

    day: date
    gap: bool = False


def start_of(
    clock: Clock, *, received_at: datetime, registered_at: datetime | None, handled_at: datetime | None = None
) -> datetime | None:
    """The event that the clock counts from; None while it has not happened."""
    return {
        StartsAt.RECEIVED: received_at,
        StartsAt.REGISTERED: registered_at,
        StartsAt.HANDLED: handled_at,
    }[clock.starts_at]


def due_date(limit: Clock | Extension, start: datetime, days: WorkingDays, zone: ZoneInfo) -> Due:
    """The day by which it has to be done (handbook 6.1.1)."""
    first = start.astimezone(zone).date()
    if limit.unit is Unit.WORKING_DAYS:
        return Due(*days.add(first, limit.count))
    length = 7 if limit.unit is Unit.WEEKS else 1
    return Due(first + timedelta(days=length * limit.count))


def due_at(day: date, zone: ZoneInfo) -> datetime:
    """The last second of `day` in the institution's zone, in UTC."""
    return datetime.combine(day, time(23, 59, 59), zone).astimezone(UTC)


def warnings(start: datetime, end: datetime, parts: Sequence[float], hours: WorkingHours) -> tuple[datetime, ...]:
    """When the given parts of the working time between `start` and `end` are over, and `end` itself, in UTC.

    Working time, because a warning at 75 % of the days on the Sunday of a long holiday would warn nobody. Where there is
    no working time in between, parts of the plain time.
    """
    total = hours.worked(start, end)
    if total:
        warned = [hours.after(start, total * part) for part in parts]
    else:
        begin = start.astimezone(UTC)
        warned = [begin + (end - begin) * part for part in parts]
    return (*warned, end.astimezone(UTC))
