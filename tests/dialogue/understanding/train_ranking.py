"""Trains the tables behind dialogue/understanding/ranking.py and writes ranking_<fact>.json.

    python -m tests.dialogue.understanding.train_ranking amount          trains and writes the file of a fact (none named: of all)
    python -m tests.dialogue.understanding.train_ranking amount --check  trains and says whether the file is what training gives
    python -m tests.dialogue.understanding.train_ranking amount --across     how it does on authors it has not learned from, beside the rules
    python -m tests.dialogue.understanding.train_ranking amount --across -v  with what it gets wrong, but for what is kept unread

It learns from the labelled texts to build on and from the forms and answers that are open; those kept unread serve for figures alone.
A value counts as right as measure.py says. Softmax over the candidates of a text and "none", by gradient descent in a fixed order: the
same texts give the same file to the byte.

Not here: which candidates a text has and what is said of them (considered.py).
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from dialogue.understanding import ranking
from dialogue.understanding.ranking import NONE, RULES, UNIT, Candidate, Considered, Ranking
from dialogue.understanding.weighed_abouts import phrase_of
from tests.dialogue.answers import answers
from tests.dialogue.understanding.considered import READERS, Told
from tests.dialogue.understanding.forms import forms
from tests.dialogue.understanding.measure import is_right, labelled, may_hold, stated
from tests.dialogue.understanding.training import tell_whether_trained
from tests.yamls import from_yaml

FOLDER: Final = Path(ranking.__file__).parent
_BUILD: Final = Path(__file__).parent / "labelled" / "build"
_OWN: Final = Path(__file__).parent / "labelled" / "own"
_BARS: Final = {"amount": 0.6, "occurred_on": 0.5}
"""Where a value has to be surer, or less sure, than even, found in cross-validation."""
_BAR: Final = 0.5
_AGREED: Final = {"amount": 0.25, "occurred_on": 0.3}
"""How sure one has to be that the rules would choose too."""
_FORMS: Final = "forms"
_UNREAD: Final = "unread"
_FRESH: Final = ("fourth", "fifth", "sixth", "seventh")
_TWICE: Final = ("amount", "occurred_on")
"""Facts of which what is fresh counts twice."""
_ROUNDS: Final = 12
_STEPS: Final = {"amount": 0.6}
_STEP: Final = 0.3
_DECAYS: Final = {"amount": 0.02}
_DECAY: Final = 0.05
"""How fast is learned and forgotten; found in cross-validation over authors: sums gain from learning faster, nothing else does."""
_OFTEN: Final = 2  # what stands in one text only teaches nothing
_SMALLEST: Final = 4  # hundredths


@dataclass(frozen=True, slots=True)
class Example:
    """What a text has to choose from. `meant` is the label (None: nothing is stated), `right` the keys that fit it."""

    author: str
    fact: str
    text: str
    meant: Any
    considered: Considered
    ruled: str
    right: frozenset[str]

    @property
    def is_fresh(self) -> bool:
        """Whether the rules were not written to it, so that it says how far they are to be trusted: it counts twice."""
        return self.fact in _TWICE and (self.author.startswith("mixed") or self.author.endswith(_FRESH))

    @property
    def is_unread(self) -> bool:
        return self.author.endswith(_UNREAD)

    def outcome(self, key: str) -> str:
        """As measure.py counts it."""
        if self.meant is None:
            return "invented" if key else ""
        if not key:
            return "missed"
        return "right" if is_right(self.fact, words_of(self.fact, self.meant), key) else "wrong"


def examples(fact: str) -> list[Example]:
    """All texts with a label for the fact, also those without any candidate."""
    return [
        *_of_texts(fact),
        *_of_forms(fact),
        *_of_answers(fact),
        *_of_lines(fact),
        *_of_own_forms(fact),
        *_of_replies(fact),
    ]


@cache
def authors() -> dict[str, str]:
    """By the text's id whose it is: en_first, hans_fifth …"""
    found = {}
    for path in sorted(_BUILD.glob("*.yaml")):
        for entry in from_yaml(path.read_text("utf-8")):
            found[str(entry.get("id") or f"cfpb-{entry['line']}")] = (
                path.stem if "_" in path.stem else f"{path.stem}_first"
            )
    return found


def _of_texts(fact: str) -> Iterator[Example]:
    author = authors()
    for text in labelled("build"):
        meant = stated(text).get(fact)
        if text.has_facts and (meant is not None or not may_hold(text, fact)):
            yield _example(author[text.id], fact, Told(text.text, text.region), meant)


