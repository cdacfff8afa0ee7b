"""Trains the table behind dialogue/understanding/wanting.py and writes wanting.json.

    python -m tests.dialogue.understanding.train_wanting           trains and writes the file
    python -m tests.dialogue.understanding.train_wanting --check   trains and says whether the file is what training gives
    python -m tests.dialogue.understanding.train_wanting --across      wishes by the rules alone and with the table, on authors not learned from

It learns from the clauses of the labelled texts to build on, of the forms and answers that are open, and of lines in labelled/own:
wanting.txt (written for it), those of gist.py and replies.py, and what is said in conversations (neutral.txt). A clause that holds a labelled word asks, all others don't; where the word stands in
several clauses and no rule tells which of them asks, the one that does so most by what was learned before is taken. Of whatever a rule reads
as a second wish nothing is learned. Those kept unread serve for figures alone.

Not here: what a clause is and what carries weights (wanting.py), which wish is recorded (wishes.py).
"""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from dialogue.understanding import wanting, wishes
from dialogue.understanding.gist import Gist
from dialogue.understanding.plain import plain
from dialogue.understanding.understand import understand
from dialogue.understanding.wanting import UNIT, Table
from tests.dialogue.answers import answers
from tests.dialogue.understanding.forms import Form, forms
from tests.dialogue.understanding.measure import (
    CURRENCIES,
    NOW,
    Labelled,
    is_right,
    labelled,
    may_hold,
    stated,
)
from tests.dialogue.understanding.train_gist import answered, gist_lines
from tests.dialogue.understanding.training import command
from tests.yamls import from_yaml

FILE: Final = Path(wanting.__file__).with_name("wanting.json")
_BUILD: Final = Path(__file__).parent / "labelled" / "build"
_FACT: Final = "desired_outcome"
UNREAD: Final = "forms kept unread"
_ROUNDS: Final = 14
_STEP: Final = 0.4
_DECAY: Final = 0.02
_OFTEN: Final = 4  # what stands in fewer clauses teaches little
_SMALLEST: Final = 40  # hundredths; nothing is lost by leaving out what is smaller
_BIAS: Final = -1.0
_TIMES: Final = 2  # the second time it is known which of several clauses asks


@dataclass(slots=True)
class Example:
    """A text by its clauses: the pieces of each, whether it asks (None: not learned from), and those of which one asks."""

    author: str
    text: str
    told: Labelled | Form | None
    pieces: list[frozenset[str]]
    asks: list[bool | None]
    one_of: list[int] = field(default_factory=list)


def examples() -> list[Example]:
    """All that it learns from, and the forms kept unread."""
    return [*_of_texts(), *_of_forms(), *_of_lines()]


def authors() -> dict[str, str]:
    """By the text's id which authors wrote it: first, second, third …"""
    found = {}
    for path in sorted(_BUILD.glob("*.yaml")):
        for entry in from_yaml(path.read_text("utf-8")):
            found[str(entry.get("id") or f"cfpb-{entry['line']}")] = path.stem.partition("_")[2] or "first"
    return found


def _of_texts() -> Iterator[Example]:
    author = authors()
    for text in labelled("build"):
        if text.has_facts:
            yield _example(author[text.id], text.text, text, stated(text).get(_FACT), told=not may_hold(text, _FACT))


def _of_forms() -> Iterator[Example]:
    for _, form in forms():
        if form.fact == _FACT:
            yield _example(UNREAD if form.is_unread else "forms", form.text, form, form.meant)


def _of_lines() -> Iterator[Example]:
    for text, gist in (*gist_lines(), *answered()):
        yield _example("lines", text, None, [text] if gist is Gist.WANTS else None)
    for line in _own("wanting"):
        text, _, words = line[2:].partition(" | ")
        yield _example("lines", text, None, [words or text] if line[0] == "+" else None)
    yield from (_example("lines", line[2:], None, None) for line in _own("replies_") if line[0] != "v")
    yield from (_example("lines", line[2:], None, None, told=False) for line in _own("neutral"))
    for answer in answers():
        if answer.asked is None and not answer.is_unread and answer.means != "fix":
            yield _example("lines", answer.text, None, None, told=answer.means != "adds")
    for _, form in forms():
        if form.fact != _FACT and not form.is_unread:
            yield _example("lines", form.text, None, None, told=False)


