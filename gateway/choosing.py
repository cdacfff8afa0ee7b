"""Whose turn it is: which agent is given a conversation that waits for a person. Pure: plain data in, a decision with its reason out.

Who may be given one takes conversations and is there, belongs to its team if it has one, answers in its language, has the skills that it needs, and has fewer than their most.
Of those, whoever knows the customer's matter already; else whoever has the fewest; of equals whoever was given one the longest ago; then by
id. So the same state always gives the same answer, and over equals everybody gets as many.

Not here: what a conversation needs (giving.py), what is written (case_store/givings.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_NEXT: Final = timedelta(microseconds=1)  # the turns of one moment stay in order


@dataclass(frozen=True, slots=True)
class Colleague:
    """An agent as far as it matters here. No languages: they answer in all."""

    id: str
    most: int
    load: int = 0
    available: bool = True
    languages: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    given_at: datetime | None = None
    teams: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Need:
    """A conversation as far as it matters here. `known_to`: who should have it first, in this order, with why."""

    id: str
    language: str
    skills: frozenset[str] = frozenset()
    known_to: Mapping[str, Because] = field(default_factory=dict)
    let_lie: frozenset[str] = frozenset()  # who had it a moment ago and did not look at it
    team: str | None = None  # whose people alone are given it


class Because(StrEnum):
    """Why somebody was chosen among those who may have it."""

    ANSWERED_BEFORE = "answered_before"
    HAS_THE_CASE = "has_the_case"
    LEAST_LOAD = "least_load"
    LONGEST_AGO = "longest_ago"


class Lack(StrEnum):
    """Why somebody may not be given it."""

    AWAY = "away"
    TEAM = "team"
    LANGUAGE = "language"
    SKILL = "skill"
    FULL = "full"
    LET_LIE = "let_lie"


class Nobody(StrEnum):
    """Why nobody is given it. The first that leaves nobody, in this order."""

    AVAILABLE = "nobody_available"
    IN_TEAM = "nobody_in_team"
    SPEAKS = "nobody_speaks"
    SKILLED = "nobody_skilled"
    ELSE = "nobody_else"
    FREE = "nobody_free"


@dataclass(frozen=True, slots=True)
class Chosen:
    """`colleague` as they were when it was given to them."""

    need: Need
    colleague: Colleague
    because: Because


@dataclass(frozen=True, slots=True)
class Dealt:
    chosen: tuple[Chosen, ...]
    left: Mapping[str, Nobody]


def lacks(one: Colleague, need: Need) -> tuple[Lack, ...]:
    """What keeps somebody from being given it, all of it."""
    return tuple(lack for lack, keeps in _KEEPS.items() if keeps(one, need))


_KEEPS: Final[Mapping[Lack, Callable[[Colleague, Need], bool]]] = {
    Lack.AWAY: lambda one, need: not one.available,
    Lack.TEAM: lambda one, need: need.team is not None and need.team not in one.teams,
    Lack.LANGUAGE: lambda one, need: bool(one.languages) and need.language not in one.languages,
    Lack.SKILL: lambda one, need: not need.skills <= one.skills,
    Lack.FULL: lambda one, need: one.load >= one.most,
    Lack.LET_LIE: lambda one, need: one.id in need.let_lie,
}
_ABLE: Final = (
    (Lack.AWAY, Nobody.AVAILABLE),
    (Lack.TEAM, Nobody.IN_TEAM),
    (Lack.LANGUAGE, Nobody.SPEAKS),
    (Lack.SKILL, Nobody.SKILLED),
)
"""What stays as it is while conversations are dealt out, and is the same for all that need the same."""
_FREE: Final = ((Lack.LET_LIE, Nobody.ELSE), (Lack.FULL, Nobody.FREE))


def choose(need: Need, colleagues: Iterable[Colleague]) -> Chosen | Nobody:
    """Who is given it, or why nobody is."""
    able = _left(_ABLE, need, colleagues)
    return able if isinstance(able, Nobody) else _first(need, able)


def _left(these: Iterable[tuple[Lack, Nobody]], need: Need, among: Iterable[Colleague]) -> Sequence[Colleague] | Nobody:
    """Those who lack none of these; or what leaves nobody."""
    left = list(among)
    for lack, nobody in these:
        keeps = _KEEPS[lack]
        left = [one for one in left if not keeps(one, need)]
        if not left:
            return nobody
    return left


def _first(need: Need, able: Iterable[Colleague]) -> Chosen | Nobody:
    free = _left(_FREE, need, able)
    if isinstance(free, Nobody):
        return free
    for id, because in need.known_to.items():
        for one in free:
            if one.id == id:
                return Chosen(need, one, because)
    first = min(free, key=_order)
    alone = sum(one.load == first.load for one in free) == 1
    return Chosen(need, first, Because.LEAST_LOAD if alone else Because.LONGEST_AGO)


def _order(one: Colleague) -> tuple[int, datetime, str]:
    return one.load, one.given_at or _NEVER, one.id


def deal(needs: Sequence[Need], colleagues: Iterable[Colleague], now: datetime, at_most: int) -> Dealt:
    """Deals out what waits in its order, each with what was dealt before it in mind, until `at_most` were given."""
    here = {one.id: one for one in colleagues}
    able: dict[tuple[str, frozenset[str], str | None], list[str] | Nobody] = {}
    chosen: list[Chosen] = []
    left: dict[str, Nobody] = {}
    for need in needs:
        alike = need.language, need.skills, need.team
        if alike not in able:
            found = _left(_ABLE, need, here.values())
            able[alike] = found if isinstance(found, Nobody) else [one.id for one in found]
        these = able[alike]
        first = these if isinstance(these, Nobody) else _first(need, [here[id] for id in these])
        if isinstance(first, Nobody):
            left[need.id] = first
            continue
        chosen.append(first)
        if len(chosen) == at_most:
            break
        one = first.colleague
        here[one.id] = replace(one, load=one.load + 1, given_at=now + _NEXT * len(chosen))
    return Dealt(tuple(chosen), left)
