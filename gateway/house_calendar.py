"""The house's own calendar: days that it works, or doesn't, otherwise than the country's calendar and the policy say.

A document of its own beside the policy, since days are known at other times than rules are made, and by other people.

Not here: which days are worked in the end (working_hours.py), what stands in the policy (policy.py).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Final

from pydantic import Field, StringConstraints, ValidationError

from gateway.policy import DayKind, Policy
from gateway.policy_table import Table

MOST: Final = 2_000
FIRST: Final = date(2000, 1, 1)
LAST: Final = date(2100, 12, 31)
_WORDS: Final = {
    **dict.fromkeys(
        ("work", "working", "open", "workday", "makeup", "上班", "工作日", "补班", "調班", "补", "補班", "班"),
        DayKind.WORK,
    ),
    **dict.fromkeys(("off", "closed", "holiday", "rest", "休", "休息", "放假", "假日", "节假日", "假期"), DayKind.OFF),
}
_WORKED: Final = re.compile(
    r"补班|補班|调班|調班|上班|工作日|[（(]班[)）]|\b(working[- ]?days?|workdays?|make[- ]?up)\b", re.IGNORECASE
)
"""An event's title is prose: `Workers' Day` and `no work` hold a word of a list's second column, and are free days."""
_FREE: Final = re.compile(
    r"[不无無非][须需須用必]?(补|補|调|調|上|工作)|停止上班|\b(rest days?|days? off|holidays?|closed|(no|not|not an?|non)[- ]work\w*)\b",
    re.IGNORECASE,
)


class OwnDay(Table):
    kind: DayKind
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""


class HouseCalendar(Table):
    """`complete_years`: those that somebody has said to be known, though no swapped day is listed."""

    days: Annotated[dict[date, OwnDay], Field(max_length=MOST)] = Field(default_factory=dict)
    complete_years: frozenset[Annotated[int, Field(ge=2000, le=2100)]] = frozenset()

    def laid_over(self, policy: Policy) -> Policy:
        """The policy with these days before its own."""
        calendar = policy.calendar
        own = {day: one.kind for day, one in self.days.items()}
        changed = {
            "overrides": {**calendar.overrides, **own},
            "complete_years": calendar.complete_years | self.complete_years,
        }
        return policy.model_copy(update={"calendar": calendar.model_copy(update=changed)})

    def document(self) -> str:
        """As it is kept: the same days always give the same text."""
        days = {day.isoformat(): {"kind": one.kind.value, "note": one.note} for day, one in sorted(self.days.items())}
        return json.dumps({"days": days, "complete_years": sorted(self.complete_years)}, ensure_ascii=False, indent=1)


def parse_calendar(content: str) -> HouseCalendar:
    """Raises ValidationError."""
    return HouseCalendar.model_validate_json(content)


class BadLines(Exception):
    """Lines of a list that can't be read; each with its number and what was expected."""

    def __init__(self, lines: list[tuple[int, str, str]]) -> None:
        super().__init__("; ".join(f"line {number}: {why}" for number, _, why in lines))
        self.lines = lines


def read_list(text: str) -> dict[date, OwnDay]:
    """Days pasted as lines `2027-02-06, work, note`, as a spreadsheet's columns, or as the events of an .ics file. Raises BadLines."""
    if "BEGIN:VEVENT" in text:
        return _read_events(text)
    found: dict[date, OwnDay] = {}
    bad: list[tuple[int, str, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            day, one = _read_line(line)
        except ValueError as error:
            bad.append((number, line.strip()[:80], str(error)))
            continue
        if day in found and found[day].kind is not one.kind:
            bad.append((number, line.strip()[:80], f"{day} is {found[day].kind.value} in a line above"))
        found[day] = one
    if bad:
        raise BadLines(bad)
    return found


def _read_line(line: str) -> tuple[date, OwnDay]:
    separator = next((mark for mark in ("\t", ";", "，", ",") if mark in line), None)
    parts = line.split() if separator is None else next(csv.reader(io.StringIO(line), delimiter=separator))
    written, kind, *note = [part.strip() for part in parts] + ["", ""]
    day = _day(written)
    if kind.casefold() not in _WORDS:
        raise ValueError(f"expected work or off after the day, not {kind[:30]!r}")
    return day, OwnDay(kind=_WORDS[kind.casefold()], note=" ".join(note).strip()[:100])


def _day(written: str) -> date:
    match = re.fullmatch(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?", written)
    if match is None:
        raise ValueError(f"expected a day such as 2027-02-06, not {written[:30]!r}")
    try:
        day = date(*map(int, match.groups()))
    except ValueError:
        raise ValueError(f"there is no day {written[:30]!r}") from None
    if not FIRST <= day <= LAST:
        raise ValueError(f"expected a day from {FIRST.year} to {LAST.year}, not {written[:30]!r}")
    return day


def _read_events(text: str) -> dict[date, OwnDay]:
    """All-day events: off, unless their title says that the day is worked. Of several days each."""
    found: dict[date, OwnDay] = {}
    bad: list[tuple[int, str, str]] = []
    within: list[str] = []  # a time zone has a start of its own, an alarm a duration: neither is the event's
    start = end = None
    title, began = "", 0
    for number, line in _unfolded(text):
        name, _, value = line.partition(":")
        name, value = name.partition(";")[0].strip().upper(), value.strip()
        if name == "BEGIN":
            within.append(value.upper())
            if value.upper() == "VEVENT":
                start, end, title, began = None, None, "", number
        elif name == "END":
            if within[-1:] == ["VEVENT"]:
                try:
                    found.update(_days_of(start, end, title))
                except ValueError as error:
                    bad.append((began, title[:80], str(error)))
            del within[-1:]
        elif within[-1:] != ["VEVENT"]:
            continue
        elif name == "SUMMARY":
            title = value
        elif name in _NOT_READ:
            bad.append((number, line.strip()[:80], _NOT_READ[name]))
        elif name in ("DTSTART", "DTEND"):
            try:
                moment = _day(value[:8])
            except ValueError as error:
                bad.append((number, line.strip()[:80], str(error)))
                continue
            start, end = (moment, end) if name == "DTSTART" else (start, moment)
    if bad:
        raise BadLines(bad)
    return found


_NOT_READ: Final = {
    **dict.fromkeys(("RRULE", "RDATE"), "an event that repeats: name each of its days"),
    "DURATION": "expected DTEND, the day after the last one, not a duration",
}


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Each line with its number; one that begins with a blank goes on with the line above (RFC 5545, 3.1)."""
    began, parts = 0, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith((" ", "\t")) and parts:
            parts.append(line[1:])
            continue
        if parts:
            yield began, "".join(parts)
        began, parts = number, [line]
    if parts:
        yield began, "".join(parts)


def _days_of(start: date | None, end: date | None, title: str) -> dict[date, OwnDay]:
    if start is None:
        raise ValueError("an event without a day")
    last = max(start.toordinal(), (end or start).toordinal() - 1)
    if last - start.toordinal() > 60:
        raise ValueError("an event of more than 60 days")
    worked = _WORKED.search(title) is not None and _FREE.search(title) is None
    one = OwnDay(kind=DayKind.WORK if worked else DayKind.OFF, note=title[:100])
    return {date.fromordinal(at): one for at in range(start.toordinal(), last + 1)}


__all__ = ["BadLines", "HouseCalendar", "OwnDay", "ValidationError", "parse_calendar", "read_list"]
