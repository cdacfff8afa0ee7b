"""Which clauses of a text ask the house for something, told by trained weights.

Rules find a wish by its verb or its form; whoever asks in another way was not heard: "Void it.", 按钮换个色, "n refund all of it". What tells
a request is less the verb than how the clause is built: a deed without anybody who did it, the house spoken to, a particle at its end.
So each clause is looked at by its own runs of characters and words, by the *kinds* of its words in their order (wanting_words.toml: a deed
of putting right, who writes, what is past), by the kinds in the clauses beside it, and by where it stands. What is known of
"refund it" then holds for "mute it".

Not here: the rules and which of all these is the wish (wishes.py), how the table is trained (tests/dialogue/understanding/train_wanting.py).
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from dialogue.understanding.asking import speaks_against
from dialogue.understanding.plain import Span, plain, quoted
from dialogue.understanding.replies import as_written
from dialogue.understanding.terms import sections

UNIT: Final = 100
"""Weights are kept as whole hundredths of a logit."""
LONGEST: Final = 4_000
"""Characters of a text that are looked at: it bounds the time."""

_HAN_RUN: Final = 3
_KINDS: Final = 4
_MAYBE: Final = -2.0
"""The evidence from which it is looked for what speaks against a clause."""
_REACH: Final = 5
"""Places between which two kinds of words are seen together."""
_FEW: Final = 5

_SENTENCE: Final = re.compile(
    r"(?:[^。!?;；\n.\u2600-\u27bf\U0001f300-\U0001faff]|\.(?=\w))+[。!?;；.\u2600-\u27bf\U0001f300-\U0001faff\n]*"
)
_PAUSE: Final = re.compile(
    r"[，、:：…~—]+\s*|,+(?!\d)\s*|(?<!\d),+\s*| - |(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])|\s+(?=(?:and|but|so|because|then|or|n|cos)\s)"
)
_LETTER: Final = re.compile(r"[\u3400-\u9fffA-Za-z0-9]")
_TOKEN: Final = re.compile(r"[\u3400-\u9fff]+|[a-z']+|\d[\d.,]*|[£$€¥%]")
_HAN: Final = re.compile(r"[\u3400-\u9fff]+")
_WORD: Final = re.compile(r"[a-z']+|\d+|[£$€¥]")
_EDGES: Final = " ,，、:：。.;；\n"
_BEGINS: Final = "^"
_ENDS: Final = "$"
_OTHER: Final = "_"
_NUMBER: Final = "#"
_DEED: Final = "mends"


def _by_word(language: str) -> dict[str, str]:
    lists = sections("dialogue.understanding", "wanting_words.toml")
    return {word: kind for kind, section in lists.items() for word in section.get(language, "").split()}


_CHINESE: Final = _by_word("zh")
_ENGLISH: Final = _by_word("en")
_LONGEST_WORD: Final = max(map(len, _CHINESE))


@dataclass(frozen=True, slots=True)
class Clause:
    """Where a clause stands, and in which sentence of the text."""

    start: int
    end: int
    sentence: int


@dataclass(frozen=True, slots=True)
class Table:
    """The weights of the pieces, in hundredths of a logit."""

    bias: float
    weights: Mapping[str, int]


def clauses_of(text: str) -> list[Clause]:
    """The clauses of a plain text that say anything."""
    found: list[Clause] = []
    sentences = 0
    for match in _SENTENCE.finditer(text[:LONGEST]):
        parts = list(_parts(text, *match.span()))
        found += [Clause(start, end, sentences) for start, end in parts]
        sentences += bool(parts)
    return found


def _parts(text: str, start: int, end: int) -> Iterator[Span]:
    cuts = [start, *(match.end() for match in _PAUSE.finditer(text, start, end) if match.end() < end), end]
    for begin, stop in itertools.pairwise(cuts):
        if _LETTER.search(text, begin, stop):
            yield begin, stop


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a clause as they are compared, of those beside it in its sentence, how it stands and what speaks against it."""

    own: str
    before: str | None
    after: str | None
    stands: frozenset[str]
    against: frozenset[str]

    def pieces(self) -> frozenset[str]:
        """All that may carry weights."""
        return _own(self.own) | _beside("<", self.before) | _beside(">", self.after) | self.stands | self.against


def said_in(text: str, clauses: Sequence[Clause]) -> list[Said]:
    """What each clause of a plain text says."""
    return [
        Said(own, before, after, _standing(text, clauses, at), _against(text, clauses, at))
        for at, (own, before, after) in enumerate(_words(text, clauses))
    ]


def evidences(text: str) -> list[tuple[Clause, float]]:
    """Of each clause of a plain text how much speaks for its asking for something, in logits.

    What speaks against it is looked for only where something speaks for it: that spares most of the time.
    """
    clauses, bias = clauses_of(text), table().bias
    found = []
    for at, (own, before, after) in enumerate(_words(text, clauses)):
        stands = _weighed(_standing(text, clauses, at))
        parts = (_weighed_own(own), _weighed_beside("<", before), _weighed_beside(">", after), stands)
        evidence = _evidence(bias, *parts)
        if evidence >= _MAYBE and (against := _against(text, clauses, at)):
            evidence = _evidence(bias, *parts, _weighed(against))
        found.append((clauses[at], evidence))
    return found


def _evidence(bias: float, *parts: tuple[int, int]) -> float:
    total, known = map(sum, zip(*parts, strict=True))
    return bias + total / (UNIT * math.sqrt(known or 1))


