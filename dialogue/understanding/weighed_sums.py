"""Which of several sums is the one in dispute, or none of them: what speaks for each, for trained weights to tell.

Not here: which sums a text holds (amounts.py), the points of the rules, which are signs among others (disputed.py), the weights (ranking.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from dialogue.understanding.amounts import Sum
from dialogue.understanding.disputed import points_of, ruled_sum
from dialogue.understanding.plain import Plain, quoted
from dialogue.understanding.ranking import Candidate, Considered, pieces_around


def key_of_sum(one: Sum) -> str:
    """As the record shows it: the value with its currency, of a vague sum the words."""
    value = one.found.value
    return one.found.words if value is None else f"{value.value} {value.currency}"


def considered_sums(read: Plain, sums: Sequence[Sum], *, asked: bool, idle: bool) -> Considered:
    """`idle`: the text only asks for something or speaks well of somebody."""
    ruled = ruled_sum(read, sums, asked=asked)
    none = {"idle"} if idle else set()
    if asked:
        none.add("asked")
    none.add("rules: none" if ruled is None else "rules: one")
    told = Counter(map(key_of_sum, sums))
    candidates = [
        Candidate(
            key_of_sum(one),
            frozenset(_signs(read, sums, place, told, ruled)),
            pieces_around(read.plain, one.found.start, one.end),
        )
        for place, one in enumerate(sums)
    ]
    return Considered(tuple(candidates), frozenset(none))


def _signs(read: Plain, sums: Sequence[Sum], place: int, told: Counter[str], ruled: Sum | None) -> Iterator[str]:
    one = sums[place]
    points = points_of(read, one)
    yield f"points {max(-3.0, min(6.0, round(points)))}"
    if one is ruled:
        yield "ruled"
    yield "only" if len(sums) == 1 else "first" if place == 0 else "last" if place == len(sums) - 1 else "amid"
    if told[key_of_sum(one)] > 1:
        yield "again"
    if one.about:
        yield "about"
    if not one.stated:
        yield "unstated"
    if quoted(read.plain, one.found.start):
        yield "quoted"
    if one.found.value is None:
        yield "vague"
        return
    value = one.found.value.value
    yield f"size {len(str(int(value)))}"
    if value != int(value):
        yield "odd"
    values = [other.found.value.value for other in sums if other.found.value is not None]
    if len(set(values)) > 1:
        yield "largest" if value == max(values) else "smallest" if value == min(values) else "middling"
