"""Which of several days is the one complained of, or none of them: what speaks for each, for trained weights to tell.

Not here: which days a text holds (dates.py), the points of the rules, which are signs among others (occurrence.py), the weights (ranking.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from dialogue.understanding.dates import DateFound
from dialogue.understanding.occurrence import Scored, points_of, ruled_day
from dialogue.understanding.plain import Plain, quoted
from dialogue.understanding.ranking import (
    HEAD,
    NONE,
    RULED,
    Candidate,
    Considered,
    beginning_of,
    is_short,
    pieces_around,
    ranking,
    signs_beside,
)

_AGO: Final = (("ago days", 10), ("ago weeks", 84), ("ago months", 372))
"""Days up to which it is so long ago."""
_ANSWER_HAN: Final = 20
_ANSWER_LATIN: Final = 60
"""Characters up to which whoever was asked for the day answers: "can't say for sure, 2021 or so, some hundred thousand"."""
_NEVER: Final = -8.0
"""Points of a day that no rule would take: of the customer's life, of an order, of somebody else's words."""


def day_of_event(
    read: Plain, dates: Sequence[DateFound], *, today: date, asked: bool, idle: bool = False
) -> DateFound | None:
    """The day. One that is not certain is kept for its words where nothing better is told and the rules take it.

    `dates` with those that are doubtful; `idle`: the text only asks for something or speaks well of somebody.
    """
    if not dates:
        return None
    scored = scored_days(read, dates)
    ruled = ruled_of(scored, asked=asked)
    is_answer = asked and not idle and is_short(read.plain, _ANSWER_HAN, _ANSWER_LATIN)
    if is_answer and len(dates) == 1 and ruled is not None:
        return ruled  # whatever the weights say of it
    considered = _considered(read, scored, ruled, today=today, asked=asked, idle=idle)
    place = ranking("occurred_on").chosen(considered)
    if place is not None:
        return dates[place]
    if idle:
        return None
    return ruled if ruled is not None and (is_answer or ruled.found.value is None) else None


def key_of_day(one: DateFound) -> str:
    """As the record shows it: nothing of a day that is not certain."""
    return NONE if one.found.value is None else one.found.value.text


def considered_days(
    read: Plain, dates: Sequence[DateFound], *, today: date, asked: bool, idle: bool = False
) -> Considered:
    """What there is to choose from."""
    scored = scored_days(read, dates)
    ruled = ruled_of(scored, asked=asked)
    return _considered(read, scored, ruled, today=today, asked=asked, idle=idle)


def _considered(
    read: Plain, scored: Sequence[Scored], ruled: DateFound | None, *, today: date, asked: bool, idle: bool
) -> Considered:
    dates = [one for _, one in scored]
    none = {"rules: none" if ruled is None else "rules: one"}
    none |= {"idle"} if idle else set()
    none |= {"asked"} if asked else set()
    told = Counter(map(key_of_day, dates))
    values = [None if one.found.value is None else one.found.value.text for one in dates]
    doubtful = [bool(one.doubtful) for one in dates]
    candidates = []
    beside = signs_beside(values, doubtful, ("latest", "earliest", "between"))
    for (points, one), signs in zip(scored, beside, strict=True):
        start, end = one.found.start, one.found.start + len(one.found.words)
        signs |= set(_signs(read, one, points, today))
        signs |= {"again"} if told[key_of_day(one)] > 1 else set()
        signs |= {RULED} if one is ruled else set()
        candidates.append(
            Candidate(key_of_day(one), frozenset(signs), pieces_around(read.plain, start, end, within=True))
        )
    told_of = beginning_of(read.plain, HEAD) if dates else ()
    return Considered(tuple(candidates), Candidate(NONE, frozenset(none), told_of))


def scored_days(read: Plain, dates: Sequence[DateFound]) -> list[Scored]:
    """Each with the points that the rules give it."""
    return [(points_of(read, one), one) for one in dates]


def ruled_of(scored: Sequence[Scored], *, asked: bool) -> DateFound | None:
    """The day that the rules would choose, of those that are certainly days."""
    return ruled_day([(points, one) for points, one in scored if not one.doubtful], asked=asked)


def _signs(read: Plain, one: DateFound, points: float, today: date) -> Iterator[str]:
    """Of the day by itself."""
    yield "points: never" if points <= _NEVER else f"points {max(-5.0, min(3.0, round(points)))}"
    if one.doubtful:
        yield f"doubtful {one.doubtful}"
    if not one.exact:
        yield "inexact"
    if one.may_come:
        yield "may come"
    if quoted(read.plain, one.found.start):
        yield "quoted"
    if one.found.value is None:
        yield "vague"
        return
    yield f"length {len(one.found.value.text)}"
    yield _ago(one.found.value.text, today)


def _ago(said: str, today: date) -> str:
    if said == today.isoformat():
        return "ago none"
    for name, days in _AGO:
        if said >= (today - timedelta(days=days)).isoformat()[: len(said)]:
            return name
    return "ago years"
