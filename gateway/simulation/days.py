"""Days as a customer's sheet names them, moved with the day on which the customer is played.

`yesterday`, `3 days ago`, `friday` (the last one before today), `last friday` (of the calendar week before this one),
`last month 15`, `3 months ago` (a month, without a day), `last year 11` … or a date as it stands: `2026-10-12`, `2026-10`, `2026`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WEEKDAY: Final = "|".join(WEEKDAYS)


class UnknownDay(ValueError):
    """Words that name no day here."""


def day_of(words: str, today: date) -> str:
    """The day, month or year as records hold it: `2026-11-20`, `2026-11` or `2026`. Raises UnknownDay."""
    said = " ".join(words.lower().split())
    for pattern, find in _WAYS:
        match = re.fullmatch(pattern, said)
        if match:
            try:
                return find(match, today)
            except (ValueError, OverflowError):
                raise UnknownDay(f"{words!r} is no day of that month") from None
    raise UnknownDay(f"{words!r} names no day: see tests/simulation/README.md")


def written(words: str, today: date, language: str) -> str:
    """The same as people write it: 20 November, 11月20日."""
    parts = [int(part) for part in day_of(words, today).split("-")]
    if language == "en":
        month = f"{MONTHS[parts[1] - 1]}" if len(parts) > 1 else ""
        return " ".join(filter(None, (str(parts[2]) if len(parts) > 2 else "", month, _year(parts, today))))
    year = _year(parts, today)
    return "".join(
        f"{number}{unit}" for number, unit in zip((year, *parts[1:]), ("年", "月", "日"), strict=False) if number != ""
    )


def _year(parts: list[int], today: date) -> str:
    """Said only where it is not this year's."""
    return "" if len(parts) > 1 and parts[0] == today.year else str(parts[0])


def _iso(match: re.Match[str], today: date) -> str:
    parts = [int(part) for part in match[0].split("-")]
    date(*[*parts, 1, 1][:3])  # raises ValueError
    return match[0]


def _ago(match: re.Match[str], today: date) -> str:
    number, unit = int(match[1]), match[2]
    if unit == "month":
        return _month(today, number)
    return (today - timedelta(days=number * (7 if unit == "week" else 1))).isoformat()


def _month(today: date, ago: int, day: str | None = None) -> str:
    months = today.year * 12 + today.month - 1 - ago
    year, month = months // 12, months % 12 + 1
    return date(year, month, int(day)).isoformat() if day else f"{year}-{month:02d}"


def _past(match: re.Match[str], today: date) -> str:
    behind = (today.weekday() - WEEKDAYS.index(match[1])) % 7 or 7
    return (today - timedelta(days=behind)).isoformat()


def _last_week(match: re.Match[str], today: date) -> str:
    monday = today - timedelta(days=today.weekday() + 7)
    return (monday + timedelta(days=WEEKDAYS.index(match[1]))).isoformat()


def _last_year(match: re.Match[str], today: date) -> str:
    year = str(today.year - 1)
    return f"{year}-{date(2000, int(match[1]), 1).month:02d}" if match[1] else year


_Find = Callable[[re.Match[str], date], str]
_WAYS: Final[tuple[tuple[str, _Find], ...]] = (
    (r"\d{4}(?:-\d\d){0,2}", _iso),
    ("today", lambda match, today: today.isoformat()),
    ("yesterday", lambda match, today: (today - timedelta(days=1)).isoformat()),
    (r"(\d{1,3}) (day|week|month)s? ago", _ago),
    (f"({_WEEKDAY})", _past),
    (f"last ({_WEEKDAY})", _last_week),
    (r"this month(?: (\d{1,2}))?", lambda match, today: _month(today, 0, match[1])),
    (r"last month(?: (\d{1,2}))?", lambda match, today: _month(today, 1, match[1])),
    (r"this year", lambda match, today: str(today.year)),
    (r"last year(?: (\d{1,2}))?", _last_year),
)
