"""What the institution publishes of itself on the customers' page, in one language: channels, limits, hours, whom else to ask.

Everything follows from policy and settings. A clock that the catalogue has no name for is the operator's own affair and
isn't shown.

Not here: how due dates are counted (deadlines.py), the words of the pages (wording.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from case_store.records import Language
from gateway.config import Settings
from gateway.policy import WEEKDAYS, Clock, OpeningTable, Policy, Span

_CLOCKS: Final = ("acknowledge", "feedback", "final")


@dataclass(frozen=True, slots=True)
class Limit:
    """One row of the table of limits. `extension` is empty where there is none."""

    what: str
    time: str
    start: str
    extension: str


@dataclass(frozen=True, slots=True)
class Publication:
    name: str
    mail: str
    hotline: str
    ways: tuple[str, ...]  # the other ways in: by letter, in person
    next_authorities: str
    emergency: str
    privacy_notice: str
    privacy_version: str
    hours: tuple[str, ...]
    limits: tuple[Limit, ...]


def publish(policy: Policy, settings: Settings, language: Language, words: Mapping[str, Any]) -> Publication:
    house = policy.house()
    return Publication(
        name=house.name[language],
        mail=settings.complaints_address,
        hotline=house.hotline,
        ways=policy.institution.channels[language],
        next_authorities=house.next_authorities[language],
        emergency=house.emergency[language],
        privacy_notice=house.privacy_notice[language],
        privacy_version=house.privacy_notice_version,
        hours=tuple(_hours(policy.working_hours, policy.calendar.swaps_working_days, words["hours"])),
        limits=tuple(_limit(words["limits"], name, policy.clocks[name]) for name in _CLOCKS if name in policy.clocks),
    )


def _limit(words: Mapping[str, Any], name: str, clock: Clock) -> Limit:
    extension = ""
    if clock.extension is not None:
        longest = words["extension_units"][clock.extension.unit].format(count=clock.extension.count)
        extension = words["extension"].format(limit=longest)
    return Limit(
        what=words["clocks"][name],
        time=words["units"][clock.unit].format(count=clock.count),
        start=words["starts"][clock.starts_at],
        extension=extension,
    )


def _hours(table: OpeningTable, swaps_working_days: bool, words: Mapping[str, Any]) -> list[str]:
    """One line for each run of days with the same hours; closed days only where they are not simply the rest."""
    lines = [_line(_days(first, last, words), table.of_weekday(first), words) for first, last in _runs_of_days(table)]
    if swaps_working_days and table.makeup:
        lines.append(_line(words["days"]["makeup"], table.makeup, words))
    lines.append(_line(words["days"]["holiday"], table.holiday, words))
    return lines


def _runs_of_days(table: OpeningTable) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for day in range(7):
        if runs and table.of_weekday(day) == table.of_weekday(runs[-1][0]):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def _days(first: int, last: int, words: Mapping[str, Any]) -> str:
    names = [words["days"][WEEKDAYS[number]] for number in (first, last)]
    if first == last:
        return str(names[0])
    if last == first + 1:
        return str(words["between"].join(names))
    return str(words["range"].format(first=names[0], last=names[1]))


def _line(days: str, spans: Sequence[Span], words: Mapping[str, Any]) -> str:
    hours = words["between"].join(f"{_clock(span.opens)}–{_clock(span.closes)}" for span in spans)
    return str(words["line"].format(days=days, hours=hours or words["closed"]))


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
