"""A text as it is matched: same length as the customer's, with one form for what is written in several.

Full-width characters become half-width and Traditional characters Simplified, one by one, so a pattern is written once and
a place in the plain text is the same place in the customer's own words.

Not here: what is looked for (amounts, dates, people and their neighbours).
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import opencc

MOST: Final = 20_000
"""Characters looked at: a complaint is shorter, and a hostile text must not cost more than one."""

_INVISIBLE: Final = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF, 0xAD])
_WIDE_COMMA: Final = re.compile(r"(?<=[０-９])，(?=[０-９])")
# these stay as they are: between clauses the full-width comma tells a pause from the one inside a number
_KEPT: Final = frozenset("，。、")


@dataclass(frozen=True, slots=True)
class Plain:
    """`own` is what the customer wrote, `plain` the same for matching; both have the same length."""

    own: str
    plain: str


Span = tuple[int, int]


@functools.cache
def _table() -> dict[int, str]:
    han = [chr(code) for code in range(0x4E00, 0xA000)]
    simplified = opencc.OpenCC("t2s").convert("\n".join(han)).split("\n")
    table = {ord(old): new for old, new in zip(han, simplified, strict=True) if old != new and len(new) == 1}
    others = (chr(code) for code in [*range(0xA0, 0x3400), *range(0xF900, 0xFB00), *range(0xFE30, 0xFFF0)])
    for char in others:
        folded = unicodedata.normalize("NFKC", char)
        if folded != char and len(folded) == 1 and char not in _KEPT:
            table[ord(char)] = table.get(ord(folded), folded)
    # the number sign of the plain text is the same whatever dash or quote was at hand
    table |= {ord(dash): "-" for dash in "‐‑‒–—―−﹣－"} | {ord(quote): "'" for quote in "’‘ʼ＇"}
    table |= {ord("妳"): "你", ord("袮"): "你", ord("嗎"): "吗", ord("裏"): "里", ord("摺"): "折"}
    return table


def plain(text: str | Plain) -> Plain:
    """The text made ready to be read; what is beyond `MOST` characters is left out."""
    return text if isinstance(text, Plain) else _made_plain(text[:MOST])


@functools.lru_cache(maxsize=128)
def _made_plain(text: str) -> Plain:
    """Remembered: every reader asks for the same text."""
    own = unicodedata.normalize("NFC", text).translate(_INVISIBLE)[:MOST]
    comma_told = _WIDE_COMMA.sub(",", own) if "，" in own else own
    return Plain(own, comma_told.translate(_table()))


_LETTER_ZERO: Final = re.compile(r"(?<=[\d,.])[oO]+(?![a-zA-Z'])")


def with_zeros(read: Plain) -> Plain:
    """£1,2OO as it was meant."""
    if not _LETTER_ZERO.search(read.plain):
        return read
    return Plain(read.own, _LETTER_ZERO.sub(lambda match: "0" * len(match[0]), read.plain))


def overlaps(start: int, end: int, taken: tuple[Span, ...]) -> bool:
    return any(start < other_end and other_start < end for other_start, other_end in taken)


_BREAK: Final = re.compile(r"[。！？!?;；，、\n]|,(?!\d)|\.(?!\d)|(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")


def clause_around(text: str, start: int, end: int, reach: int) -> tuple[str, str]:
    """The words before and after a place, within its clause and `reach` characters."""
    before = _BREAK.split(text[max(0, start - reach) : start])[-1]
    after = _BREAK.split(text[end : end + reach], maxsplit=1)[0]
    return before, after


_END: Final = re.compile(r"[。！？!?\n]|\.(?!\d)")
_OPENS: Final = "“「『《"
_CLOSES: Final = "”」』》"


def sentence_around(text: str, start: int, end: int, reach: int) -> tuple[str, str]:
    """The words before and after a place, within its sentence (its mark at the end with it) and `reach` characters."""
    before = _END.split(text[max(0, start - reach) : start])[-1]
    after = text[end : end + reach]
    stop = _END.search(after)
    return before, after[: stop.end()] if stop else after


def quoted(text: str, place: int) -> bool:
    """Whether the place stands between quotation marks, within the line."""
    line = text[text.rfind("\n", 0, place) + 1 : place]
    depth = sum(line.count(mark) for mark in _OPENS) - sum(line.count(mark) for mark in _CLOSES)
    return depth > 0 or line.count('"') % 2 == 1


_BLANKS: Final = re.compile(r"\s+")


def tidy(words: str) -> str:
    """Blanks joined, and what dangles at either end taken off."""
    return _BLANKS.sub(" ", words).strip(" \t\n,，。.;；:：、!！~～-—")
