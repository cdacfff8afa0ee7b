"""Where lines break: Chinese between any two characters except around certain marks, other scripts between words.

A small part of Unicode's line breaking (UAX #14), as printed Chinese with English words in it needs it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

NOT_FIRST: Final = frozenset("，。、；：？！）】》」』〉〕”’…—％%)]},.;:?!·・～〜")
"""Marks that no line begins with."""
NOT_LAST: Final = frozenset("（【《「『〈〔“‘([{￥¥$€£")
"""Marks that no line ends with."""
_LINE_ENDS: Final = frozenset("\n\r\x0b\x0c\x85\u2028\u2029")
LINE: Final = 20  # plain characters' worth of work
CHANGE: Final = 4
_WIDE: Final = re.compile(
    "[\u2e80-\u303f\u3041-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"
    "\U00020000-\U0003ffff]"
)


def lines(text: str, width: float, width_of: Callable[[str], float]) -> Iterator[str]:
    """The lines that a text takes when none is wider than `width`; `width_of` measures one character."""
    for paragraph in text.split("\n"):
        yield from _lines_of(paragraph, width, width_of)


def _lines_of(paragraph: str, width: float, width_of: Callable[[str], float]) -> Iterator[str]:
    line, used = "", 0.0
    for piece in pieces(paragraph):
        wide = sum(map(width_of, piece.rstrip()))
        if line and used + wide > width:
            yield line.rstrip()
            line, used = "", 0.0
        if wide > width:  # an address of a web page, a row of dots: cut wherever the line is full
            *whole, piece = _cut(piece, width, width_of)
            yield from whole
        line += piece
        used += sum(map(width_of, piece))
    yield line.rstrip()


def _cut(piece: str, width: float, width_of: Callable[[str], float]) -> list[str]:
    cut, used = [""], 0.0
    for character in piece:
        wide = width_of(character)
        if cut[-1] and used + wide > width:
            cut.append("")
            used = 0.0
        cut[-1] += character
        used += wide
    return cut


def fitting(text: str, room: int) -> tuple[str, int]:
    """The beginning of a text whose printing takes no more work than `room` plain characters do, and what it takes.

    A line costs work however short it is, and so does each change of script within one.
    """
    before, work = "", 0
    for at, character in enumerate(text):
        kind = _script(character)
        cost = 1 + (CHANGE if before and kind and kind != before else 0) + (LINE if character in _LINE_ENDS else 0)
        if work + cost > room:
            return text[:at], work
        before, work = kind or before, work + cost
    return text, work


@lru_cache(maxsize=10_000)
def _script(character: str) -> str:
    if character.isspace():
        return ""
    if unicodedata.bidirectional(character) in ("R", "AL", "AN"):
        return "leftward"
    return "wide" if _WIDE.match(character) else "symbol" if character >= "\u2000" else "narrow"


def pieces(text: str) -> Iterator[str]:
    """Parts of a text that stay together, each with the blanks that follow it."""
    piece = ""
    for character in text:
        if piece and _may_break(piece[-1], character):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def _may_break(before: str, after: str) -> bool:
    if after.isspace() or after in NOT_FIRST or before in NOT_LAST:
        return False
    return before.isspace() or bool(_WIDE.match(before) or _WIDE.match(after))
