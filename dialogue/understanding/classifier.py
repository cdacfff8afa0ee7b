"""What words tell where no list knows them: danger to life, a wish for a person, questions, what a complaint is about, feeling; by a small trained model.

The model is a table of pieces of text (pieces.py) with a weight each, in classifier.json: nothing to install, nothing to start, a
look-up for each piece. It is loaded when the first text comes. For a signal a text is looked at in pieces of one and two sentences, and
the most telling one counts, so a cry for help in a long letter isn't drowned; for the category, the kind and the feeling all of it is looked at together. What
the lists found is one more sign: it makes a signal likelier by as much as cross-validation says it may.

Not here: how it is trained and on what (tests/dialogue/understanding/train.py), what it costs and brings (docs/understanding.md), the
lists, what follows from a finding (signals.py, triage.py).
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from typing import Any, Final

from dialogue.understanding.pieces import QUOTED, pieces
from dialogue.understanding.terms import Folded, Hit

LONGEST: Final = 4_000
"""Characters of a text that are looked at: it bounds the time."""

ABOUT: Final = 800
"""Characters by which the category is told: what a complaint is about is said early."""

UNIT: Final = 100
"""Weights are kept as whole hundredths."""

BY_CLAUSE: Final = ("wants_person",)
"""Signals that people say by the way, in a clause of a sentence about something else: half of their evidence is the sentence's, half
that of its most telling clauses."""

_SENTENCE: Final = re.compile(r"(?:[^。！？!?;\n.]|\.(?=\w))+[。！？!?;\n.]*")
_OTHER_SPEAKER: Final = re.compile(
    r"\s*(?:坐席|座席|客服|柜员|经理|专员|行员|职员|银行|机器人|agent|advis[eo]r|operator|bank|teller|clerk|bot|rep|staff)[a-z0-9 ]{0,8}:"
)
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_BREATH: Final = re.compile(
    r"[,、:]+\s*|(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])|\s+(?=(?:and|but|so|because|then|it's|i'm|i|he|she|they|you|my)\s)"
)
_MOST_LINES: Final = 200
"""Lines of a story that is looked at by what its earlier lines told: each is a call deeper."""
_CLAUSE_END: Final = re.compile(r"[,。!?;:\n]|\.(?!\w)")
_CLAUSE_LONGEST: Final = 60
_CLAUSE: Final = re.compile(r"[^,、:]+[,、:]*")
_CLAUSES_FEWEST, _CLAUSES_TOGETHER = 2, 3
_HOPELESS: Final = -1.5
"""The evidence of a sentence for which no clause makes up: seven texts in eight, that are looked at no further."""
_STRETCH_HAN: Final = 60
_STRETCH_LATIN: Final = 240
"""Characters up to which a sentence is looked at as one."""

_LETTER: Final = re.compile(r"[\u3400-\u9fff]|[a-z]{2}")
_FEWEST: Final = 2  # Chinese characters or pairs of letters: what is shorter tells nothing


@dataclass(frozen=True, slots=True)
class Head:
    """One trained table. What it says is evidence in logits: 0 is an even chance."""

    bias: float
    weights: Mapping[str, int]
    sure: float = 0.0
    """From this evidence on a signal counts as found."""
    listed: float = 0.0
    """The evidence that a word of the list adds."""

    def evidence(self, found: frozenset[str]) -> float:
        known = [weight for piece in found if (weight := self.weights.get(piece)) is not None]
        return self.bias + sum(known) / (UNIT * math.sqrt(len(known) or 1))


@dataclass(frozen=True, slots=True)
class Place:
    """The most telling place of a text: the evidence there, and where it stands."""

    evidence: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What the known pieces of some sentences weigh together: one field of a large number for each head, so that all are added at once."""

    pieces: frozenset[str]
    packed: int


_SUM_BITS: Final = 32
_FIELD_BITS: Final = 48
"""Of a field: below, the sum of the weights, each raised by `_RAISED` so that none is negative; above, how many they are."""
_RAISED: Final = 1 << 13


