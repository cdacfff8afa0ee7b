"""Digits that stand together in a text, broken or not: where a number among them may begin and end.

Not here: which of them are numbers of whom (checked_numbers.py, telephones.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import accumulate
from typing import Final


class Kind(StrEnum):
    ID = "id_card"
    CARD = "bank_card"
    PHONE = "phone"
    MAIL = "email"


@dataclass(frozen=True, slots=True)
class Found:
    """Where it stands, and how many of its letters and digits are shown at either end."""

    start: int
    end: int
    kind: Kind
    first: int
    last: int


_PART: Final = re.compile(r"[0-9]+")


class Run:
    """Parts of digits with little between them. A number begins where a part begins, and ends where one ends."""

    __slots__ = ("begins", "digits", "lengths", "parts", "plain")

    def __init__(self, plain: str, start: int, end: int) -> None:
        self.plain = plain
        self.parts = [match.span() for match in _PART.finditer(plain, start, end)]
        self.lengths = [last - first for first, last in self.parts]
        self.digits = "".join([plain[first:last] for first, last in self.parts])
        self.begins = dict(zip(accumulate(self.lengths, initial=0), range(len(self.parts) + 1), strict=True))

    def joined_by_dashes(self) -> int:
        """How many parts from the first have nothing between them but a dash."""
        for at, ((_, end), (start, _)) in enumerate(zip(self.parts, self.parts[1:], strict=False), 1):
            if self.plain[end:start] != "-":
                return at
        return len(self.parts)


_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9*-]*[0-9]-$")
"""What begins in a code with letters, as C20261128-000421-4 or a UUID, is the rest of it."""


def is_rest_of_a_code(plain: str, start: int) -> bool:
    return plain[start - 1 : start] == "-" and bool(_CODE.search(plain[max(0, start - 40) : start]))


_MASK_BEFORE: Final = re.compile(r"(?:\*[ \t\n.()、/-]{0,3}){4}$")
"""A mask hides four at least: fewer stars are a bullet, or how somebody writes in bold."""


def is_behind_a_mask(plain: str, start: int) -> bool:
    return "*" in plain[max(0, start - 4) : start] and bool(_MASK_BEFORE.search(plain[max(0, start - 16) : start]))


PROVINCES: Final = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83), (91, 91))
    for code in range(first, last + 1)
)


def is_day(digits: str) -> bool:
    if digits[:2] not in ("18", "19", "20"):
        return False
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return True
