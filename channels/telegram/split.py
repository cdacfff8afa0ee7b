"""Long texts in pieces that Telegram takes, cut where a reader would pause.

Telegram allows 4,096 characters and counts them in UTF-16, as it does in its entities: an emoji is two.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 4096

# the first of these that leaves a piece of some length is taken: paragraph, line, sentence, word
_BORDERS: Final = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[。！？!?；;])|(?<=\.)(?=\s)"),
    re.compile(r"(?<=[，,、])|\s"),
)


def length(text: str) -> int:
    """In UTF-16 code units."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def split(text: str, longest: int = LONGEST) -> list[str]:
    """The text in pieces of at most `longest`, none of them empty; whatever is not blank space stands in one of them."""
    pieces = []
    rest = text.strip()
    while length(rest) > longest:
        cut = _cut(rest, longest)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest else pieces


def _cut(text: str, longest: int) -> int:
    """Where to cut: the last border within the limit that leaves no tiny piece before it, or the limit itself."""
    most = _fitting(text, longest)
    for border in _BORDERS:
        cuts = [found.start() for found in border.finditer(text, 0, most + 1) if found.start() <= most]
        if cuts and cuts[-1] > most // 4:
            return cuts[-1]
    return most


def _fitting(text: str, longest: int) -> int:
    """How many characters of the text, from its beginning, have at most this length."""
    most, units = 0, 0
    for letter in text:
        units += 2 if letter > "\uffff" else 1
        if units > longest:
            break
        most += 1
    return most
