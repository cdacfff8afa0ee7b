"""Which of several days is the one complained of, or none of them: what speaks for each, for trained weights to tell.

Not here: which days a text holds (dates.py), the points of the rules, which are signs among others (occurrence.py), the weights (ranking.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from dialogue.understanding.dates import DateFound
from dialogue.understanding.occurrence import points_of, ruled_day
from dialogue.understanding.plain import Plain, quoted
from dialogue.understanding.ranking import Candidate, Considered, pieces_around


def key_of_day(date: DateFound) -> str:
    """As the record shows it; of a day that is not certain the words."""
    return date.found.value.text if date.found.value is not None else ""


def considered_days(read: Plain, dates: Sequence[DateFound], *, asked: bool, idle: bool) -> Considered:
    """`idle`: the text only asks for something or speaks well of somebody."""
    ruled = ruled_day(read, dates, asked=asked)
    none = {"idle"} if idle else set()
    if asked:
        none.add("asked")
    none.add("rules: none" if ruled is None else "rules: one")
    told = Counter(map(key_of_day, dates))
    candidates = [
        Candidate(
            key_of_day(date),
            frozenset(_signs(read, dates, place, told, ruled)),
            pieces_around(read.plain, date.found.start, date.found.start + len(date.found.words)),
        )
        for place, date in enumerate(dates)
    ]
    return Considered(tuple(candidates), frozenset(none))


def _signs(
    read: Plain, dates: Sequence[DateFound], place: int, told: Counter[str], ruled: DateFound | None
) -> Iterator[str]:
    date = dates[place]
    yield f"points {max(-5.0, min(3.0, round(points_of(read, date))))}"
    if date is ruled:
        yield "ruled"
    yield "only" if len(dates) == 1 else "first" if place == 0 else "last" if place == len(dates) - 1 else "amid"
    if told[key_of_day(date)] > 1:
        yield "again"
    if not date.exact:
        yield "inexact"
    if date.may_come:
        yield "may come"
    if quoted(read.plain, date.found.start):
        yield "quoted"
    if date.found.value is None:
        yield "vague"
        return
    yield f"length {len(date.found.value.text)}"