class Heads:
    """Several tables that are read in one pass over the pieces of a text."""

    def __init__(self, heads: Mapping[str, Head]) -> None:
        self._biases = {name: head.bias for name, head in heads.items()}
        self._packed: dict[str, int] = {}
        for place, head in enumerate(heads.values()):
            shift, one = place * _FIELD_BITS, (1 << _SUM_BITS) + _RAISED
            for piece, weight in head.weights.items():
                self._packed[piece] = self._packed.get(piece, 0) + ((one + weight) << shift)

    def totals(self, found: frozenset[str]) -> Totals:
        """Of the pieces of one sentence those that any head knows, weighed."""
        known = frozenset(found & self._packed.keys())  # of a set and keys Python makes a set that can be changed
        return Totals(known, self._weighed(known))

    def together(self, parts: Sequence[Totals]) -> Totals:
        """Of several sentences: a piece that stands in more than one counts once."""
        if not parts:
            return Totals(frozenset(), 0)
        known, packed = parts[0].pieces, parts[0].packed
        for part in parts[1:]:
            packed += part.packed - self._weighed(known & part.pieces)
            known = known | part.pieces
        return Totals(known, packed)

    def evidences(self, whole: Totals) -> dict[str, float]:
        """By name the evidence of each head, as `Head.evidence` gives it."""
        found, packed = {}, whole.packed
        for name, bias in self._biases.items():
            count = packed >> _SUM_BITS & 0xFFFF
            total = (packed & 0xFFFFFFFF) - count * _RAISED
            found[name] = bias + total / (UNIT * math.sqrt(count or 1))
            packed >>= _FIELD_BITS
        return found

    def _weighed(self, known: frozenset[str]) -> int:
        return sum(map(self._packed.__getitem__, known))


@dataclass(frozen=True)
class Model:
    signals: Mapping[str, Head]
    categories: Mapping[str, Head]
    scopes: Mapping[str, Head]
    kinds: Mapping[str, Head]
    feelings: Mapping[str, Head]

    @cached_property
    def signal_heads(self) -> Heads:
        return Heads(self.signals)

    @cached_property
    def clause_heads(self) -> Heads:
        """Of the signals that are told in half a sentence as well."""
        return Heads({name: self.signals[name] for name in BY_CLAUSE if name in self.signals})

    @cached_property
    def about_heads(self) -> Heads:
        """What is told of a text as a whole, by the same pieces."""
        return Heads({**self.categories, **self.scopes, **self.kinds, **self.feelings})


PARTS: Final = ("signals", "categories", "scopes", "kinds", "feelings")


@lru_cache(maxsize=1)
def model() -> Model:
    """The trained tables."""
    data = json.loads(resources.files("dialogue.understanding").joinpath("classifier.json").read_text("utf-8"))
    return from_file(data)


def from_file(data: Mapping[str, Any]) -> Model:
    """The tables as they are kept: each piece once, with the number of a head and its weight there, and again."""
    weights: list[dict[str, int]] = [{} for _ in data["heads"]]
    for piece, row in data["pieces"].items():
        for place, weight in zip(row[::2], row[1::2], strict=True):
            weights[place][piece] = weight
    parts: dict[str, dict[str, Head]] = {part: {} for part in PARTS}
    for head, known in zip(data["heads"], weights, strict=True):
        parts[head["of"]][head["name"]] = Head(head["bias"], known, head["sure"], head["listed"])
    return Model(**parts)


@lru_cache(maxsize=256)
def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """The places of its sentences, of those that say anything; without what somebody else says in a written conversation.

    A sentence that goes on and on, as people dictate and type without a full stop, is looked at in stretches.
    """
    found: list[tuple[int, int]] = []
    for match in _SENTENCE.finditer(text[:LONGEST]):
        if not _OTHER_SPEAKER.match(match[0]):
            found += _stretches(text, *match.span())
    return tuple((start, end) for start, end in found if tells(text[start:end]))


