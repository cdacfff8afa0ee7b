"""Trains the small model behind dialogue/understanding/classifier.py and writes classifier.json.

    python -m tests.dialogue.understanding.train           trains and writes the file
    python -m tests.dialogue.understanding.train --check   trains and says whether the file is what training gives

It learns from labelled/own (lines written for it), the part to build on and narratives that nobody judges by; never from the part to
judge by. Logistic regression over pieces of text by gradient descent, in a fixed order: the same texts give the same file to the byte.
A labelled text says that a signal is there, not where: of each its most telling place is learned from, by what has been learned so far.

Not here: how the model is used (classifier.py), how good it is on texts nobody learned from (measure.py).
"""

from __future__ import annotations

import itertools
import json
import math
import random
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache, lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Final

from case_store.records import MessageKind
from dialogue.understanding import classifier
from dialogue.understanding.classifier import Head
from dialogue.understanding.emotion import said_in
from dialogue.understanding.found import Emotion, Signal
from dialogue.understanding.kinds import kind_by_lists
from dialogue.understanding.signals import keyword_in
from dialogue.understanding.terms import fold
from tests.dialogue.answers import answers
from tests.dialogue.understanding.measure import Labelled, labelled, narratives_to_learn_from
from tests.dialogue.understanding.training import command

FILE: Final = Path(classifier.__file__).with_name("classifier.json")
CATEGORIES: Final = {"s": "service", "p": "product", "v": "violation", "o": "other"}
_OWN: Final = Path(__file__).parent / "labelled" / "own"
_ROUNDS, _PRUNED_AFTER = 24, 12
_STEP, _DECAY = 0.5, 0.05
_OFTEN: Final = 2  # a piece that stands in one example only teaches nothing
_SMALLEST: Final = 0.5  # weights below change nothing and are left out
_SHORTEST_CONCEPT: Final = 2
_NEARLY: Final = 0.01  # an error below this teaches nothing
_RESTS: Final = 2  # rounds that an example sits out after it taught nothing


@dataclass(frozen=True, slots=True)
class Kind:
    """How one signal is learned: the files of lines, the concepts that may speak of it, and when it counts (logits)."""

    lines: str
    concepts: str
    sure: float
    listed: float
    mark: str = "+"
    """The mark of the lines that say it; all others of the files do not."""
    of_texts: bool = True
    """Whether texts that are labelled with it say it in the sense that is learned."""


_ASKING: Final = "self negation quote past now machine contact talk wish money other anger reason detail matter howlong standing erase insult giveup another"

KINDS: Final = {
    Signal.DANGER_TO_LIFE: Kind(
        "danger",
        "height water rail gas blade drug swallow rope cut die over live negation farewell giveaway burden family body emergency threat"
        " joke quote money now self other anger",
        sure=0.6,
        listed=2.0,
    ),
    Signal.WANTS_PERSON: Kind(
        "person",
        "role alive contact talk connect machine wish past asked_me refused negation self now quote other anger money family",
        sure=0.7,
        listed=1.0,
    ),
    Signal.STOLEN_CARD: Kind(
        "stolen",
        "thief firm now machine money self other past family connect wish quote negation emergency contact wait fee",
        sure=-0.9,
        listed=2.5,
    ),
    # why somebody asks: of the house's question, as the script answers it; texts are labelled with any "why"
    Signal.ASKS_WHY: Kind("questions", _ASKING, sure=0.0, listed=4.0, mark="w", of_texts=False),
    Signal.ASKS_STATUS: Kind("questions", _ASKING, sure=-0.25, listed=4.0, mark="s"),
    Signal.ASKS_DATA_HELD: Kind("questions", _ASKING, sure=-0.25, listed=4.0, mark="d"),
    Signal.ASKS_HOW_LONG: Kind("questions", _ASKING, sure=0.0, listed=4.0, mark="l"),
    Signal.ABUSE: Kind("questions", _ASKING, sure=0.0, listed=3.0, mark="h"),
    Signal.WITHDRAWS: Kind("questions", _ASKING, sure=0.25, listed=4.0, mark="x"),
    Signal.ANOTHER_COMPLAINT: Kind("questions", _ASKING, sure=-0.25, listed=4.0, mark="a"),
}
_SAID: Final = ("ordinary", "neutral")  # what is said in conversations: what a list hears there of a question is one
_FILES: Final = ("danger", "person", "stolen", "ordinary", "neutral", "category")
_ANSWERS: Final = ("yes", "fix", "no", "adds", "value", "vague", "unknown", "none", "refuses", "asks", "told", "unsure")
_NO_STORY: Final = "wsdlx"  # marks of questions and the like that tell of nothing
_COMPLAINT_FROM: Final = 1.0
_COMPLAINS: Final = (
    "self negation past money fee wait thief firm leak consent promise collect attitude product role wish reason howlong standing giveup"
    " farewell giveaway die machine talk connect emergency"
)
_FEELS: Final = (
    "anger insult self family die live negation quote past now wait wish fee consent thief burden farewell emergency body joke attitude"
    " promise collect money standing giveup threat refused"
)
_ABOUT: Final = "app terms reward shown protected sold thief firm leak consent promise collect fee wait attitude product role family negation other money past self machine"


