"""How many ways of saying one fact are read: the figures that were reached, as a floor.

Of the lines kept unread nothing but figures may be looked at (forms.py).
"""

from __future__ import annotations

from functools import cache

import pytest

from tests.dialogue.understanding.forms import count

READ = {
    "abouts_en": (55, 23),
    "abouts_hans": (53, 28),
    "abouts_hant": (58, 23),
    "days_en": (107, 45),
    "days_hans": (90, 27),
    "days_hant": (91, 34),
    "mixed_en": (57, 24),
    "mixed_hans": (63, 33),
    "mixed_hant": (69, 27),
    "names_en": (66, 29),
    "names_hans": (72, 25),
    "names_hant": (71, 30),
    "sums_en": (90, 34),
    "sums_hans": (77, 45),
    "sums_hant": (76, 49),
    "wishes_en": (59, 23),
    "wishes_hans": (63, 21),
    "wishes_hant": (53, 31),
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
