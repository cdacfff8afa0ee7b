"""What words hint at where no keyword says it: danger to life and a wish for a person, told by a small trained model.

The model is a table of short pieces of text (up to four Chinese characters, up to three words) with a weight each, one table a signal,
in hints.json: nothing to install, nothing to start, a few look-ups for each character. It is loaded when the first text comes. It never takes
away what a keyword has found; what its finding leads to is decided in signals.py. A text is looked at in pieces of one and two
sentences, and the most telling one counts, so a cry for help in a long letter isn't drowned.

Not here: how it is trained and on what (tests/dialogue/understanding/train.py), what it costs and brings (docs/understanding.md).
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from dialogue.understanding.terms import Folded

LONGEST: Final = 4_000
"""Characters of a text that are looked at: it bounds the time."""

_SENTENCE: Final = re.compile(r"(?:[^。！？!?;\n.]|\.(?=\w))+[。！？!?;\n.]*")
_RUN: Final = re.compile(r"[\u3400-\u9fff]+|[a-z0-9][a-z0-9' ]*")
_WORD: Final = re.compile(r"[a-z']+|\d+")
_LETTER: Final = re.compile(r"[\u3400-\u9fffa-z]")
_FEWEST: Final = 3  # letters or characters: what is shorter hints at nothing
_HAN_PIECES: Final = 4
_WORD_PIECES: Final = 3


@dataclass(frozen=True, slots=True)
class Head:
    """One trained table: the probability is the logistic function of bias and mean weight."""

    bias: float
    weights: Mapping[str, float]
    sure: float
    """From this strength on it counts as found."""

    def strength(self, text: str) -> float:
        """How strongly these words, folded, hint at it: 0 to 1."""
        if len(_LETTER.findall(text)) < _FEWEST:
            return 0.0
        known = [weight for piece in pieces(text) if (weight := self.weights.get(piece)) is not None]
        if not known:
            return 0.0
        total = self.bias + sum(known) / math.sqrt(len(known))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def pieces(text: str) -> set[str]:
    """The short pieces of a folded text that carry weights."""
    found: set[str] = set()
    for run in _RUN.findall(text):
        if run[0] >= "\u3400":
            marked = f"^{run}$"
            for size in range(1, _HAN_PIECES + 1):
                found.update(marked[at : at + size] for at in range(len(marked) - size + 1))
        else:
            words = ["^", *("#" if word[0].isdigit() else word for word in _WORD.findall(run)), "$"]
            for size in range(1, _WORD_PIECES + 1):
                found.update(" ".join(words[at : at + size]) for at in range(len(words) - size + 1))
    return found


@lru_cache(maxsize=1)
def heads() -> Mapping[str, Head]:
    """The trained tables by name of the signal."""
    data = json.loads(resources.files("dialogue.understanding").joinpath("hints.json").read_text("utf-8"))
    return {name: Head(head["bias"], head["weights"], head["sure"]) for name, head in data.items()}


def windows(text: str) -> Iterator[tuple[int, int]]:
    """The places of its sentences, and of every two that follow each other: 绳子系好了。就想临走跟个人说句话。"""
    spans = [match.span() for match in _SENTENCE.finditer(text[:LONGEST])]
    yield from spans
    yield from ((first[0], second[1]) for first, second in itertools.pairwise(spans))


def hint_in(text: Folded, name: str, read: str) -> str | None:
    """The customer's words of the place that hints at it most, where the hint is strong enough to count.

    `read` is the folded text as it is looked at, with what means something else left out.
    """
    places = ((_strength(name, read[start:end]), start, end) for start, end in windows(read))
    strength, start, end = max(places, default=(0.0, 0, 0))
    return text.words(start, end) if strength >= heads()[name].sure else None


@lru_cache(maxsize=4096)
def _strength(name: str, words: str) -> float:
    """Remembered: a story is judged again with every message that is added to it."""
    return heads()[name].strength(words)
