"""Addresses and numbers as English says them aloud: "alan dot burke at example dot org", "oh double seven double oh nine …".

Chinese says how often a digit comes: 四个零.

Not here: those that are written (contacts.py), whose they are (contacts.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from dialogue.understanding.numerals import DIGITS
from dialogue.understanding.plain import Span

_PART = r"[a-z0-9][a-z0-9_+-]{0,40}"
_JOINT = r" (?:dot|point|underscore|dash|hyphen) "
_EMAIL: Final = re.compile(
    rf"\b(?P<user>{_PART}(?:{_JOINT}{_PART}){{0,4}}) at (?P<host>{_PART}(?: dash {_PART})?(?: dot {_PART}){{0,2}} dot (?:com|org|net|edu|info|uk|ie|hk|sg|eu|me|io|cn|tw|de|fr|pl))\b",
    re.IGNORECASE,
)
_JOINTS: Final = {"dot": ".", "point": ".", "underscore": "_", "dash": "-", "hyphen": "-"}

_DIGITS: Final = {
    "oh": "0",
    "o": "0",
    "zero": "0",
    "nought": "0",
    "hundred": "00",  # "oh nine hundred four one two"
    **dict(zip("one two three four five six seven eight nine".split(), "123456789", strict=True)),  # noqa: SIM905
}
_DIGIT = rf"(?:{'|'.join(_DIGITS)}|\d)"
_NUMBER: Final = re.compile(
    rf"\b(?:plus )?(?:(?:(?:double|triple|treble) )?{_DIGIT}[ ,-]+){{6,14}}(?:(?:double|triple|treble) )?{_DIGIT}\b",
    re.IGNORECASE,
)
_HAN = "零〇一二三四五六七八九幺"
_HAN_NUMBER: Final = re.compile(
    rf"(?<![{_HAN}十百千万])(?:(?:[{_HAN}]{{1,4}}|[二两三四五六七八]个[{_HAN}])[,，、 ]{{0,2}}){{3,9}}(?![十百千万])"
)
"""幺三六，四个零，五八二九"""
_HAN_PART: Final = re.compile(rf"(?:(?P<times>[二两三四五六七八])个)?(?P<digit>[{_HAN}])")
_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_TIMES: Final = {"double": 2, "triple": 3, "treble": 3}


def emails_said(text: str) -> Iterator[tuple[Span, str]]:
    """Where each address stands, and the address."""
    for match in _EMAIL.finditer(text):
        words = f"{match['user']} @ {match['host']}".lower().split()
        yield match.span(), "".join(_JOINTS.get(word, word) for word in words)


def numbers_said(text: str) -> Iterator[tuple[Span, str]]:
    """Where each number of at least seven digits stands that is said with words, and its digits."""
    for match in _NUMBER.finditer(text):
        words = re.split(r"[ ,-]+", match[0].lower())
        if all(word.isdigit() for word in words):
            continue
        digits, times = "", 1
        for word in words:
            if word in _TIMES:
                times = _TIMES[word]
            elif word != "plus":
                digits, times = digits + _DIGITS.get(word, word) * times, 1
        yield match.span(), f"+{digits}" if words[0] == "plus" else digits
    if "个" in text:
        yield from _in_han(text)


def _in_han(text: str) -> Iterator[tuple[Span, str]]:
    for match in _HAN_NUMBER.finditer(text):
        digits = "".join(
            str(DIGITS[part["digit"]]) * (DIGITS[part["times"]] if part["times"] else 1)
            for part in _HAN_PART.finditer(match[0])
        )
        if "个" in match[0] and _MOBILE.fullmatch(digits):
            yield match.span(), digits
