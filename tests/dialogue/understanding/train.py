"""Trains the small model behind dialogue/understanding/hints.py and writes hints.json.

    python -m tests.dialogue.understanding.train           trains, tells what cross-validation says, writes the file
    python -m tests.dialogue.understanding.train --check   trains and says whether the file is what training gives

It learns from labelled/own (written for it), the part to build on and narratives that nobody judges by; never from the part to judge by.
Logistic regression over pieces of text by gradient descent, in a fixed order: the same texts give the same file to the byte.
The strength from which a hint counts is set by cross-validation, so that of a hundred findings at most a few are false.

Not here: how the model is used (hints.py), how good it is on texts nobody learned from (measure.py).
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from dialogue.understanding import hints
from dialogue.understanding.found import Signal
from dialogue.understanding.signals import keyword_in
from dialogue.understanding.terms import fold
from tests.dialogue.understanding.measure import labelled, narratives_to_learn_from

FILE: Final = Path(hints.__file__).with_name("hints.json")
_OWN: Final = Path(__file__).parent / "labelled" / "own"
_ROUNDS, _STEP, _DECAY = 16, 5.0, 2e-5
_FOLDS: Final = 5
_OFTEN: Final = 2  # a piece that stands in one example only teaches nothing
_SMALLEST: Final = 0.1  # weights below change nothing and are left out

Example = tuple[str, bool]


def own(name: str) -> list[tuple[str, str]]:
    """The pieces of a file with the mark each stands under."""
    lines = (_OWN / f"{name}.txt").read_text("utf-8").splitlines()
    return [(line[2:], line[0]) for line in lines if line and not line.startswith("#")]


def examples(signal: Signal) -> list[Example]:
    """All that a head learns from; what was written for another is no example of this one."""
    name = {Signal.DANGER_TO_LIFE: "danger", Signal.WANTS_PERSON: "person"}[signal]
    found = [(text, mark == "+") for text, mark in own(name)]
    found += [(text, False) for other in ("danger", "person", "category") if other != name for text, _ in own(other)]
    for text in labelled("build"):
        if text.has_facts and signal in text.signals:
            found.append((text.text, True))
        elif text.has_facts:
            folded = fold(text.text).folded
            found += [(folded[start:end], False) for start, end in hints.windows(folded)]
    found += [(text, False) for text in _neutral() if keyword_in(text, signal) is None]
    return list(dict.fromkeys(found))


@lru_cache(maxsize=1)
def _neutral() -> list[str]:
    """What is said about other things: in the tests of the dialogue, and the sentences of real narratives."""
    sentences = [text for text, _ in own("neutral")]
    for text in narratives_to_learn_from():
        folded = fold(text).folded
        sentences += [folded[start:end] for start, end in hints.windows(folded)]
    return list(dict.fromkeys(sentences))


def trained(data: Sequence[Example]) -> tuple[float, dict[str, float]]:
    """Bias and weights that tell these examples apart; both kinds weigh the same, however many there are."""
    whole = [(hints.pieces(fold(text).folded), is_there) for text, is_there in data]
    often = Counter(piece for found, _ in whole for piece in found)
    texts = [(sorted(piece for piece in found if often[piece] >= _OFTEN), is_there) for found, is_there in whole]
    count = Counter(is_there for _, is_there in texts)
    share = {kind: len(texts) / (2 * count[kind]) for kind in (True, False)}
    weights: dict[str, float] = {}
    bias = 0.0
    order = list(range(len(texts)))
    shuffler = random.Random(7)
    for turn in range(_ROUNDS):
        shuffler.shuffle(order)
        step = _STEP / (1 + turn / 4)
        for at in order:
            found, is_there = texts[at]
            scale = 1 / math.sqrt(len(found) or 1)
            total = bias + scale * sum(weights.get(piece, 0.0) for piece in found)
            error = (is_there - 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))) * min(share[is_there], 3.0)
            bias += 0.05 * step * error
            for piece in found:
                weights[piece] = (1 - _DECAY) * weights.get(piece, 0.0) + step * scale * error
    return bias, weights


def head(data: Sequence[Example], sure: float = 0.5) -> hints.Head:
    """A trained head as it is shipped: short numbers, small weights left out."""
    bias, weights = trained(data)
    kept = {piece: round(weight, 2) for piece, weight in sorted(weights.items()) if abs(weight) >= _SMALLEST}
    return hints.Head(round(bias, 3), kept, sure)


def held_out_strengths(data: Sequence[Example]) -> list[tuple[float, bool]]:
    """Every example's strength by a head that didn't learn from it."""
    order = list(range(len(data)))
    random.Random(11).shuffle(order)
    found = []
    for fold_number in range(_FOLDS):
        out = set(order[fold_number::_FOLDS])
        learned = head([one for at, one in enumerate(data) if at not in out])
        found += [(learned.strength(fold(data[at][0]).folded), data[at][1]) for at in sorted(out)]
    return found


def recall_and_precision(strengths: Iterable[tuple[float, bool]], sure: float) -> tuple[float, float]:
    there = found = hit = 0
    for strength, is_there in strengths:
        there += is_there
        found += strength >= sure
        hit += is_there and strength >= sure
    return hit / there, hit / found if found else 1.0


SURE: Final = {Signal.DANGER_TO_LIFE: 0.8, Signal.WANTS_PERSON: 0.8}


def model() -> str:
    """The file as training gives it."""
    data = {}
    for signal, sure in SURE.items():
        made = head(examples(signal), sure)
        data[signal] = {"bias": made.bias, "sure": sure, "weights": made.weights}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True).replace(',"', ',\n"') + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--quick", action="store_true", help="no cross-validation")
    chosen = parser.parse_args()
    if chosen.check:
        print("as trained" if FILE.read_text("utf-8") == model() else "differs from what training gives")
        return
    for signal in () if chosen.quick else SURE:
        data = examples(signal)
        strengths = held_out_strengths(data)
        print(f"{signal}: {len(data)} examples, {sum(there for _, there in data)} of them there")
        for sure in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
            recall, precision = recall_and_precision(strengths, sure)
            print(f"    from {sure}: recall {recall:.1%}, precision {precision:.1%}")
    FILE.write_text(model(), "utf-8")


if __name__ == "__main__":
    main()
