"""Which of several sums is the one in dispute, or none of them: what speaks for each, for trained weights to tell.

Not here: which sums a text holds (amounts.py), the points of the rules, which are signs among others (disputed.py), the weights (ranking.py).
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from dialogue.understanding.amounts import Sum
from dialogue.understanding.disputed import points_of, ruled_sum
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

_BALANCE: Final = re.compile(r"(?:余额|结余|可用|balance|available)(?: is|为|是|有)?[ :：,，$£€¥]*\Z", re.IGNORECASE)
_NEAR: Final = 20
_TWO: Final = 2
_MOST_RECKONED: Final = 10
"""Sums among which it is reckoned."""
_FIGURES_ALONE: Final = re.compile(r"\W*\d+\W*")
"""Nobody who was not asked for a sum tells one by figures alone: it is a code, a ticket, a number of something."""
_ANSWER_HAN: Final = 12
_ANSWER_LATIN: Final = 45
"""Characters of an answer that says how much and no more."""
_TIMES: Final = frozenset(map(Decimal, (3, 4, 5, 6, 7, 8, 9, 11, 12, 18, 24, 36)))
"""How often something is taken; twice and ten times may be chance."""


def disputed_sum(read: Plain, sums: Sequence[Sum], *, asked: bool, idle: bool = False) -> Sum | None:
    """The sum. `sums` with those that are doubtful; `idle`: the text only asks for something or speaks well of somebody."""
    if not sums or (not asked and _FIGURES_ALONE.fullmatch(read.plain)):
        return None
    scored = scored_sums(read, sums)
    ruled = ruled_of(read, scored, asked=asked)
    # who is asked how much and answers in a few words means the sum in them; of "some hundred thousand" the words are kept
    is_answer = asked and not idle and is_short(read.plain, _ANSWER_HAN, _ANSWER_LATIN)
    if is_answer and len(sums) == 1 and ruled is not None:
        return ruled  # whatever the weights say of it
    place = ranking("amount").chosen(_considered(read, scored, ruled, asked=asked, idle=idle))
    if place is not None:
        return sums[place]
    if idle:
        return None
    return ruled if ruled is not None and (is_answer or ruled.found.value is None) else None


def scored_sums(read: Plain, sums: Sequence[Sum]) -> list[tuple[float, Sum]]:
    """Each with the points that the rules give it."""
    return [(points_of(read, one), one) for one in sums]


def ruled_of(read: Plain, scored: Sequence[tuple[float, Sum]], *, asked: bool) -> Sum | None:
    """The sum that the rules would choose, of those that are certainly money."""
    return ruled_sum(read, [(points, one) for points, one in scored if not one.doubtful], asked=asked)


def key_of_sum(one: Sum) -> str:
    """As the record shows it: the value with its currency, of a vague sum the words."""
    value = one.found.value
    return one.found.words if value is None else f"{value.value} {value.currency}"


def considered_sums(read: Plain, sums: Sequence[Sum], *, asked: bool, idle: bool = False) -> Considered:
    """What there is to choose from."""
    scored = scored_sums(read, sums)
    return _considered(read, scored, ruled_of(read, scored, asked=asked), asked=asked, idle=idle)


def _considered(
    read: Plain, scored: Sequence[tuple[float, Sum]], ruled: Sum | None, *, asked: bool, idle: bool
) -> Considered:
    sums = [one for _, one in scored]
    none = {"rules: none" if ruled is None else "rules: one"}
    none |= {"idle"} if idle else set()
    none |= {"asked"} if asked else set()
    told = Counter(map(key_of_sum, sums))
    values = [None if one.found.value is None else one.found.value.value for one in sums]
    doubtful = [one.doubtful for one in sums]
    reckoned = _reckoned(sums)
    candidates = []
    beside = signs_beside(values, doubtful, ("largest", "smallest", "middling"))
    for place, ((points, one), signs) in enumerate(zip(scored, beside, strict=True)):
        signs |= set(_signs(read, one, points))
        signs |= {"again"} if told[key_of_sum(one)] > 1 else set()
        signs |= {RULED} if one is ruled else set()
        signs |= reckoned.get(place, set())
        pieces = pieces_around(read.plain, one.found.start, one.end)
        candidates.append(Candidate(key_of_sum(one), frozenset(signs), pieces))
    told_of = beginning_of(read.plain, HEAD) if sums else ()
    return Considered(tuple(candidates), Candidate(NONE, frozenset(none), told_of))


def _signs(read: Plain, one: Sum, points: float) -> Iterator[str]:
    """Of the sum by itself."""
    yield f"points {max(-3.0, min(6.0, round(points)))}"
    if _BALANCE.search(read.plain, max(0, one.found.start - _NEAR), one.found.start):
        yield "balance"
    if one.doubtful:
        yield "doubtful"
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


def _reckoned(sums: Sequence[Sum]) -> dict[int, set[str]]:
    """By place how a sum comes from others: 12,300 and 9,870 leave 2,430, 30 and 35 make 65, six times 150 is 900; and whether it is told after them."""
    values = {place: one.found.value.value for place, one in enumerate(sums) if one.found.value is not None}
    if len(set(values.values())) < _TWO or len(values) > _MOST_RECKONED:
        return {}
    first: dict[Decimal, int] = {}
    for place, value in values.items():
        first.setdefault(value, place)
    found: dict[int, set[str]] = {}
    for one, other in itertools.combinations(first, 2):
        if (whole := one + other) in first:
            last = max((one, other, whole), key=first.__getitem__)
            for value, name in ((whole, "total"), (one, "part"), (other, "part")):
                found.setdefault(first[value], set()).add(f"{name} {'told last' if value == last else 'told before'}")
        low, high = sorted((one, other))
        times = high / low
        if times in _TIMES and not high % low:
            after = first[high] > first[low]
            found.setdefault(first[high], set()).add(f"many times {'told last' if after else 'told before'}")
            found.setdefault(first[low], set()).add("once of many")
    for place, value in values.items():
        found.setdefault(place, set()).update(found.get(first[value], ()))
    return found
