"""A story that grows line by line is found to say what it says when it is read at once."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogue.understanding.terms import Folded, Terms, fold, grown, lists
from tests.yamls import from_yaml

LISTS = [
    terms
    for name, module in (("triage_terms", "dialogue"), ("triage_firms", "dialogue"), ("signals", ""), ("kinds", ""))
    for terms in lists(name, module or "dialogue.understanding").values()
]
_CONVERSATIONS = Path(__file__).parents[2] / "conformance" / "engines" / "conversations"


def _said() -> list[str]:
    turns = (
        turn
        for path in sorted(_CONVERSATIONS.rglob("*.yaml"))
        for conversation in from_yaml(path.read_text("utf-8"))
        for turn in conversation["turns"]
    )
    lines = [turn["customer"] for turn in turns if turn.get("customer")]
    return sorted({str(line) for said in lines for line in (said if isinstance(said, list) else [said])})


SAID = _said()


def found(text: Folded) -> list[list[tuple[str, int, int]]]:
    return [[(hit.words, hit.start, hit.end) for hit in terms.every(text)] for terms in LISTS]


def alone(text: Folded) -> Folded:
    """The same text, of which nothing is known."""
    return replace(text, hits={}, known={})


@pytest.mark.parametrize("seed", range(12))
def test_what_grew_is_found_to_say_what_the_whole_says(seed: int) -> None:
    lines = random.Random(seed).sample(SAID, 40)
    for count in range(1, len(lines) + 1):
        text = "\n".join(lines[:count])
        read = grown(text)
        if count % 3:  # the lists are asked at some turns and not at others
            found(read)
    assert found(read) == found(alone(read))


@given(st.lists(st.text("我要退钱 ，。\nmanager person card ①Ｆ ﬁ", min_size=1, max_size=90), min_size=2, max_size=6))
@settings(max_examples=150, deadline=None)
def test_whatever_is_written_is_where_it_stands_in_the_customers_words(lines: list[str]) -> None:
    for count in range(1, len(lines) + 1):
        read = grown("\n".join(lines[:count]))
        found(read)
    assert found(read) == found(alone(read))
    once = fold("\n".join(lines) + "\n")
    assert (read.folded, read.han, read.latin) == (once.folded[:-1], once.han, once.latin)
    assert (read.origin or tuple(range(len(read.text)))) == (once.origin or tuple(range(len(once.text))))[:-1]


WISH = Terms({"en": "my money back\nspeak to a manager", "zh": "退钱"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("I want my\nmoney back", [], id="two messages make no wish"),
        pytest.param(
            "I have been asking for weeks, and all I want from you now is my\nmoney back.",
            ["my\nmoney back"],
            id="a line that a mail program wrapped goes on",
        ),
        pytest.param("I waited a whole hour in your branch and nobody came to speak to a.\nManager", [], id="a full stop"),
        pytest.param("speak to a manager\n我要退钱\nspeak to a manager", ["speak to a manager", "退钱", "speak to a manager"], id="in the order of the text"),
    ],
)  # fmt: skip
def test_nothing_is_found_across_what_somebody_ended(text: str, words: list[str]) -> None:
    assert [hit.words for hit in WISH.every(fold(text))] == words
    lines = text.split("\n")
    for count in range(1, len(lines) + 1):
        read = grown("\n".join(lines[:count]))
        WISH.first(read)
    assert [hit.words for hit in WISH.every(read)] == words


def test_an_exception_is_kept_over_growth() -> None:
    jump = Terms({"zh": "跳楼", "inside": "跳楼价"})
    grown("跳楼价的理财")
    assert jump.first(grown("跳楼价的理财\n我要投诉")) is None
    assert [hit.start for hit in jump.every(grown("跳楼价的理财\n我要投诉\n我去跳楼"))] == [14]


def test_a_story_that_is_wholly_new_is_read_as_a_new_one() -> None:
    assert WISH.first(grown("我要退钱")) is not None
    assert WISH.first(grown("別的事\n說的是別的")) is None