def _own(name: str) -> Iterator[str]:
    for path in sorted((_BUILD.parent / "own").glob(f"{name}*.txt")):
        yield from (line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#"))


def _example(author: str, text: str, source: Labelled | Form | None, words: Any, *, told: bool = True) -> Example:
    """`told` says whether a text without words of a wish is labelled as having none."""
    read = plain(text)
    clauses = wanting.clauses_of(read.plain)
    pieces = [said.pieces() for said in wanting.said_in(read.plain, clauses)]
    ruled = [(wish.start, wish.start + len(wish.words)) for wish in wishes.ruled_in(read)]
    by_rule = [any(start < one.end and one.start < end for start, end in ruled) for one in clauses]
    places = list(_places(read.own, words or ()))
    hit = [any(start < one.end and one.start < end for start, end in places) for one in clauses]
    asks: list[bool | None] = [None if by_rule[at] and (words or not told) else False for at in range(len(clauses))]
    found = [at for at in range(len(clauses)) if hit[at] and by_rule[at]] or [at for at, here in enumerate(hit) if here]
    sure = len(found) == 1 or any(by_rule[at] for at in found)
    for at, here in enumerate(hit):
        if here:
            asks[at] = True if sure and at in found else None
    for at in found if sure else ():  # what goes on after it belongs to it
        for later in range(at + 1, len(clauses)):
            if clauses[later].sentence == clauses[at].sentence and asks[later] is False:
                asks[later] = None
    return Example(author, text, source, pieces, asks, [] if sure else found)


def _places(text: str, words: Iterable[Any]) -> Iterator[tuple[int, int]]:
    lower = text.lower()
    for word in (str(one).lower() for one in words):
        at = lower.find(word)
        while at >= 0:
            yield at, at + len(word)
            at = lower.find(word, at + 1)


def trained(learned: Sequence[Example]) -> Table:
    """A table that tells the clauses that ask from the others."""
    often = Counter(piece for one in learned for pieces in one.pieces for piece in pieces)
    names = sorted(piece for piece, count in often.items() if count >= _OFTEN)
    number = {piece: at for at, piece in enumerate(names)}
    told = [[sorted(number[piece] for piece in pieces if piece in number) for pieces in one.pieces] for one in learned]
    weights, bias = [0.0] * len(names), _BIAS
    for time in range(_TIMES):
        clauses: list[tuple[list[int], bool]] = []
        for one, numbers in zip(learned, told, strict=True):
            best = max(one.one_of, key=lambda at: (_sum(numbers[at], weights) if time else 0.0, at), default=None)
            asks = [True if at == best else known for at, known in enumerate(one.asks)]
            clauses += [(pieces, known) for pieces, known in zip(numbers, asks, strict=True) if known is not None]
        weights, bias = _descended(clauses, len(names))
    kept = {name: round(weight * UNIT) for name, weight in zip(names, weights, strict=True)}
    return Table(round(bias, 3), {name: weight for name, weight in kept.items() if abs(weight) >= _SMALLEST})


def _sum(pieces: list[int], weights: list[float]) -> float:
    return sum([weights[piece] for piece in pieces]) / math.sqrt(len(pieces) or 1)


def _descended(clauses: list[tuple[list[int], bool]], size: int) -> tuple[list[float], float]:
    weights, seen, bias = [0.0] * size, [1e-3] * size, _BIAS
    chance = random.Random(7)
    for _ in range(_ROUNDS):
        chance.shuffle(clauses)
        for pieces, asks in clauses:
            evidence = max(-30.0, min(30.0, bias + _sum(pieces, weights)))
            error = asks - 1 / (1 + math.exp(-evidence))
            if abs(error) < 0.01:
                continue
            bias += 0.02 * error
            part = error / math.sqrt(len(pieces) or 1)
            square, step = part * part, _STEP * part
            for piece in pieces:
                seen[piece] += square
                weights[piece] += step / math.sqrt(seen[piece])
        weights = [weight * (1 - _DECAY) for weight in weights]
    return weights, bias


def as_file(made: Table) -> str:
    data = {"bias": made.bias, "weights": made.weights}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.replace(',"', ',\n"') + "\n"


def open_to_learn(every: Sequence[Example]) -> list[Example]:
    """All but what is kept unread, also where the same words stand elsewhere."""
    unread = {one.text for one in every if one.author == UNREAD}
    return [one for one in every if one.text not in unread]


def outcome(one: Example) -> str:
    """What becomes of its wish, as measure.py and forms.py count it."""
    if isinstance(one.told, Form):
        got, meant, may = one.told.got(), one.told.meant, False
    elif one.told is not None:
        heard = understand(
            one.text, now=NOW, region=one.told.region, home_currency=CURRENCIES.get(one.told.region, "CNY")
        )
        got = heard.facts.desired_outcome or ""
        meant, may = stated(one.told).get(_FACT), may_hold(one.told, _FACT)
    else:
        return ""
    if meant is None:
        return "invented" if got and not may else ""
    return "right" if is_right(_FACT, meant, got) else "wrong" if got else "missed"


def _across() -> None:
    every = examples()
    whole: dict[str, Counter[str]] = {"rules": Counter(), "with the table": Counter()}
    for author in sorted({one.author for one in every if one.told is not None}):
        made = trained([one for one in open_to_learn(every) if one.author != author])
        tried = [one for one in every if one.author == author]
        for name, table in (("rules", Table(-99.0, {})), ("with the table", made)):
            wanting.forget()
            with patch.object(wanting, "table", lambda table=table: table):
                figure = Counter(outcome(one) for one in tried)
            whole[name].update(figure)
            print(f"{author}, {name}: {_figure(figure)}", flush=True)
    wanting.forget()
    for name, figure in whole.items():
        print(f"all, {name}: {_figure(figure)}")


def _figure(counted: Counter[str]) -> str:
    return ", ".join(f"{counted[outcome]} {outcome}" for outcome in ("right", "wrong", "missed", "invented"))


if __name__ == "__main__":
    command(__doc__, FILE, lambda: as_file(trained(open_to_learn(examples()))), _across)
