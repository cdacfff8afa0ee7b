"""How well labelled texts are understood: the figures that were reached, as a floor. docs/understanding.md tells what they mean.

Of the part to judge by nothing but figures may be looked at: whoever makes one of these fail finds the cause on the part to
build on, or in the language, never by reading what failed.
"""

from functools import lru_cache

import pytest

from tests.dialogue.understanding import train
from tests.dialogue.understanding.measure import Tally, labelled, measure, shared_narratives

OPINIONS: dict[str, dict[str, int]] = {
    "build": {
        "language": 146,
        "kind": 149,
        "category": 121,
        "scope": 127,
        "risk": 135,
        "disposition": 104,
        "emotion": 116,
    },
    "judge": {
        "language": 300,
        "kind": 257,
        "category": 158,
        "scope": 252,
        "risk": 216,
        "disposition": 156,
        "emotion": 113,
    },
}
# right, wrong, invented
FACTS: dict[str, dict[str, tuple[int, int, int]]] = {
    "build": {
        "name": (39, 1, 0),
        "contact": (23, 1, 0),
        "occurred_on": (64, 1, 5),
        "amount": (57, 5, 8),
        "about": (102, 13, 0),
        "desired_outcome": (69, 0, 6),
    },
    "judge": {
        "name": (69, 2, 2),
        "contact": (51, 3, 5),
        "occurred_on": (111, 19, 26),
        "amount": (108, 22, 15),
        "about": (159, 62, 0),
        "desired_outcome": (69, 3, 10),
    },
}
# heard, falsely heard
SIGNALS: dict[str, dict[str, tuple[int, int]]] = {
    "build": {
        "danger_to_life": (15, 0),
        "wants_person": (14, 0),
        "stolen_card": (8, 0),
        "abuse": (3, 0),
        "withdraws": (2, 0),
        "asks_status": (3, 0),
        "asks_data_held": (2, 0),
        "asks_why": (4, 0),
        "asks_how_long": (2, 0),
        "another_complaint": (2, 0),
    },
    "judge": {
        "danger_to_life": (34, 17),
        "wants_person": (28, 12),
        "stolen_card": (9, 5),
        "abuse": (0, 1),
        "withdraws": (1, 0),
        "asks_status": (3, 0),
        "asks_data_held": (3, 0),
        "asks_why": (2, 0),
        "asks_how_long": (4, 0),
        "another_complaint": (3, 0),
    },
}


@lru_cache(maxsize=2)
def figures(part: str) -> Tally:
    if not shared_narratives():
        pytest.skip("the shared narratives are not here")
    return measure(labelled(part))


def test_three_hundred_texts_to_judge_by_in_three_languages() -> None:
    texts = labelled("judge")
    assert len(texts) >= (300 if shared_narratives() else 270)
    assert {text.language for text in texts} == {"zh-Hans", "zh-Hant", "en"}
    assert not {text.text for text in texts} & {text.text for text in labelled("build")}


@pytest.mark.parametrize(("part", "name"), [(part, name) for part, floor in OPINIONS.items() for name in floor])
def test_opinions_are_right_as_often_as_measured(part: str, name: str) -> None:
    assert figures(part).opinions[name, True] >= OPINIONS[part][name]


@pytest.mark.parametrize(("part", "fact"), [(part, fact) for part, floor in FACTS.items() for fact in floor])
def test_facts_are_right_as_often_and_invented_as_seldom_as_measured(part: str, fact: str) -> None:
    right, wrong, invented = FACTS[part][fact]
    got = figures(part).facts
    assert got[fact, "right"] >= right
    assert got[fact, "wrong"] <= wrong
    assert got[fact, "invented"] <= invented


@pytest.mark.parametrize(("part", "signal"), [(part, signal) for part, floor in SIGNALS.items() for signal in floor])
def test_signals_are_heard_as_often_and_falsely_as_seldom_as_measured(part: str, signal: str) -> None:
    hit, false = SIGNALS[part][signal]
    got = figures(part).signals
    assert got[signal, "hit"] >= hit
    assert got[signal, "false"] <= false


@pytest.mark.slow
def test_training_gives_the_table_that_is_shipped() -> None:
    if not shared_narratives():
        pytest.skip("the shared narratives are not here")
    assert train.model() == train.FILE.read_text("utf-8")
