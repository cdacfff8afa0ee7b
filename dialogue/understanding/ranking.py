"""Which of several candidates is meant, or none of them: told by trained weights.

Readers find every value that a text may state of a fact; a room of its own says of each candidate what speaks for or against it, as
features: *signs*, each of which counts in full (the points of a rule, the largest of all, a currency was said), and *pieces*, the runs of
characters and words around it, which count together as one opinion. The weights are a table for each fact, ranking_<fact>.json. The
chance of a value is the share of its candidates together, so one told three times counts three times; "none" is a candidate like
any other, and what speaks for it is said of the text. A value is chosen where its chance reaches the bar of its table.

Not here: the candidates and their signs (the room of each fact), how the tables are trained (tests/dialogue/understanding/train_ranking.py).
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Final

from dialogue.understanding.plain import clause_around, sentence_around

UNIT: Final = 100
"""Weights are kept as whole hundredths of a logit."""
RULES: Final = "verdict: "
"""How a sign begins that is a rule's verdict: it is left out of every other round of training, as rules do best on what their writers read."""
RULED: Final = "ruled"
"""The sign of the candidate that the rules alone would choose."""
HEAD: Final = 400
"""Characters of a text by which sums and days are told to be none that is meant."""
NONE: Final = ""
"""The key of "none of them"."""

