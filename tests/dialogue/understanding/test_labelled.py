"""How well labelled texts are understood: the figures that were reached, as a floor. docs/understanding.md tells what they mean.

Of the part to judge by nothing but figures may be looked at: whoever makes one of these fail finds the cause on the part to
build on, or in the language, never by reading what failed.
"""

from functools import lru_cache
from typing import Final

import pytest

from tests.dialogue.understanding import train
from tests.dialogue.understanding.measure import PARTS, Tally, floors, labelled, measure, shared_narratives

FLOORS: Final = floors()


@lru_cache(maxsize=2)
def figures(part: str) -> Tally:
    if not shared_narratives():
        pytest.skip("the shared narratives are not here")
    return measure(labelled(part))


def test_three_hundred_texts_in_three_languages() -> None:
    parts = {part: labelled(part) for part in PARTS}
    assert sum(map(len, parts.values())) >= (600 if shared_narratives() else 500)
    for part in parts.values():
        assert {text.language for text in part} == {"zh-Hans", "zh-Hant", "en"}
    built_on = {text.text for text in parts["build"]}
    assert not [text.id for text in parts["judge"] if text.text in built_on], "never tell a text to judge by"


def _floors(kind: str) -> list[tuple[str, str]]:
    return [(part, name) for part, kinds in FLOORS.items() for name in kinds[kind]]


@pytest.mark.parametrize(("part", "name"), _floors("opinions"))
def test_opinions_are_right_as_often_as_measured(part: str, name: str) -> None:
    assert figures(part).opinions[name, True] >= FLOORS[part]["opinions"][name]["right"]


@pytest.mark.parametrize(("part", "fact"), _floors("facts"))
def test_facts_are_right_as_often_and_invented_as_seldom_as_measured(part: str, fact: str) -> None:
    floor, got = FLOORS[part]["facts"][fact], figures(part).facts
    assert got[fact, "right"] >= floor["right"]
    assert got[fact, "wrong"] <= floor["wrong"]
    assert got[fact, "invented"] <= floor["invented"]


@pytest.mark.parametrize(("part", "signal"), _floors("signals"))
def test_signals_are_heard_as_often_and_falsely_as_seldom_as_measured(part: str, signal: str) -> None:
    floor, got = FLOORS[part]["signals"][signal], figures(part).signals
    assert got[signal, "hit"] >= floor["hit"]
    assert got[signal, "false"] <= floor["false"]


@pytest.mark.slow
def test_training_gives_the_table_that_is_shipped() -> None:
    if not shared_narratives():
        pytest.skip("the shared narratives are not here")
    assert train.as_file(train.model()) == train.FILE.read_text("utf-8")