def own(name: str) -> list[tuple[str, str]]:
    """The lines of the files of this name with the mark each stands under."""
    lines = [line for path in sorted(_OWN.glob(f"{name}*.txt")) for line in path.read_text("utf-8").splitlines()]
    return [(line[2:], line[0]) for line in lines if line and not line.startswith("#")]


@dataclass
class Lesson:
    """What a head learns from: lines, and texts of which only one place speaks of it (its windows, most of them not)."""

    lines: dict[str, bool] = field(default_factory=dict)
    places: list[list[str]] = field(default_factory=list)


def lesson(signal: Signal, texts: Sequence[Labelled]) -> Lesson:
    """All that a head learns from; what was written for another is no example of this one unless its list knows it."""
    kind, found = KINDS[signal], Lesson()
    for text, mark in own(kind.lines):
        found.lines.setdefault(fold(text).folded, mark == kind.mark)
    for name in _FILES:
        for text, mark in own(name):
            heard = keyword_in(text, signal) is not None
            # complaints of what others did may well tell of a card that is being used
            if mark != "o" and not heard:
                found.lines.setdefault(fold(text).folded, False)
            elif heard and kind.lines == "questions" and name in _SAID:
                found.lines.setdefault(fold(text).folded, True)
    for sentence in [*_narrated(), *(_answered() if kind.lines != "questions" else ())]:
        found.lines.setdefault(sentence, False)
    for one in texts:
        if one.has_facts:
            folded = fold(one.text).folded
            parts = [folded[start:end] for start, end in classifier.windows(folded)]
            if signal in one.signals and parts:
                if kind.of_texts:
                    found.places.append(parts)
            elif signal not in one.signals:
                found.lines.update(dict.fromkeys(parts, False))
    return found


@lru_cache(maxsize=1)
def _narrated() -> list[str]:
    """The sentences of real narratives: no danger to life and no wish for a person."""
    found: dict[str, None] = {}
    for text in narratives_to_learn_from():
        folded = fold(text).folded
        for start, end in classifier.sentences(folded):
            sentence = folded[start:end]
            if (
                keyword_in(sentence, Signal.DANGER_TO_LIFE) is None
                and keyword_in(sentence, Signal.WANTS_PERSON) is None
            ):
                found[sentence] = None
    return list(found)


@lru_cache(maxsize=1)
def _answered() -> list[str]:
    """Answers to the bot's questions that mean an answer and nothing grave; of those kept unread nothing is learned."""
    folded = (fold(one.text).folded for one in answers() if one.means in _ANSWERS and not one.is_unread)
    grave = (Signal.DANGER_TO_LIFE, Signal.WANTS_PERSON, Signal.STOLEN_CARD)
    return [text for text in folded if all(keyword_in(text, signal) is None for signal in grave)]


@cache
def _all_pieces(text: str) -> tuple[str, ...]:
    """The pieces of a text in a fixed order, each kept once however many texts it stands in."""
    return tuple(map(sys.intern, sorted(classifier.pieces_of(text))))


@cache
def _is_of(piece: str, concepts: str) -> bool:
    """Whether a piece is none of a concept, or of concepts that are named there only."""
    if len(piece) < _SHORTEST_CONCEPT or piece[0] != "@":
        return True
    return set(concepts.split()).issuperset(one.lstrip('"!') for one in piece[1:].split("&"))


