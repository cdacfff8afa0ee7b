"""Every sentence that a customer can read, wherever it is kept: chapter five, the glossary, and the same in three languages."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from case_store.records import Language
from dialogue.glossary import strangers
from dialogue.wording import faults, unequal
from tests.sentences import Sentence, every_sentence


def translations() -> list[tuple[str, Mapping[Language, str]]]:
    """The script's variants stand in no order: tests/dialogue/test_script.py compares those."""
    found: dict[str, dict[Language, str]] = {}
    for sentence in every_sentence():
        if not sentence.where.startswith("script"):
            found.setdefault(sentence.where, {})[sentence.language] = sentence.text
    return list(found.items())


def test_all_that_customers_read_is_here() -> None:
    kinds = {sentence.where.partition(" ")[0] for sentence in every_sentence()}
    assert kinds == {"script", "catalogue", "paper", "page", "messenger", "policy", "canned"}
    assert any(sentence.where.startswith("page widget") for sentence in every_sentence())
    assert any(sentence.cantonese for sentence in every_sentence())


@pytest.mark.parametrize("sentence", every_sentence(), ids=str)
def test_it_keeps_to_chapter_five(sentence: Sentence) -> None:
    assert faults(sentence.text, sentence.language) == []


@pytest.mark.parametrize("sentence", every_sentence(), ids=str)
def test_it_uses_no_other_places_term(sentence: Sentence) -> None:
    found = strangers(sentence.text, sentence.language, cantonese=sentence.cantonese)
    assert found == {}, "write the word on the right instead"


@pytest.mark.parametrize(("where", "texts"), translations())
def test_its_translations_say_the_same(where: str, texts: Mapping[Language, str]) -> None:
    assert set(texts) == set(Language)
    assert unequal(texts) == []
