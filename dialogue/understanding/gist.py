"""The gist of one line in a conversation: it wants something, tells what happened or how somebody is, gives a fact, or none of these.

People answer "how should we put this right?" with more of the story, with a branch, with a cry, and say in a word what they want when
they were asked for a day. A small trained table tells such lines apart, as replies.py does for the kinds of answers.

Not here: what exactly is wanted (wishes.py), what follows from it (dialogue/taking.py, dialogue/answering.py), how the table is made
(tests/dialogue/understanding/train_gist.py).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Final

from dialogue.understanding.replies import LONGEST_HAN, LONGEST_LATIN, Table, reply_pieces
from dialogue.understanding.terms import fold


class Gist(StrEnum):
    WANTS = "wants"
    TELLS = "tells"  # an event, a state, a cry
    FACT = "fact"  # a day, a sum, a name, a place
    OTHER = "other"  # a nod, a filler, a question back, "I don't know"


FEWEST: Final = 3
"""Pieces that the table knows, below which it knows nothing of the line."""

_NONE: Final[Mapping[Gist, float]] = {gist: float(gist is Gist.OTHER) for gist in Gist}
_UNHEARD: Final[Mapping[Gist, float]] = dict.fromkeys(Gist, 1 / len(Gist))
_TOO_LONG: Final[Mapping[Gist, float]] = {gist: float(gist is Gist.TELLS) for gist in Gist}


@lru_cache(maxsize=1)
def table() -> Table:
    """The trained table, by piece the weight for every gist in the order of `Gist`."""
    data = json.loads(resources.files("dialogue.understanding").joinpath("gist.json").read_text("utf-8"))
    return Table(tuple(data["biases"]), {piece: tuple(row) for piece, row in data["weights"].items()})


def gist_of(text: str) -> Mapping[Gist, float]:
    """For each gist how likely the line is of it; all alike where its words were never heard. What is too long for a line tells."""
    folded = fold(text)
    if not folded.folded.strip():
        return _NONE
    if len(folded.folded) > (LONGEST_HAN if folded.han else LONGEST_LATIN):
        return _TOO_LONG
    return _gist(folded.folded)


@lru_cache(maxsize=1024)
def _gist(text: str) -> Mapping[Gist, float]:
    known, pieces = table(), reply_pieces(text)
    if sum(piece in known.weights for piece in pieces if not piece.startswith("~")) < FEWEST:
        return _UNHEARD
    evidences = known.evidences(pieces)
    most = max(evidences)
    powers = [math.exp(evidence - most) for evidence in evidences]
    whole = sum(powers)
    return {gist: power / whole for gist, power in zip(Gist, powers, strict=True)}
