"""What a text must hold for a pattern to stand in it: short runs of characters of which every match has one.

A turn asks some two hundred word lists about the same few sentences, and nearly none of them stands there. So each list is known by
such runs; a text is gone through once, and only lists of which a run stands in it are searched. This changes no finding.

The runs are derived from the parsed expression. Of an expression from which none can be derived nothing is required.

Not here: the lists (terms.py).
"""

from __future__ import annotations

import itertools
import math
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

_parser: Final[Any] = getattr(re, "_parser", None)
"""The interpreter's own; where there is none, nothing is derived and every list is searched."""

LONGEST_RUN: Final = 3
"""Characters."""
_MOST: Final = 24
"""Runs that one place of an expression may stand for."""
_HAN: Final = "\u3400"
_CHANCES: Final = {1: 0.5, 2: 0.06, 3: 0.008}
_CHANCES_HAN: Final = {1: 0.02, 2: 0.001, 3: 0.001}
"""How likely, roughly, a run of so many characters stands in a text by chance."""
_EVERYWHERE: Final = frozenset(
    "我 你 的 了 不 是 一 有 人 在 这 个 们 就 都 还 说 要 也 到 没 给 行 银 钱 他 来 上 去 我的 你们 我们 银行 the and ing you ion for hav not was ter hat her are ent thi all ver wit con has ave tha our out com".split()  # noqa: SIM905
)
_SELDOM: Final = 0.008
"""Runs that are no likelier are taken without looking for better ones."""
_COMMON: Final = 0.3

_Class = frozenset[str]
"""The characters that may stand at a place."""


class Index:
    """Which patterns a text may hold. Lists are read when they are first asked for, by whichever thread that is."""

    def __init__(self) -> None:
        self._patterns: dict[str, int] = {}
        self._always = 0
        self._count = 0
        self._adding = threading.Lock()

    def add_all(self, patterns: Sequence[str]) -> int:
        """Takes up expressions and gives the number of the first; the others have those that follow."""
        required = [required_in(pattern) for pattern in patterns]
        with self._adding:  # two at once would lose each other's: patterns that are never found again
            first = self._count
            for number, runs in enumerate(required, first):
                if runs is None:
                    self._always |= 1 << number
                for run in runs or ():
                    self._patterns[run] = self._patterns.get(run, 0) | 1 << number
            self._count += len(patterns)
        return first

    def within(self, text: str) -> tuple[int, int]:
        """The patterns that may stand in a text, a bit for each number; and up to which number that holds.

        Those that are taken up meanwhile are beyond it: whoever asks for one of them has to ask again.
        """
        count = self._count
        found, patterns = self._always, self._patterns
        runs = {*text, *map("".join, itertools.pairwise(text))}
        runs.update(map("".join, zip(text, text[1:], text[2:], strict=False)))
        for run in runs & patterns.keys():
            found |= patterns[run]
        return found, count


def required_in(pattern: str) -> frozenset[str] | None:
    """Runs of which one stands in whatever the expression matches; None where none are known.

    Letters are compared as they are: not for expressions that ignore case.
    """
    if _parser is None:
        return None
    return _of_sequence(list(_parser.parse(pattern)), ())


def _of_sequence(items: Sequence[Any], before: Sequence[_Class]) -> frozenset[str] | None:
    """The runs least likely by chance; `before` are the places that stand before."""
    run, best = list(before), _Best()
    for operation, told in items:
        if best.chance <= _SELDOM:
            break
        name = str(operation)
        if name in ("AT", "ASSERT", "ASSERT_NOT"):
            continue  # it takes up no place
        place = _place(name, told)
        if place is not None:
            run.append(place)
            for length in range(1, min(len(run), LONGEST_RUN) + 1):
                best.offer(_runs(run[-length:]))
            continue
        best.offer(_of_part(name, told, run))
        run.clear()
    return best.runs


def _of_part(name: str, told: Any, run: Sequence[_Class]) -> frozenset[str] | None:
    if name == "BRANCH":
        parts = [_of_sequence(list(part), run) for part in told[1]]
        known = [part for part in parts if part is not None]
        return frozenset().union(*known) if len(known) == len(parts) else None
    if name == "SUBPATTERN":
        _, added, _, part = told
        return None if added & re.IGNORECASE else _of_sequence(list(part), run)
    if name == "ATOMIC_GROUP":
        return _of_sequence(list(told), run)
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, _, part = told
        return _of_sequence(list(part), run) if least else None
    return None


def _place(name: str, told: Any) -> _Class | None:
    """The few characters that one place of an expression stands for."""
    if name == "LITERAL":
        return frozenset(chr(told))
    if name != "IN":
        return None
    found: set[str] = set()
    for operation, value in told:
        if str(operation) == "LITERAL":
            found.add(chr(value))
        elif str(operation) == "RANGE" and value[1] - value[0] < _MOST:
            found.update(map(chr, range(value[0], value[1] + 1)))
        else:
            return None
        if len(found) > _MOST:
            return None
    return frozenset(found)


def _runs(places: Sequence[_Class]) -> frozenset[str] | None:
    if math.prod(map(len, places)) > _MOST:
        return None
    return frozenset(map("".join, itertools.product(*places)))


class _Best:
    """Of several sets of runs the one that stands least often in a text by chance."""

    def __init__(self) -> None:
        self.runs: frozenset[str] | None = None
        self.chance = math.inf

    def offer(self, runs: frozenset[str] | None) -> None:
        if runs is None:
            return
        chance = sum(_chances(runs))
        if chance < self.chance:
            self.runs, self.chance = runs, chance


def _chances(runs: Iterable[str]) -> Iterator[float]:
    for run in runs:
        yield _COMMON if run in _EVERYWHERE else (_CHANCES_HAN if min(run) >= _HAN else _CHANCES)[len(run)]
