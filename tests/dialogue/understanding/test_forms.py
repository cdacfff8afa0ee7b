"""How many ways of saying one fact are read: the figures that were reached, as a floor.

Of the lines kept unread nothing but figures may be looked at (forms.py).
"""

from __future__ import annotations

from functools import cache

import pytest

from tests.dialogue.understanding.forms import count

READ = {
    "abouts_en": (55, 29),
    "abouts_hans": (53, 32),
    "abouts_hant": (60, 25),
    "days_en": (108, 46),
    "days_hans": (90, 29),
    "days_hant": (91, 34),
    "mixed_en": (74, 26),
    "mixed_hans": (74, 35),
    "mixed_hant": (79, 30),
    "names_en": (68, 32),
    "names_hans": (74, 26),
    "names_hant": (73, 33),
    "sums_en": (90, 36),
    "sums_hans": (77, 46),
    "sums_hant": (76, 49),
    "wishes_en": (59, 24),
    "wishes_hans": (63, 21),
    "wishes_hant": (53, 32),
}  # fmt: skip
"""By file the lines that are read right, and those kept unread that are."""


@cache
def _right() -> dict[tuple[str, bool], int]:
    return {(file, unread): number for (file, outcome, unread), number in count().items() if outcome == "right"}


@pytest.mark.parametrize("file", READ)
def test_ways_of_saying_a_fact_are_read_as_often_as_measured(file: str) -> None:
    read, unread = READ[file]
    assert _right()[file, False] >= read
    assert _right()[file, True] >= unread
