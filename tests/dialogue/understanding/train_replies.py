"""Trains the table behind dialogue/understanding/replies.py and writes replies.json.

    python -m tests.dialogue.understanding.train_replies           trains and writes the file
    python -m tests.dialogue.understanding.train_replies --check   trains and says whether the file is what training gives
    python -m tests.dialogue.understanding.train_replies --across  how it does on answers it has not learned from, without writing

It learns from labelled/own/replies_*.txt and from the answers in tests/dialogue/answered that are open to build on; never from those
kept unread. Multinomial logistic regression by gradient descent in a fixed order: the same lines give the same file to the byte.

Not here: what an answer of each kind brings about (tests/dialogue/answers.py measures that).
"""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from dialogue.understanding import replies
from dialogue.understanding.replies import Reply, Table, reply_pieces
from dialogue.understanding.terms import fold
from tests.dialogue.answers import answers
from tests.dialogue.understanding.training import command

FILE: Final = Path(replies.__file__).with_name("replies.json")
_OWN: Final = Path(__file__).parent / "labelled" / "own"
_MARKS: Final = {
    "v": Reply.VALUE, "u": Reply.UNKNOWN, "n": Reply.NONE, "r": Reply.REFUSES, "t": Reply.TOLD, "a": Reply.ASKS, "l": Reply.LEAVES,
    "s": Reply.STOPS,
}  # fmt: skip
_MEANT: Final = {
    "value": Reply.VALUE, "vague": Reply.VALUE, "unknown": Reply.UNKNOWN, "none": Reply.NONE, "refuses": Reply.REFUSES,
    "told": Reply.TOLD, "asks": Reply.ASKS, "open": Reply.LEAVES, "stop": Reply.STOPS,
}  # fmt: skip
_ROUNDS: Final = 30
_STEP: Final = 0.4
_DECAY: Final = 0.015
_OFTEN: Final = 2  # a piece that stands in one example only teaches nothing
_SMALLEST: Final = 0.25
_FOLDS: Final = 5

Lines = Sequence[tuple[str, Reply]]
Marked = Sequence[tuple[str, StrEnum]]


def own_lines() -> list[tuple[str, Reply]]:
    """The lines written for it."""
    lines = [line for path in sorted(_OWN.glob("replies_*.txt")) for line in path.read_text("utf-8").splitlines()]
    return [(fold(line[2:]).folded, _MARKS[line[0]]) for line in lines if line and not line.startswith("#")]


def open_answers(*, unread: bool = False) -> list[tuple[str, Reply]]:
    """What others answered to the question for one fact. The unread ones serve for figures alone."""
    return [
        (fold(answer.text).folded, _MEANT[answer.means])
        for answer in answers()
        if answer.asked and answer.means in _MEANT and answer.is_unread is unread
    ]


def trained(lines: Marked, of: type[StrEnum] = Reply) -> Table:
    """A table that tells these lines apart, by the kinds `of` which they are."""
    kinds = list(of)
    often = Counter(piece for text, _ in lines for piece in reply_pieces(text))
    names = sorted(piece for piece, count in often.items() if count >= _OFTEN)
    number = {piece: at for at, piece in enumerate(names)}
    examples = [
        ([number[piece] for piece in sorted(reply_pieces(text)) if piece in number], kinds.index(kind))
        for text, kind in lines
    ]
    weights = [[0.0] * len(kinds) for _ in names]
    learned = [1e-3] * len(names)
    biases = [0.0] * len(kinds)
    chance = random.Random(7)
    for _ in range(_ROUNDS):
        chance.shuffle(examples)
        for pieces, kind in examples:
            _learn(pieces, kind, weights, learned, biases)
        for row in weights:
            row[:] = [weight * (1 - _DECAY) for weight in row]
    kept = {
        piece: tuple(round(weight * replies.UNIT) for weight in row)
        for piece, row in zip(names, weights, strict=True)
        if max(map(abs, row)) >= _SMALLEST
    }
    return Table(tuple(round(bias, 3) for bias in biases), kept)


def _learn(pieces: list[int], kind: int, weights: list[list[float]], learned: list[float], biases: list[float]) -> None:
    scale = 1 / math.sqrt(len(pieces) or 1)
    sums = [bias + scale * sum(weights[piece][at] for piece in pieces) for at, bias in enumerate(biases)]
    most = max(sums)
    powers = [math.exp(one - most) for one in sums]
    whole = sum(powers)
    errors = [(at == kind) - power / whole for at, power in enumerate(powers)]
    square = scale * scale * sum(error * error for error in errors)
    for at, error in enumerate(errors):
        biases[at] += 0.02 * error
    for piece in pieces:
        learned[piece] += square
        step = _STEP * scale / math.sqrt(learned[piece])
        row = weights[piece]
        for at, error in enumerate(errors):
            row[at] += step * error


def as_file(made: Table) -> str:
    data = {"biases": made.biases, "weights": made.weights}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.replace('],"', '],\n"') + "\n"


def kind_of(made: Table, text: str) -> Reply:
    evidences = made.evidences(reply_pieces(text))
    return list(Reply)[evidences.index(max(evidences))]


def _across() -> None:
    mine, theirs = own_lines(), open_answers()
    alone = trained(mine)
    _tell("own lines alone, on the open answers", [(kind, kind_of(alone, text)) for text, kind in theirs])
    _tell(
        "own lines alone, on those kept unread",
        [(kind, kind_of(alone, text)) for text, kind in open_answers(unread=True)],
    )
    pairs = []
    for fold_at in range(_FOLDS):
        made = trained([*mine, *(line for at, line in enumerate(theirs) if at % _FOLDS != fold_at)])
        pairs += [(kind, kind_of(made, text)) for text, kind in theirs[fold_at::_FOLDS]]
    _tell("the open answers by cross-validation", pairs)
    made = trained([*mine, *theirs])
    _tell("all, on those kept unread", [(kind, kind_of(made, text)) for text, kind in open_answers(unread=True)])


def _tell(name: str, pairs: list[tuple[Reply, Reply]]) -> None:
    print(f"{name}: {sum(meant == got for meant, got in pairs)} of {len(pairs)}")
    for kind in Reply:
        got = Counter(str(got) for meant, got in pairs if meant is kind)
        print(f"  {kind}: {dict(got.most_common())}")


if __name__ == "__main__":
    command(__doc__, FILE, lambda: as_file(trained([*own_lines(), *open_answers()])), _across)
