"""What a sentence is made of, for the classifier: short runs of characters or words, and the kinds of thing that are spoken of.

Runs of up to three Chinese characters or two English words carry what is said often. What is said seldom is carried by concepts: a
viaduct, a parapet and a 塔吊 are each rare, "a high place" is not. A concept that is denied or stands in quotation marks is told
apart, and two concepts in one clause are a piece of their own: somebody of the family and medicine, a role and a wish.

Not here: the words of the concepts (concepts.toml), what the pieces weigh (classifier.json), sentences (classifier.py).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import lru_cache
from operator import itemgetter
from typing import Final

from dialogue.understanding.terms import sections

NEGATION: Final = "negation"
_RUN: Final = re.compile(r"[\u3400-\u9fff]+|[a-z0-9][a-z0-9' ]*")
_WORD: Final = re.compile(r"[a-z']+|\d+")
_CLAUSE: Final = re.compile(r"[^,。!?;:\n、]+")
_TOKEN: Final = re.compile(r"[\u3400-\u9fff]+|[a-z']+|\d+|[\U0001f300-\U0001faff]")
QUOTED: Final = re.compile(r'"[^"\n]{1,80}"|「[^」\n]{1,80}」|『[^』\n]{1,80}』')
_HAN: Final = 3
_DENIED_WITHIN: Final = 3  # characters or words between a negation and what it denies
_ENDINGS: Final = ("'s", "s", "es", "ed", "d", "ing", "er", "ers", "ly")
_STEM: Final = 3  # letters that a word keeps at least


def _concepts() -> dict[str, tuple[str, ...]]:
    by_word: dict[str, dict[str, None]] = {}
    for concept, section in sections("dialogue.understanding", "concepts.toml").items():
        for word in f"{section['zh']} {section['en']}".lower().split():
            by_word.setdefault(word, {})[concept] = None
    return {word: tuple(concepts) for word, concepts in by_word.items()}


_CONCEPTS: Final = _concepts()
_LENGTHS: Final = {
    first: tuple(sorted({len(word) for word in words}))
    for first, words in itertools.groupby(sorted(word for word in _CONCEPTS if not word.isascii()), itemgetter(0))
}
"""By its first character how long a Chinese word of a concept may be."""


@lru_cache(maxsize=512)
def pieces(text: str) -> frozenset[str]:
    """The pieces of a folded sentence that may carry weights. Of two sentences together they are those of either."""
    found: set[str] = set()
    for run in _RUN.findall(text):
        if run[0] >= "\u3400":
            marked = f"^{run}$"
            for size in range(1, _HAN + 1):
                found.update([marked[at : at + size] for at in range(len(marked) - size + 1)])
        else:
            words = ["^", *("#" if word[0].isdigit() else word for word in _WORD.findall(run)), "$"]
            found.update(words)
            found.update(map(" ".join, itertools.pairwise(words)))
    quoted = [match.span() for match in QUOTED.finditer(text)]
    for clause in _CLAUSE.finditer(text):
        middle = (clause.start() + clause.end()) // 2
        spoken_of = _spoken_of(clause[0])
        if any(start <= middle < end for start, end in quoted):
            spoken_of = {f'"{concept}' for concept in spoken_of}
        found.update([f"@{concept}" for concept in spoken_of])
        found.update([f"@{one}&{other}" for one, other in itertools.combinations(sorted(spoken_of), 2)])
    return frozenset(found)


def _spoken_of(clause: str) -> set[str]:
    """The concepts of a clause; "!" stands before what is denied there."""
    placed = list(_placed(clause))
    found = {concept for _, _, concept in placed}
    if NEGATION in found:
        denied = {end + away for _, end, concept in placed if concept == NEGATION for away in range(_DENIED_WITHIN + 1)}
        found.update(f"!{concept}" for start, _, concept in placed if concept != NEGATION and start in denied)
    return found


def _placed(clause: str) -> Iterator[tuple[int, int, str]]:
    """Where each concept begins and ends, counted in characters of Chinese and words of English."""
    place = 0
    for token in _TOKEN.findall(clause):
        if "\u3400" <= token[0] <= "\u9fff":
            for at, character in enumerate(token):
                for size in _LENGTHS.get(character, ()):
                    word = token[at : at + size]
                    for concept in _CONCEPTS.get(word, ()) if len(word) == size else ():
                        yield place + at, place + at + size, concept
            place += len(token)
        else:
            for concept in _of_word(token):
                yield place, place + 1, concept
            place += 1


@lru_cache(maxsize=4096)
def _of_word(word: str) -> tuple[str, ...]:
    """The concepts of an English word, also where it stands with an ending."""
    return next((_CONCEPTS[form] for form in _forms(word) if form in _CONCEPTS), ())


def _forms(word: str) -> Iterator[str]:
    yield word
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < _STEM:
            continue
        yield stem
        if ending in ("ing", "ed"):
            yield f"{stem}e"
        if ending in ("ing", "ed", "er") and stem[-1] == stem[-2]:
            yield stem[:-1]
        if ending in ("es", "ed") and stem.endswith("i"):
            yield f"{stem[:-1]}y"
