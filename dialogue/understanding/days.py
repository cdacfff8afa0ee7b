"""A day as words give it, and the arithmetic of years, months and weeks that its readers share.

Not here: the words (dates.py), which of several days is the one complained of (facts.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from case_store.records import Language, PartialDate
from dialogue.understanding.numerals import DIGITS, value_of


@dataclass(frozen=True, slots=True)
class Day:
    """What a pattern makes of its words: `value` None where no day, month or year is certain; `exact` False keeps the words.

    `alone`: the day of a month that was not named, which one mentioned before it may name.
    """

    value: PartialDate | None
    exact: bool = True
    alone: bool = False


Reader = Callable[[re.Match[str], date, "Language | None"], "Day | None"]
Readers = list[tuple[Sequence[str], re.Pattern[str], Reader]]
CHINESE: Readers = []
LATIN: Readers = []
MOST: Final = 200
"""Days looked at in one text."""


def reads(readers: Readers, signs: Sequence[str], pattern: str) -> Callable[[Reader], Reader]:
    """Lists a reader; its pattern is tried only where one of the signs stands in the text (none: always)."""

    def keep(reader: Reader) -> Reader:
        readers.append((signs, re.compile(pattern, re.IGNORECASE if readers is LATIN else 0), reader))
        return reader

    return keep


def day_of(year: int, month: int, day: int | None = None) -> Day | None:
    try:
        date(year, month, day or 1)
    except ValueError:
        return None
    return Day(PartialDate(f"{year:04d}-{month:02d}" + (f"-{day:02d}" if day else "")))


def exactly(day: date, *, exact: bool = True) -> Day:
    return Day(PartialDate(day.isoformat()), exact)


def number_of(said: str) -> int:
    value = value_of(said.replace("俩", "两").replace("仨", "三"))
    return -1 if value is None else int(value)


def months_back(today: date, months: int) -> tuple[int, int]:
    index = today.year * 12 + today.month - 1 - months
    return index // 12, index % 12 + 1


def year_of(said: str, today: date) -> int:
    if said in RELATIVE_YEARS:
        return today.year - RELATIVE_YEARS[said]
    if len(said) == 3 and said[0] == "零":  # 零八年
        return 2000 + DIGITS[said[1]]
    if len(said) == 3 and said[0] == "二" and said[1] in DIGITS:  # 二五年
        return 2020 + DIGITS[said[1]]
    digits = number_of(said.removeprefix("民国").removesuffix("年").strip())
    if said.startswith("民国") or 100 <= digits < 120:
        return digits + 1911
    return digits + 2000 if digits < 100 else digits


RELATIVE_YEARS: Final = {"今年": 0, "本年": 0, "去年": 1, "旧年": 1, "上年": 1, "前年": 2, "大前年": 3}


def latest_day(today: date, month: int, day: int | None) -> Day | None:
    """That day or month in the latest year in which it is not in the future."""
    for year in (
        today.year,
        today.year - 1,
        *([today.year - 2, today.year - 3, today.year - 4] if (month, day) == (2, 29) else []),
    ):
        found = day_of(year, month, day)
        if found and found.value and found.value.text <= today.isoformat():
            return found
    return None


def week_of(today: date, back: int) -> Day:
    monday = today - timedelta(days=today.weekday() + 7 * back)
    sunday = monday + timedelta(days=6)
    same_month = monday.month == sunday.month
    return Day(PartialDate(monday.isoformat()[:7]) if same_month else None, exact=False)


def days_back(count: int, unit: str, today: date) -> Day:
    """So many minutes, hours, days, weeks, months or years ago; weeks and longer are not exact."""
    if unit == "fortnight":
        count, unit = 2 * count, "week"
    if count < 0 or (unit == "year" and count > 100):
        return Day(None, exact=False)
    if unit in ("minute", "hour"):
        return exactly(today)
    if unit in ("day", "night", "evening", "morning", "week"):
        return exactly(today - timedelta(days=count * (7 if unit == "week" else 1)), exact=unit != "week")
    if unit == "month":
        return Day(PartialDate("{:04d}-{:02d}".format(*months_back(today, count))), exact=False)
    return Day(PartialDate(f"{today.year - count:04d}"), exact=False)


def latest_of_month(today: date, day: int) -> Day | None:
    """The latest such day of a month that is not in the future."""
    year, month = today.year, today.month
    for _ in range(3):
        found = day_of(year, month, day)
        if found and found.value and found.value.text <= today.isoformat():
            return Day(found.value, alone=True)
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return None


def nearest_to(named: PartialDate, alone: PartialDate, today: date) -> PartialDate:
    """The day of a month that comes nearest to one named before it ("30 September … the 28th") and is not in the future."""
    day = int(alone.text[8:])
    year, month = int(named.text[:4]), int(named.text[5:7])
    if len(named.text) == 7:
        found = day_of(year, month, day)
        return found.value if found and found.value and found.value.text <= today.isoformat() else alone
    anchor = date.fromisoformat(named.text)
    months = [(year, month), (year - (month == 1), (month - 2) % 12 + 1), (year + (month == 12), month % 12 + 1)]
    near = [found.value for when in months if (found := day_of(*when, day)) and found.value]
    past = [value for value in near if value.text <= today.isoformat()]
    return min(past, key=lambda value: abs(date.fromisoformat(value.text) - anchor), default=alone)