@cache
def _pieces(text: str, concepts: str) -> tuple[str, ...]:
    """The pieces in a fixed order, of concepts only those named."""
    return tuple(piece for piece in _all_pieces(text) if piece[0] != "@" or _is_of(piece, concepts))


class Example:
    """The numbered pieces of a text, with a quick way to their weights (most of training is looking them up) and how many rounds it rests."""

    __slots__ = ("_weights_of", "pieces", "rests", "scale")

    def __init__(self, pieces: Sequence[int]) -> None:
        self.pieces = pieces
        self.rests = 0
        self.scale = math.sqrt(len(pieces) or 1)
        self._weights_of = itemgetter(*pieces) if len(pieces) > 1 else None

    def total(self, weights: list[float]) -> float:
        if self._weights_of is None:
            return sum([weights[piece] for piece in self.pieces])
        return float(sum(self._weights_of(weights)))


class Learner:
    """Logistic regression over numbered pieces by gradient descent whose steps shrink as a piece has been learned from."""

    def __init__(self, texts: Iterable[str], concepts: str) -> None:
        often = Counter(itertools.chain.from_iterable(_pieces(text, concepts) for text in texts))
        self.names = sorted(piece for piece, count in often.items() if count >= _OFTEN)
        self._number = {piece: at for at, piece in enumerate(self.names)}
        self._concepts = concepts
        self._weights = [0.0] * len(self.names)
        self._learned = [1e-3] * len(self.names)
        self.bias = 0.0
        self._random = random.Random(7)

    def numbered(self, text: str) -> Example:
        number = self._number
        return Example([number[piece] for piece in _pieces(text, self._concepts) if piece in number])

    def evidence(self, example: Example) -> float:
        return self.bias + example.total(self._weights) / example.scale

    def round(self, examples: Sequence[tuple[Example, bool]]) -> None:
        """Learns once from every example."""
        weights, learned = self._weights, self._learned
        order = list(range(len(examples)))
        self._random.shuffle(order)
        for at in order:
            example, is_there = examples[at]
            if example.rests:
                example.rests -= 1
                continue
            total = max(-30.0, min(30.0, self.bias + example.total(weights) / example.scale))
            error = is_there - 1 / (1 + math.exp(-total))
            if abs(error) < _NEARLY:
                example.rests = _RESTS
                continue
            scale = 1 / example.scale
            self.bias += 0.02 * error
            step, square = _STEP * error * scale, (error * scale) ** 2
            for piece in example.pieces:
                learned[piece] += square
                weights[piece] += step / math.sqrt(learned[piece])
        self._weights = [weight * (1 - _DECAY) for weight in weights]

    def prune(self) -> None:
        """Forgets the pieces that weigh next to nothing."""
        kept = [at for at, weight in enumerate(self._weights) if abs(weight) >= _SMALLEST]
        self.names, self._weights, self._learned = (
            [column[at] for at in kept]
            for column in (self.names, self._weights, self._learned)  # type: ignore[misc]
        )
        self._number = {piece: at for at, piece in enumerate(self.names)}

    def head(self, sure: float = 0.0, listed: float = 0.0) -> Head:
        """As it is shipped, in whole hundredths."""
        weights = {
            piece: round(weight * classifier.UNIT) for piece, weight in zip(self.names, self._weights, strict=True)
        }
        return Head(round(self.bias, 3), weights, sure, listed)


def trained(learned_from: Lesson, concepts: str, *, sure: float = 0.0, listed: float = 0.0) -> Head:
    """A head that tells these examples apart."""
    every = [*learned_from.lines, *(place for places in learned_from.places for place in places)]
    learner = Learner(every, concepts)
    examples, places = _numbered(learner, learned_from)
    for turn in range(_ROUNDS):
        if turn == _PRUNED_AFTER:
            learner.prune()
            examples, places = _numbered(learner, learned_from)
        telling = [(max(parts, key=learner.evidence), True) for parts in places] if turn >= _ROUNDS // 6 else []
        learner.round(examples + telling)
    return learner.head(sure, listed)


def _numbered(learner: Learner, learned_from: Lesson) -> tuple[list[tuple[Example, bool]], list[list[Example]]]:
    examples = [(learner.numbered(text), is_there) for text, is_there in learned_from.lines.items()]
    return examples, [[learner.numbered(part) for part in parts] for parts in learned_from.places]


def signal_head(signal: Signal, texts: Sequence[Labelled]) -> Head:
    kind = KINDS[signal]
    return trained(lesson(signal, texts), kind.concepts, sure=kind.sure, listed=kind.listed)


