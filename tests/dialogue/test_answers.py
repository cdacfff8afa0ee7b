"""How often people's own answers to a question and to the read-back are understood: the figures that were reached, as a floor.

Of the answers kept unread nothing but figures may be looked at (answers.py). What somebody objects to, asks about or puts right must
not be registered: those figures are ceilings.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from tests.dialogue.answers import answers, is_understood, outcome

UNDERSTOOD = {
    ("asked_en", "read"): 92, ("asked_en", "unread"): 40,
    ("asked_hans", "read"): 85, ("asked_hans", "unread"): 43,
    ("asked_hant", "read"): 98, ("asked_hant", "unread"): 39,
    ("readback_en", "read"): 106, ("readback_en", "unread"): 28,
    ("readback_hans", "read"): 97, ("readback_hans", "unread"): 34,
    ("readback_hant", "read"): 91, ("readback_hant", "unread"): 42,
}  # fmt: skip
"""Answers understood, by file and part."""

FALSE_YES = {"read": 0, "unread": 1}
"""Answers registered that were no yes."""


@cache
def _figures() -> tuple[Counter[tuple[str, str]], Counter[str]]:
    understood, false_yes = Counter[tuple[str, str]](), Counter[str]()
    for answer in answers():
        part, found = "unread" if answer.is_unread else "read", outcome(answer)
        understood[answer.file, part] += is_understood(answer, found)
        false_yes[part] += found.does == "yes" and answer.means != "yes"
    return understood, false_yes


@pytest.mark.parametrize(("file", "part"), UNDERSTOOD)
def test_answers_are_understood_as_often_as_measured(file: str, part: str) -> None:
    assert _figures()[0][file, part] >= UNDERSTOOD[file, part]


@pytest.mark.parametrize("part", FALSE_YES)
def test_nothing_is_registered_that_was_no_yes(part: str) -> None:
    assert _figures()[1][part] <= FALSE_YES[part]