def _stretches(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A long sentence cut where it draws breath, as late as its length allows."""
    while end - start > (longest := _STRETCH_HAN if _HAN.search(text, start, end) else _STRETCH_LATIN):
        breaths = [match.end() for match in _BREATH.finditer(text, start + longest // 3, start + longest)]
        if not breaths:
            break
        yield start, breaths[-1]
        start = breaths[-1]
    yield start, end


def windows(text: str) -> Iterator[tuple[int, int]]:
    """The places of its sentences, and of every two that follow each other: 绳子系好了。就想临走跟个人说句话。"""
    spans = sentences(text)
    yield from spans
    yield from ((first[0], second[1]) for first, second in itertools.pairwise(spans))


def tells(text: str) -> bool:
    """Whether there are letters enough to tell anything by."""
    return len(_LETTER.findall(text)) >= _FEWEST


def is_sure(text: Folded, signal: str, listed: Hit | None) -> Place | None:
    """The place that speaks most for a signal, if the evidence suffices; `listed` is what a list found.

    Around the words of the list their clause is looked at by itself too. Of a text too short to judge the list alone decides.
    """
    head, place = model().signals[signal], _place(text.folded[:LONGEST], signal, listed=listed is not None)
    if listed is None:
        return place if place is not None and place.evidence >= head.sure else None
    if place is None:
        return Place(head.sure, listed.start, listed.end)
    best = place.evidence
    if not _is_quoted(text.folded, listed):
        best = max(best, _evidences_of(text.folded[slice(*_clause(text.folded, listed))])[signal])
    best += head.listed
    return Place(best, listed.start, listed.end) if best >= head.sure else None


def _place(text: str, signal: str, *, listed: bool) -> Place | None:
    """The most telling place, with the evidence that it and the clauses have together."""
    place = _strongest(text).get(signal)
    if place is None or signal not in BY_CLAUSE or (place.evidence < _HOPELESS and not listed):
        return place
    by_clause = max(_by_clauses(text[start:end]).get(signal, place.evidence) for start, end in sentences(text))
    return Place((place.evidence + max(place.evidence, by_clause)) / 2, place.start, place.end)


@lru_cache(maxsize=8192)
def _by_clauses(sentence: str) -> Mapping[str, float]:
    """By signal the evidence of the most telling one, two or three clauses that follow each other. Remembered by sentence."""
    clauses, best = _CLAUSE.findall(sentence), dict[str, float]()
    if len(clauses) < _CLAUSES_FEWEST:
        return best  # the sentence itself has been looked at
    heads = model().clause_heads
    parts = [heads.totals(pieces(clause)) for clause in clauses]
    for first in range(len(parts)):
        for last in range(first + 1, min(first + _CLAUSES_TOGETHER, len(parts)) + 1):
            for signal, evidence in heads.evidences(heads.together(parts[first:last])).items():
                best[signal] = max(evidence, best.get(signal, evidence))
    return best


def is_anothers(text: Folded, hit: Hit) -> bool:
    """Whether the words stand in a line that somebody else says, of a conversation that was written down."""
    return _OTHER_SPEAKER.match(text.folded, text.folded.rfind("\n", 0, hit.start) + 1) is not None


def _is_quoted(text: str, hit: Hit) -> bool:
    return any(match.start() < hit.start and hit.end < match.end() for match in QUOTED.finditer(text))


def _clause(text: str, hit: Hit) -> tuple[int, int]:
    before = [match.end() for match in _CLAUSE_END.finditer(text, max(hit.start - _CLAUSE_LONGEST, 0), hit.start)]
    after = _CLAUSE_END.search(text, hit.end, hit.end + _CLAUSE_LONGEST)
    return before[-1] if before else max(
        hit.start - _CLAUSE_LONGEST, 0
    ), after.end() if after else hit.end + _CLAUSE_LONGEST


@lru_cache(maxsize=2048)
def _strongest(text: str) -> Mapping[str, Place]:
    """By signal. Of a story of many lines only the last ones are looked at anew: what the earlier ones told is remembered."""
    cut = text.rfind("\n", 0, len(text) - 1)
    cut = text.rfind("\n", 0, cut) if cut > 0 else -1
    if cut <= 0 or text.count("\n") > _MOST_LINES:
        return _strongest_since(text, 0, {})
    return _strongest_since(text, text.rfind("\n", 0, cut) + 1, _strongest(text[:cut]))


def _strongest_since(text: str, since: int, before: Mapping[str, Place]) -> Mapping[str, Place]:
    best, rest = dict(before), text[since:]
    for start, end in windows(rest):
        for signal, evidence in _evidences_of(rest[start:end]).items():
            if signal not in best or evidence > best[signal].evidence:
                best[signal] = Place(evidence, since + start, since + end)
    return best


@lru_cache(maxsize=8192)
def _evidences_of(words: str) -> Mapping[str, float]:
    """For each signal. Remembered: several look at the same words, and a story is judged again with every message added to it."""
    heads = model().signal_heads
    return heads.evidences(heads.together([_signals_of(words[start:end]) for start, end in sentences(words)]))


@lru_cache(maxsize=8192)
def _signals_of(sentence: str) -> Totals:
    """Remembered by sentence: it is looked at alone, with the one before and with the one after."""
    return model().signal_heads.totals(pieces(sentence))


def pieces_of(text: str) -> frozenset[str]:
    """The pieces of all sentences of a text."""
    parts = [pieces(text[start:end]) for start, end in sentences(text)]
    return parts[0] if len(parts) == 1 else frozenset().union(*parts)


def categories_of(text: Folded) -> Mapping[str, float]:
    """For each category how much speaks for it, as a share of all."""
    evidences = _about(text.folded[:ABOUT])
    chances = {name: 1 / (1 + math.exp(-_bounded(evidences[name]))) for name in model().categories}
    whole = sum(chances.values())
    return {name: chance / whole for name, chance in chances.items()}


def others_matter(text: Folded) -> float:
    """How much speaks for another firm's matter rather than ours, in logits."""
    return _bounded(_about(text.folded[:ABOUT])["not_ours"])


def is_complaint(text: Folded) -> bool:
    """Whether the wording is that of somebody who complains, though no word of complaint may stand there."""
    return _about(text.folded[:ABOUT])["complaint"] >= model().kinds["complaint"].sure


def feelings_of(text: Folded) -> dict[str, float]:
    """For each feeling, calm among them, how much speaks for it, in logits."""
    evidences = _about(text.folded[:ABOUT])
    return {name: evidences[name] for name in model().feelings}


@lru_cache(maxsize=1024)
def _about(text: str) -> Mapping[str, float]:
    heads = model().about_heads
    return heads.evidences(heads.together([_about_of(text[start:end]) for start, end in sentences(text)]))


@lru_cache(maxsize=8192)
def _about_of(sentence: str) -> Totals:
    """Remembered by sentence: with every message of a story the earlier ones are read again."""
    return model().about_heads.totals(pieces(sentence))


def _bounded(evidence: float) -> float:
    return max(-20.0, min(20.0, evidence))


def words_for(text: Folded, name: str) -> str:
    """The customer's sentence that speaks most for this category or feeling against the others."""
    span = _telling_most(text.folded[:ABOUT], name)
    return text.words(*span) if span else text.text.strip()


@lru_cache(maxsize=1024)
def _telling_most(text: str, name: str) -> tuple[int, int] | None:
    spans = sentences(text)
    return max(spans, key=lambda span: _speaks_for(text[slice(*span)], name)) if spans else None


@lru_cache(maxsize=8192)
def _speaks_for(sentence: str, name: str) -> float:
    evidences = model().about_heads.evidences(_about_of(sentence))
    rivals = model().feelings if name in model().feelings else model().categories
    return evidences[name] - max(evidences[rival] for rival in rivals if rival != name)


def forget() -> None:
    """Forgets what was remembered of texts, for a model that stands in the place of the shipped one."""
    for remembered in (
        _strongest,
        _by_clauses,
        _evidences_of,
        _signals_of,
        _about,
        _about_of,
        _telling_most,
        _speaks_for,
    ):
        remembered.cache_clear()