_TOKEN: Final = re.compile(r"[\u3400-\u9fff]|[a-z']+|\d+(?:[.,]\d+)*|[£$€¥%?!:]")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_CLAUSE_HAN: Final = 14
_CLAUSE_LATIN: Final = 48
_SENTENCE: Final = 60
"""Characters on either side that are looked at, in the clause and in the sentence."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """`key` is the value as the record would show it: candidates of one key stand for one value."""

    key: str
    signs: Collection[str]
    pieces: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Considered:
    """What a text has to choose from, in its order; `none` is what speaks for none of it, its key `NONE`."""

    candidates: tuple[Candidate, ...]
    none: Candidate = Candidate(NONE, ())


@dataclass(frozen=True, slots=True)
class Ranking:
    """The weights of one fact, in hundredths of a logit, and the chance from which on a value is chosen; `agreed`: of one that the rules
    would choose too (sign `RULED`)."""

    weights: Mapping[str, float]
    bar: float = 0.5
    agreed: float | None = None

    def evidence(self, one: Candidate) -> float:
        """How much speaks for it, in logits."""
        found = list(map(self.weights.get, one.pieces))
        known = len(found) - found.count(None)
        signs = sum(filter(None, map(self.weights.get, one.signs)))
        return (signs + sum(filter(None, found)) / math.sqrt(known or 1)) / UNIT

    def chances(self, considered: Considered) -> dict[str, float]:
        """For each key, `NONE` among them, how likely it is meant."""
        every = (*considered.candidates, considered.none)
        evidences = [self.evidence(one) for one in every]
        most = max(evidences)
        powers = [math.exp(evidence - most) for evidence in evidences]
        whole = sum(powers)
        found: dict[str, float] = {}
        for one, power in zip(every, powers, strict=True):
            found[one.key] = found.get(one.key, 0.0) + power / whole
        return found

    def chosen(self, considered: Considered) -> int | None:
        """The place of the candidate that is meant: of the likeliest value the one for which most speaks, of equals the first."""
        if not considered.candidates:
            return None
        chances = self.chances(considered)
        key = max((one.key for one in considered.candidates), key=lambda key: chances[key])
        places = [place for place, one in enumerate(considered.candidates) if one.key == key]
        ruled = any(RULED in considered.candidates[place].signs for place in places)
        if chances[key] < (self.agreed if ruled and self.agreed is not None else self.bar):
            return None
        return max(places, key=lambda place: self.evidence(considered.candidates[place]))


@lru_cache(maxsize=8)
def ranking(fact: str) -> Ranking:
    """The trained table of a fact."""
    text = resources.files("dialogue.understanding").joinpath(f"ranking_{fact}.json").read_text("utf-8")
    data = json.loads(text)
    return Ranking(data["weights"], data["bar"], data.get("agreed"))


def pieces_around(text: str, start: int, end: int, *, within: bool = False) -> frozenset[str]:
    """What stands around a place of a plain text: "<" and ">" mark the words before and after in its clause, "<<" and ">>" those next to
    it, "." those in the rest of its sentence, "=" with `within` its own."""
    han = _HAN.search(text, max(0, start - _CLAUSE_HAN), end + _CLAUSE_HAN) is not None
    before, after = clause_around(text, start, end, _CLAUSE_HAN if han else _CLAUSE_LATIN)
    told, tells = tokens_of(before), tokens_of(after)
    found = {f"<{run}" for run in runs_of(told)}
    found.update([f"<<{run}" for run in _last(told)])
    found.update([f">{run}" for run in runs_of(tells)])
    found.update([f">>{run}" for run in _first(tells)])
    first, last = sentence_around(text, start, end, _SENTENCE)
    for rest in (first[: len(first) - len(before)], last[len(after) :]):
        found.update([f".{run}" for run in runs_of(tokens_of(rest)) if len(run) > 1])
    if within:
        found.update([f"={run}" for run in runs_of(tokens_of(text[start:end]))])
    return frozenset(found)


def beginning_of(text: str, longest: int) -> frozenset[str]:
    """What a plain text begins with, as pieces that may speak for none of its candidates."""
    return _beginning(text[:longest])


@lru_cache(maxsize=64)
def _beginning(text: str) -> frozenset[str]:
    """Remembered: days and sums of one text ask for it."""
    return frozenset([f"~{run}" for run in runs_of(tokens_of(text))])


def is_short(text: str, han: int, latin: int) -> bool:
    """Whether an answer is no longer than this: `han` characters with Chinese among them, else `latin`."""
    return len(text.strip()) <= (han if _HAN.search(text) else latin)


def signs_beside(values: Sequence[Any], doubtful: Sequence[bool], extremes: tuple[str, str, str]) -> list[set[str]]:
    """Of each candidate beside the others of its text, in the order in which they are told; `values` are None where they are vague.

    `extremes` names the greatest, the least and what is between.
    """
    last, known = len(values) - 1, {value for value in values if value is not None}
    most, least = (max(known), min(known)) if len(known) > 1 else (None, None)
    company = f"doubtful {'alone' if all(doubtful) else 'with others'}"
    found: list[set[str]] = []
    for place, value in enumerate(values):
        signs = {"only" if last == 0 else "first" if place == 0 else "last" if place == last else "amid"}
        signs |= {company} if doubtful[place] else set()
        if value is not None and most is not None:
            signs.add(extremes[0] if value == most else extremes[1] if value == least else extremes[2])
        found.append(signs)
    return found


def tokens_of(words: str) -> list[str]:
    """Chinese characters, Latin words and marks; a number is "#"."""
    return ["#" if token[0].isdigit() else token for token in _TOKEN.findall(words.lower())]


def runs_of(tokens: Sequence[str]) -> list[str]:
    """Single tokens, pairs, and threes of Chinese characters."""
    pairs = [one + other if one >= "\u3400" <= other else f"{one} {other}" for one, other in itertools.pairwise(tokens)]
    threes = [
        one + other + third
        for one, other, third in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if one >= "\u3400" <= other and third >= "\u3400"
    ]
    return [*tokens, *pairs, *threes]


def _last(tokens: Sequence[str]) -> Iterator[str]:
    yield tokens[-1] if tokens else "^"
    if len(tokens) > 1:
        yield f"{tokens[-2]}{_joint(tokens[-2], tokens[-1])}{tokens[-1]}"


def _first(tokens: Sequence[str]) -> Iterator[str]:
    yield tokens[0] if tokens else "$"
    if len(tokens) > 1:
        yield f"{tokens[0]}{_joint(tokens[0], tokens[1])}{tokens[1]}"


def _joint(one: str, other: str) -> str:
    return "" if one >= "\u3400" and other >= "\u3400" else " "