def category_heads(texts: Sequence[Labelled]) -> dict[str, Head]:
    """One head a category: it against the others."""
    marked = {fold(text).folded: CATEGORIES[mark] for text, mark in own("category")}
    marked |= {
        fold(one.text).folded[: classifier.ABOUT]: one.opinions["category"]
        for one in texts
        if "category" in one.opinions
    }
    return {
        category: trained(Lesson({text: about == category for text, about in marked.items()}), _ABOUT)
        for category in CATEGORIES.values()
    }


def scope_heads(texts: Sequence[Labelled]) -> dict[str, Head]:
    """The head that tells another firm's matter from ours. What our staff or products did is ours; what others did may be either."""
    marked = {fold(text).folded: mark == "+" for text, mark in own("scope")}
    for text, mark in own("category"):
        if mark != "o":
            marked.setdefault(fold(text).folded, False)
    for one in texts:
        if "scope" in one.opinions:
            marked[fold(one.text).folded[: classifier.ABOUT]] = one.opinions["scope"] == "not_ours"
    return {"not_ours": trained(Lesson(marked), _ABOUT)}


def kind_heads(texts: Sequence[Labelled]) -> dict[str, Head]:
    """The head that tells a complaint by its wording. What is said in conversations, or asked of a case, is none by itself."""
    marked: dict[str, bool] = {}
    for name in _SAID:
        for text, _ in own(name):
            if kind_by_lists(text) != MessageKind.COMPLAINT:
                marked.setdefault(fold(text).folded, False)
    for text, mark in own("questions"):
        if mark in _NO_STORY:
            marked.setdefault(fold(text).folded, False)
    marked |= {fold(text).folded: True for text, _ in own("category")}
    marked |= {fold(one.text).folded[: classifier.ABOUT]: one.is_complaint for one in texts}
    return {"complaint": trained(Lesson(marked), _COMPLAINS, sure=_COMPLAINT_FROM)}


def feeling_heads(texts: Sequence[Labelled]) -> dict[str, Head]:
    """One head a feeling: it against the others. What is said in every conversation is calm unless a word says otherwise."""
    marked = {
        fold(one.text).folded[: classifier.ABOUT]: one.opinions["emotion"] for one in texts if "emotion" in one.opinions
    }
    for text, _ in own("ordinary"):
        if said_in(fold(text)).emotion is Emotion.CALM:
            marked.setdefault(fold(text).folded, Emotion.CALM)
    return {
        str(emotion.value): trained(Lesson({text: felt == emotion for text, felt in marked.items()}), _FEELS)
        for emotion in Emotion
    }


def model(texts: Sequence[Labelled] | None = None) -> dict[str, dict[str, Head]]:
    """All heads, by what they are for. They are learned beside each other, in a process a core; none knows of another."""
    texts = labelled("build") if texts is None else texts
    with ProcessPoolExecutor() as beside:
        signals = {str(signal.value): beside.submit(signal_head, signal, texts) for signal in KINDS}
        parts = {
            name: beside.submit(learn, texts)
            for name, learn in (
                ("categories", category_heads),
                ("scopes", scope_heads),
                ("kinds", kind_heads),
                ("feelings", feeling_heads),
            )
        }
        return {
            "signals": {name: head.result() for name, head in signals.items()},
            **{name: heads.result() for name, heads in parts.items()},
        }


def as_file(made: Mapping[str, Mapping[str, Head]]) -> str:
    """The file, as `classifier.from_file` reads it: one line a head and one a piece."""
    heads = [(part, name, made[part][name]) for part in classifier.PARTS for name in sorted(made[part])]
    rows: dict[str, list[int]] = {}
    for place, (_, _, head) in enumerate(heads):
        for piece, weight in head.weights.items():
            rows.setdefault(piece, []).extend((place, weight))
    about = [
        {"of": part, "name": name, "bias": head.bias, "sure": head.sure, "listed": head.listed}
        for part, name, head in heads
    ]
    pieces = ",\n".join(f"{_json(piece)}:{_json(row)}" for piece, row in sorted(rows.items()))
    return '{"heads":[\n' + ",\n".join(map(_json, about)) + '\n],"pieces":{\n' + pieces + "\n}}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    command(__doc__, FILE, lambda: as_file(model()))