def _of_forms(fact: str) -> Iterator[Example]:
    for file, form in forms():
        if form.fact == fact:
            author = f"{file}_{_UNREAD if form.is_unread else _FORMS}"
            yield _example(author, fact, Told(form.text, form.region, form.asked, alone=False), form.meant)


def _of_answers(fact: str) -> Iterator[Example]:
    for answer in answers():
        if (
            answer.asked == fact
            and not answer.is_unread
            and answer.means in ("value", "unknown", "none", "told", "refuses")
        ):
            yield _example(
                _FORMS, fact, Told(answer.text, answer.region, (fact,), alone=False), answer.values.get(fact)
            )


def _of_lines(fact: str) -> Iterator[Example]:
    """The lines written for it: region, sum, day and text; "-" where none is stated."""
    place = {"amount": 1, "occurred_on": 2}.get(fact, 0)
    for path in sorted(_OWN.glob("chosen_*.txt")) if place else ():
        for line in path.read_text("utf-8").splitlines():
            if not line.startswith("#"):
                region, *values, text = line.split(" | ", 3)
                meant = None if values[place - 1] == "-" else values[place - 1]
                yield _example(f"{path.stem}_own", fact, Told(text, region), meant)


def _of_own_forms(fact: str) -> Iterator[Example]:
    """The lines written for it as forms are: names.yaml."""
    path = _OWN / f"{fact}s.yaml"
    for entry in from_yaml(path.read_text("utf-8")) if path.exists() else ():
        told = Told(entry["text"], entry["region"], tuple(entry.get("asked", ())))
        yield _example(f"{path.stem}_own", fact, told, entry[fact])


def _of_replies(fact: str) -> Iterator[Example]:
    """Answers that give nothing (train_replies.py), every second as one to the question for the fact: what is no name and no matter.

    Where the rules find something, it may be there.
    """
    for path in sorted(_OWN.glob("replies_*.txt")) if fact in ("name", "about") else ():
        lines = [line[2:] for line in path.read_text("utf-8").splitlines() if line and line[0] not in "#v"][::6]
        for place, line in enumerate(lines):
            region = "GB" if line.isascii() else "CN"
            one = _example(f"{path.stem}_own", fact, Told(line, region, (fact,) if place % 2 else ()), None)
            if not one.ruled and one.considered.candidates:
                yield one


def _example(author: str, fact: str, told: Told, meant: Any) -> Example:
    considered, ruled = READERS[fact](told)
    keys = {one.key for one in considered.candidates}
    right = frozenset(key for key in keys if meant is not None and is_right(fact, words_of(fact, meant), key))
    return Example(author, fact, told.text, meant, considered, ruled, right)


def words_of(fact: str, meant: Any) -> Any:
    """The label as `is_right` takes it: of forms one word stands for a list of them."""
    return [meant] if fact in ("about", "desired_outcome") and isinstance(meant, str) else meant


def trained(fact: str, learned: Sequence[Example]) -> Ranking:
    """A table that tells what is meant in these texts.

    What a rule says of a candidate is heard of every other time only: on the texts that its writers read it is nearly always right, so that
    nothing else would be learned there, and on a stranger's it is not.
    """
    step, decay = _STEPS.get(fact, _STEP), _DECAYS.get(fact, _DECAY)
    weights = _descended([one for one in learned if one.considered.candidates], step, decay)
    told = {name: weight for name, weight in weights.items() if abs(weight) >= _SMALLEST}
    return Ranking(told, _BARS.get(fact, _BAR), _AGREED.get(fact))


@dataclass(frozen=True, slots=True)
class _Numbered:
    """An example with its features as numbers; the last candidate is none."""

    signs: tuple[tuple[int, ...], ...]
    pieces: tuple[tuple[int, ...], ...]
    right: tuple[bool, ...]


def _descended(learned: Sequence[Example], step: float, decay: float) -> dict[str, int]:
    often: Counter[str] = Counter()
    for one in learned:
        often.update({name for candidate in _every(one) for name in (*candidate.signs, *candidate.pieces)})
    names = sorted(name for name, count in often.items() if count >= _OFTEN)
    number = {name: at for at, name in enumerate(names)}
    unruled = {name: at for name, at in number.items() if not name.startswith(RULES)}
    told = [(_as_numbers(one, number), _as_numbers(one, unruled)) for one in learned for _ in range(1 + one.is_fresh)]
    weights, seen = [0.0] * len(names), [1e-2] * len(names)
    chance = random.Random(7)
    for turn in range(_ROUNDS):
        chance.shuffle(told)
        for place, with_and_without in enumerate(told):
            _learn(with_and_without[(place + turn) % 2], weights, seen, step)
        weights = [weight * (1 - decay) for weight in weights]
    return {name: round(weight * UNIT) for name, weight in zip(names, weights, strict=True)}