def _words(text: str, clauses: Sequence[Clause]) -> Iterator[tuple[str, str | None, str | None]]:
    """Of each clause its words, and those before and after it in its sentence."""
    words = [_compared(text[one.start : one.end]) for one in clauses]
    places = [-1, *(one.sentence for one in clauses), -1]
    for at, one in enumerate(clauses):
        before = words[at - 1] if places[at] == one.sentence else None
        after = words[at + 1] if places[at + 2] == one.sentence else None
        yield words[at], before, after


@lru_cache(maxsize=8192)
def _compared(clause: str) -> str:
    return as_written(clause.strip(_EDGES).lower())


def asks_for(text: str) -> float:
    """How much speaks for a text's asking for something anywhere, in logits; of one that says nothing even."""
    return max((evidence for _, evidence in evidences(plain(text).plain)), default=0.0)


def names_a_deed(words: str) -> bool:
    """Whether the words hold what a house does to put things right."""
    return _DEED in _kinds(as_written(plain(words).plain.lower()))


@lru_cache(maxsize=8192)
def _weighed_own(said: str) -> tuple[int, int]:
    return _weighed(_own(said))


@lru_cache(maxsize=8192)
def _weighed_beside(side: str, said: str | None) -> tuple[int, int]:
    return _weighed(_beside(side, said))


def _weighed(pieces: frozenset[str]) -> tuple[int, int]:
    """What they weigh together, and how many of them are known."""
    found = list(map(table().weights.get, pieces))
    return sum(filter(None, found)), len(found) - found.count(None)


def _own(said: str) -> frozenset[str]:
    found: set[str] = set()
    for run in _HAN.findall(said):
        marked = f"{_BEGINS}{run}{_ENDS}"
        for size in range(1, _HAN_RUN + 1):
            found.update([marked[at : at + size] for at in range(len(marked) - size + 1)])
    words = [_NUMBER if word[0].isdigit() else word for word in _WORD.findall(said)]
    if words:
        words = [_BEGINS, *words, _ENDS]
        found.update(words)
        found.update(map(" ".join, itertools.pairwise(words)))
        found.update(map(" ".join, zip(words, words[1:], words[2:], strict=False)))
    kinds = [_BEGINS, *_kinds(said), _ENDS]
    found.update(_runs(kinds, _KINDS))
    for at, kind in enumerate(kinds):
        if kind != _OTHER:
            found.update([f"%{kind}..{other}" for other in kinds[at + 2 : at + 1 + _REACH] if other != _OTHER])
    found.add(f"%%{' '.join(kinds[:3])}..{' '.join(kinds[-3:])}")
    return frozenset(found)


def _beside(side: str, said: str | None) -> frozenset[str]:
    if said is None:
        return frozenset((f"{side}none",))
    return frozenset([side + run for run in _runs([_BEGINS, *_kinds(said), _ENDS], 2)])


def _runs(kinds: Sequence[str], longest: int) -> list[str]:
    return [
        f"%{' '.join(kinds[at : at + size])}" for size in range(1, longest + 1) for at in range(len(kinds) - size + 1)
    ]


@lru_cache(maxsize=4096)
def _kinds(said: str) -> tuple[str, ...]:
    """The kinds of its words in their order; of several others or numbers in a row one."""
    found: list[str] = []
    for token in _TOKEN.findall(said):
        for kind in _chinese(token) if token[0] >= "\u3400" else (_of_word(token),):
            if kind not in (_OTHER, _NUMBER) or found[-1:] != [kind]:
                found.append(kind)
    return tuple(found)


def _chinese(run: str) -> Iterator[str]:
    at = 0
    while at < len(run):
        for size in range(min(_LONGEST_WORD, len(run) - at), 0, -1):
            if (kind := _CHINESE.get(run[at : at + size])) is not None:
                yield kind
                at += size
                break
        else:
            yield _OTHER
            at += 1


def _of_word(word: str) -> str:
    if not word[0].isalpha():
        return _NUMBER
    if (kind := _ENGLISH.get(word)) is not None:
        return kind
    if word.endswith("ed") and len(word) > _FEW - 1:
        return "did"
    return "ing" if word.endswith("ing") and len(word) > _FEW else _OTHER


def _standing(text: str, clauses: Sequence[Clause], at: int) -> frozenset[str]:
    one, count = clauses[at], len(clauses)
    clause = text[one.start : one.end]
    found = [
        f"~last{min(count - 1 - at, 5)}", f"~first{min(at, 4)}", f"~sentence{min(clauses[-1].sentence - one.sentence, 4)}",
        f"~long{min(len(_compared(clause)) // 6, 6)}",
    ]  # fmt: skip
    if count == 1:
        found.append("~alone")
    found += [f"~{mark}" for mark in "?!" if mark in clause]
    return frozenset(found)


def _against(text: str, clauses: Sequence[Clause], at: int) -> frozenset[str]:
    one, first = clauses[at], at
    while first and clauses[first - 1].sentence == one.sentence:
        first -= 1
    found = {f"~-{sign}" for sign in speaks_against(text, one.start, one.end, clauses[first].start)}
    if quoted(text, one.end - len(text[one.start : one.end].lstrip())):
        found.add("~-quoted")
    return frozenset(found)


@lru_cache(maxsize=1)
def table() -> Table:
    """The trained table."""
    data = json.loads(resources.files("dialogue.understanding").joinpath("wanting.json").read_text("utf-8"))
    return Table(data["bias"], data["weights"])


def forget() -> None:
    """Forgets what was remembered of texts, for a table that stands in the place of the shipped one."""
    for remembered in (_weighed_own, _weighed_beside):  # what words are compared by is the same for every table
        remembered.cache_clear()
