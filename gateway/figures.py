"""Figures on a period, from what case_store/figures.py has gathered: counts, times, who did what. Pure: the same gathered gives the same figures.

docs/figures.md says of each what it counts. What opens and ends cases adds up in every part of a period: open at its beginning + registered +
reopened − resolved − withdrawn = open at its end.

Not here: questions and answers by HTTP (gateway/api/figures.py), files (gateway/spreadsheets.py).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from math import ceil
from typing import Any, Final
from zoneinfo import ZoneInfo

from case_store.figures import Answers, Gathered, OneStep, Row
from case_store.steps import Step
from gateway.working_hours import WorkingHours
from gateway.working_time import WorkingTime

ABOUT_AT_LEAST: Final = 3
"""What a case is about is named only where so many share it: a rare word may tell who complained."""
ABOUT_MOST: Final = 30
_NOBODY: Final = ""


class Group(StrEnum):
    DAY = "day"
    WEEK = "week"  # from Monday


class Measure(StrEnum):
    """What is counted of cases."""

    RECEIVED = "received"
    REGISTERED = "registered"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    DUE = "due"
    OVERDUE = "overdue"


class Span(StrEnum):
    """What is timed."""

    FIRST_HOUSE = "first_house"
    FIRST_PERSON = "first_person"
    LAG = "lag"
    HANDLING = "handling"


BY: Final = ("channel", "category", "risk", "disposition", "outcome", "language", "account", "about")
"""What cases are told apart by."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the period: the institution's days `first` to `last`, `start` to before `end`."""

    first: date
    last: date
    start: datetime
    end: datetime


def parts(first: date, last: date, group: Group, zone: ZoneInfo) -> list[Part]:
    """The period's days or weeks; the first and the last week may be cut."""
    found: list[Part] = []
    while first <= last:
        until = first if group is Group.DAY else min(last, first + timedelta(days=6 - first.weekday()))
        found.append(Part(first, until, midnight(first, zone), midnight(until + timedelta(days=1), zone)))
        first = until + timedelta(days=1)
    return found


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day of the institution begins."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


@dataclass(slots=True)
class Times:
    """Durations, in wall time and in working time. `missing`: what has not happened yet; `within` of `of` kept the limit."""

    wall: list[float] = field(default_factory=list)
    worked: list[float] = field(default_factory=list)
    missing: int = 0
    within: int = 0
    of: int = 0

    def take(self, wall: timedelta, worked: timedelta, kept: bool | None) -> None:
        self.wall.append(wall.total_seconds())
        self.worked.append(worked.total_seconds())
        if kept is not None:
            self.of += 1
            self.within += kept

    def to_json(self) -> dict[str, Any]:
        return {
            "count": len(self.wall),
            "missing": self.missing,
            "wall": {"median": rank(self.wall, 0.5), "p90": rank(self.wall, 0.9)},
            "worked": {"median": rank(self.worked, 0.5), "p90": rank(self.worked, 0.9)},
            "within": self.within,
            "of": self.of,
        }


def rank(values: Sequence[float], part: float) -> int | None:
    """The least of the values that so great a part of them does not exceed (nearest rank), in whole seconds."""
    return int(sorted(values)[max(1, ceil(part * len(values))) - 1]) if values else None


@dataclass(slots=True)
class Case:
    """A case with what follows from its steps."""

    row: Row
    steps: Sequence[OneStep]
    answers: Answers

    def moments(self, measure: Measure, now: datetime) -> list[datetime]:
        """When it counts for this measure."""
        due = self.row["feedback_due_at"]
        if measure in _OF_STEPS:
            return [one.at for one in self.steps if one.step is _OF_STEPS[measure]]
        if measure is Measure.RECEIVED:
            return [self.row["received_at"]]
        over = due is not None and due <= now
        return [due] if over and (measure is Measure.DUE or self.open_at(due)) else []

    def open_at(self, moment: datetime) -> bool:
        """Whether it was open then: as its last step before had left it."""
        flows = [one.step.flow for one in self.steps if one.at <= moment and one.step.flow]
        return bool(flows) and flows[-1] > 0

    @property
    def reopened(self) -> int:
        return sum(one.step is Step.REOPENED for one in self.steps)

    @property
    def resolved_at(self) -> datetime | None:
        """When it was resolved last, if it still is."""
        flows = [one for one in self.steps if one.step.flow]
        return flows[-1].at if flows and flows[-1].step is Step.ENDED else None


_OF_STEPS: Final = {
    Measure.REGISTERED: Step.REGISTERED,
    Measure.RESOLVED: Step.ENDED,
    Measure.WITHDRAWN: Step.WITHDRAWN,
    Measure.REOPENED: Step.REOPENED,
}