def _every(one: Example) -> tuple[Candidate, ...]:
    return (*one.considered.candidates, one.considered.none)


def _as_numbers(one: Example, number: dict[str, int]) -> _Numbered:
    every = _every(one)
    return _Numbered(
        tuple(tuple(sorted(number[name] for name in candidate.signs if name in number)) for candidate in every),
        tuple(tuple(sorted(number[name] for name in candidate.pieces if name in number)) for candidate in every),
        tuple(candidate.key in (one.right or {NONE}) for candidate in every),
    )


def _learn(one: _Numbered, weights: list[float], seen: list[float], step: float) -> None:
    scales = [1 / math.sqrt(len(pieces) or 1) for pieces in one.pieces]
    evidences = [
        sum(weights[at] for at in signs) + scale * sum(weights[at] for at in pieces)
        for signs, pieces, scale in zip(one.signs, one.pieces, scales, strict=True)
    ]
    most = max(evidences)
    powers = [math.exp(evidence - most) for evidence in evidences]
    whole = sum(powers)
    of_right = sum(power for power, right in zip(powers, one.right, strict=True) if right)
    for signs, pieces, scale, power, right in zip(one.signs, one.pieces, scales, powers, one.right, strict=True):
        error = (power / of_right if right else 0.0) - power / whole
        if abs(error) < 1e-4:
            continue
        for at in signs:
            seen[at] += error * error
            weights[at] += step * error / math.sqrt(seen[at])
        part = error * scale
        for at in pieces:
            seen[at] += part * part
            weights[at] += step * part / math.sqrt(seen[at])


def as_file(made: Ranking) -> str:
    data = {"bar": made.bar, "weights": made.weights, **({"agreed": made.agreed} if made.agreed else {})}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.replace(',"', ',\n"') + "\n"


def decided(made: Ranking, one: Example) -> str:
    """The key that the table chooses; of what a complaint is about the phrase."""
    if one.fact == "about" and one.considered.candidates:
        return phrase_of(made.chances(one.considered), made.bar, one.ruled)
    place = made.chosen(one.considered)
    return NONE if place is None else one.considered.candidates[place].key


def open_to_learn(every: Iterable[Example]) -> list[Example]:
    return [one for one in every if not one.is_unread]


_OUTCOMES: Final = ("right", "wrong", "missed", "invented")


def _across(fact: str, verbose: bool) -> None:
    """Leaves out one author after the other."""
    every = examples(fact)
    whole: dict[str, Counter[str]] = {"rules": Counter(), "weights": Counter()}
    print(f"{fact}: of those that state one, by whose texts they are (learned from all others)")
    for author in sorted({one.author for one in every}):
        made = trained(fact, [one for one in open_to_learn(every) if one.author != author])
        tried = [one for one in every if one.author == author]
        figures = {
            "rules": Counter(one.outcome(one.ruled) for one in tried),
            "weights": Counter(one.outcome(decided(made, one)) for one in tried),
        }
        reach = sum(bool(one.right) for one in tried)
        print(
            f"{author}: {sum(one.meant is not None for one in tried)} state one, {reach} have it among the candidates"
        )
        for name, figure in figures.items():
            print(f"    {name}: {_figure(figure)}")
            if not author.endswith(_UNREAD):
                whole[name].update(figure)
        if verbose and not author.endswith(_UNREAD):
            _tell(made, tried)
    for name, figure in whole.items():
        print(f"all but those kept unread, {name}: {_figure(figure)}")


def _figure(counted: Counter[str]) -> str:
    return ", ".join(f"{counted[outcome]} {outcome}" for outcome in _OUTCOMES)


def _tell(made: Ranking, tried: Iterable[Example]) -> None:
    for one in tried:
        key = decided(made, one)
        if one.outcome(key) not in ("", "right"):
            chances = made.chances(one.considered)
            said = ", ".join(f"{name or 'none'} {chance:.2f}" for name, chance in chances.items())
            print(
                f"\n{one.author} {one.outcome(key)}: {key!r} (rules {one.ruled!r}), meant {one.meant!r} ({said})\n    {one.text[:500]}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("facts", nargs="*", default=[], metavar="fact", help=f"{', '.join(READERS)} (default: all)")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--across", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true")
    chosen = parser.parse_args()
    for fact in chosen.facts or READERS:
        if chosen.across:
            _across(fact, chosen.verbose)
            continue
        text, file = (
            as_file(trained(fact, open_to_learn(examples(fact)))),
            FOLDER / f"ranking_{fact}.json",
        )
        if chosen.check:
            tell_whether_trained(file, text, f"{fact}: ")
        else:
            file.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
