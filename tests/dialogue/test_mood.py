"""What a customer felt and wanted: heard turn by turn, with the words, and kept though it is not said again."""

from __future__ import annotations

from typing import Any

import pytest

from case_store.records import Judgement, Opinion
from dialogue.mood import with_mood
from dialogue.understanding.understand import understand
from tests.dialogue.conftest import NOW

JUDGED = Judgement(*(Opinion(name, "words") for name in ("complaint", "service", "ours", "minor", "investigate")), "v1")


def heard(text: str, before: Judgement = JUDGED) -> Judgement:
    return with_mood(JUDGED, understand(text, now=NOW)).after(before)


@pytest.mark.parametrize(
    ("said", "feels", "wants"),
    [
        ("我气死了，转人工", ("angry", "气死"), {"wants_person": "转人工"}),
        ("好擔心啲錢唔見咗", ("worried", "擔心"), {}),
        ("I am furious. How long will this take?", ("angry", "furious"), {"asks_how_long": "How long will"}),
        ("扣了我1800元年费", None, {}),
    ],
)
def test_feeling_and_wish_carry_the_words_that_say_so(said: str, feels: Any, wants: dict[str, str]) -> None:
    found = heard(said)
    assert (found.emotion and (found.emotion.value, found.emotion.evidence)) == feels
    assert {one.value: one.evidence for one in found.intents} == wants
    for one in (*found.intents, *([found.emotion] if found.emotion else [])):
        assert one.evidence in said


def test_what_was_felt_and_wanted_stays_known_when_the_next_words_are_calm() -> None:
    first = heard("我气死了，转人工")
    then = heard("金额是1800元", before=first)
    assert then.emotion == first.emotion
    assert then.intents == first.intents


def test_a_newer_feeling_takes_the_place_of_an_older_one() -> None:
    assert heard("我很担心", before=heard("我气死了")).emotion == Opinion("worried", "said_so", "担心")


def test_a_judgement_kept_before_there_were_feelings_can_be_read() -> None:
    old = {name: value for name, value in JUDGED.to_json().items() if name not in ("emotion", "intents")}
    assert Judgement.from_json(old) == JUDGED
    assert Judgement.from_json(heard("我气死了，转人工").to_json()) == heard("我气死了，转人工")