@dataclass(frozen=True, slots=True)
class Rules:
    """What is reckoned with: working hours, and the working time within which a person's first answer is to come."""

    hours: WorkingHours
    first_answer: timedelta


class Figures:
    """The figures of one question."""

    def __init__(self, gathered: Gathered, periods: Sequence[Part], rules: Rules) -> None:
        self.parts = periods
        self.now = gathered.asked_at
        self.cases = [
            Case(row, gathered.steps.get(row["id"], ()), gathered.answers.get(row["id"], Answers()))
            for row in gathered.cases
        ]
        self._gathered = gathered
        self._starts = [part.start for part in periods]
        self._end = periods[-1].end
        self._first_answer = rules.first_answer
        first = min((case.row["received_at"] for case in self.cases), default=self.now)
        self._time = WorkingTime(rules.hours, min(first, self.now), self.now)
        self._hits = [self._hits_of(case) for case in self.cases]

    def _place(self, moment: datetime | None) -> int | None:
        """In which part of the period it falls."""
        if moment is None or not self._starts[0] <= moment < self._end:
            return None
        return bisect_right(self._starts, moment) - 1

    def _hits_of(self, case: Case) -> list[tuple[Measure, int]]:
        """What a case counts for, and in which part."""
        places = ((measure, self._place(at)) for measure in Measure for at in case.moments(measure, self.now))
        return [(measure, place) for measure, place in places if place is not None]

    # counts -----------------------------------------------------------------------------------------------------

    def rows(self) -> list[dict[str, Any]]:
        """Each part of the period with its counts, its drafts, and how many were open at its end."""
        counts = [_none() for _ in self.parts]
        for hits in self._hits:
            for measure, place in hits:
                counts[place][measure] += 1
        drafts = Counter(self._place(at) for at in self._gathered.drafts)
        shown: list[dict[str, Any]] = []
        is_open = self._gathered.open_at_end
        for place, part in reversed(list(enumerate(self.parts))):
            begun = part.start <= self.now
            beside = {"drafts": drafts[place], "open": is_open if begun else None}
            shown.append({**named(part), **counts[place], **beside})
            is_open -= _flow(counts[place])
        return shown[::-1]

    def total(self) -> dict[str, Any]:
        count = _counted(self._hits)
        at_end = self._gathered.open_at_end
        beside = {"drafts": len(self._gathered.drafts), "open": at_end, "open_before": at_end - _flow(count)}
        return {**count, **beside}

    def by(self, name: str) -> list[dict[str, Any]]:
        """The cases told apart: each value with its counts, and how many were received in each part; the most first."""
        grouped: dict[str, list[int]] = {}
        for at, case in enumerate(self.cases):
            grouped.setdefault(str(case.row[name] or _NOBODY), []).append(at)
        if name == "about":
            grouped = _shared_alone(grouped)
        shown = []
        for value, some in grouped.items():
            hits = [self._hits[at] for at in some]
            received = Counter(place for one in hits for measure, place in one if measure is Measure.RECEIVED)
            places = [received[place] for place in range(len(self.parts))]
            shown.append({"value": value, **_counted(hits), "parts": places})
        return sorted(shown, key=lambda row: (-row[Measure.RECEIVED], -row[Measure.RESOLVED], row["value"]))

    # times ------------------------------------------------------------------------------------------------------

    def times(self) -> list[dict[str, Any]]:
        """How long it took, of cases received, registered or resolved in each part, and last in the whole period."""
        found = [{span: Times() for span in Span} for _ in (*self.parts, None)]

        def both(span: Span, moment: datetime) -> list[Times]:
            place = self._place(moment)
            return [] if place is None else [found[place][span], found[-1][span]]

        for case in self.cases:
            received, registered = case.row["received_at"], case.row["registered_at"]
            for times in both(Span.FIRST_HOUSE, received):
                self._take(times, received, case.answers.house, None)
            for times in both(Span.FIRST_PERSON, received):
                self._take_person(times, case)
            for times in both(Span.LAG, registered):
                self._take(times, received, registered, None)
            for at in case.moments(Measure.RESOLVED, self.now):
                for times in both(Span.HANDLING, at):
                    self._take_handling(times, case, at)
        return [{span.value: times.to_json() for span, times in one.items()} for one in found]

    def _take(self, times: Times, start: datetime, end: datetime | None, kept: bool | None) -> None:
        if end is None:
            times.missing += 1
        else:
            times.take(max(end - start, timedelta()), self._time.between(start, end), kept)

    def _take_person(self, times: Times, case: Case) -> None:
        received, answered = case.row["received_at"], case.answers.person
        in_time = self._time.between(received, answered or self.now) <= self._first_answer
        if answered is None and not in_time:  # too late, whenever it comes
            times.of += 1
        self._take(times, received, answered, in_time)

    def _take_handling(self, times: Times, case: Case, at: datetime) -> None:
        due = case.row["feedback_due_at"]
        self._take(times, case.row["registered_at"], at, None if due is None else at <= due)

    # people -----------------------------------------------------------------------------------------------------

    def people(self) -> list[dict[str, Any]]:
        """What each agent did in the period."""
        here = (case for case in self.cases if self._place(case.row["received_at"]) is not None)
        first = Counter(case.answers.agent_id for case in here)
        resolved: dict[str | None, list[tuple[Case, datetime]]] = {}
        overdue: Counter[str | None] = Counter()
        for case in self.cases:
            for step in case.steps:
                if step.step is Step.ENDED and self._place(step.at) is not None:
                    resolved.setdefault(step.assignee, []).append((case, step.at))
            for at in case.moments(Measure.OVERDUE, self.now):
                overdue[case.row["assignee"]] += self._place(at) is not None
        shown = []
        for one in self._gathered.people:
            times = Times()
            theirs = [*resolved.get(one.username, ()), *resolved.get(one.id, ())]
            for case, at in theirs:
                self._take_handling(times, case, at)
            shown.append(
                {
                    **{name: getattr(one, name) for name in ("username", "name", "taken", "answered", "messages")},
                    "first_answers": first[one.id],
                    "resolved": len(theirs),
                    "overdue": overdue[one.username] + overdue[one.id],
                    "handling": times.to_json(),
                }
            )
        return shown

    # cases ------------------------------------------------------------------------------------------------------

    def behind(self, measure: Measure) -> list[dict[str, Any]]:
        """The cases behind a number of the whole period, one row a case: nothing that says who complained, or in which words."""
        counts = (any(of is measure for of, _ in hits) for hits in self._hits)
        return [self._listed(case) for case, here in zip(self.cases, counts, strict=True) if here]

    def _listed(self, case: Case) -> dict[str, Any]:
        row, answered, resolved = case.row, case.answers.person, case.resolved_at
        received, registered, due = row["received_at"], row["registered_at"], row["feedback_due_at"]
        return {
            **{name: row[name] for name in _PLAIN},
            "received_at": received,
            "registered_at": registered,
            "resolved_at": resolved,
            "feedback_due": None if row["feedback_due"] is None else date.fromisoformat(row["feedback_due"]),
            "overdue": due is not None and due <= self.now and case.open_at(due),
            "reopened": case.reopened,
            "first_person_at": answered,
            "first_person_worked_minutes": self._minutes(received, answered),
            "handling_worked_minutes": self._minutes(registered, resolved),
        }

    def _minutes(self, start: datetime, end: datetime | None) -> int | None:
        return None if end is None else int(self._time.between(start, end).total_seconds() // 60)


_PLAIN: Final = (
    *("reference", "status", "outcome", "category", "risk", "disposition", "channel", "account", "language"),
    *("assignee", "incomplete"),
)


def named(part: Part) -> dict[str, str]:
    return {"from": part.first.isoformat(), "to": part.last.isoformat()}


def _none() -> dict[str, int]:
    return dict.fromkeys(map(str, Measure), 0)


def _counted(hits: Iterable[Sequence[tuple[Measure, int]]]) -> dict[str, int]:
    found = _none()
    for one in hits:
        for measure, _ in one:
            found[measure] += 1
    return found


def _flow(count: Mapping[str, int]) -> int:
    come, gone = (Measure.REGISTERED, Measure.REOPENED), (Measure.RESOLVED, Measure.WITHDRAWN)
    return sum(count[one] for one in come) - sum(count[one] for one in gone)


def _shared_alone(grouped: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """Only what several cases are about; the others together, with those that say nothing."""
    folded: dict[str, list[int]] = {}
    for value, some in grouped.items():
        folded.setdefault(" ".join(value.lower().split())[:80], []).extend(some)
    often = sorted(folded, key=lambda value: (-len(folded[value]), value))
    kept = [value for value in often if value and len(folded[value]) >= ABOUT_AT_LEAST][:ABOUT_MOST]
    rest = [at for value, some in folded.items() if value not in kept for at in some]
    return {**{value: folded[value] for value in kept}, **({_NOBODY: rest} if rest else {})}
