"""Numbers with a check digit: bank cards and identity numbers.

The check lets them be found as people write them: behind a bank's letters, with slashes, over the end of a line.

Not here: identity numbers as they were before there was a check digit (telephones.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Final

from stdnum.iso7064 import mod_11_2

from gateway.digit_runs import PROVINCES, Found, Kind, Run, is_day, is_rest_of_a_code

_WIDE_RUN: Final = re.compile(
    r"[0-9]+(?:(?:[ \t.()、/-]{1,4}|[ \t-]{0,2}\r?\n[ \t>]{0,4})[0-9]+)*(?P<x>[ -]?[Xx](?![A-Za-z0-9]))?"
)
_LETTERS_BEFORE: Final = re.compile(r"[A-Za-z]$")
_MIXED_BEFORE: Final = re.compile(r"[0-9][A-Za-z]{1,24}$")
_MIXED_AFTER: Final = re.compile(r"[A-Za-z]+[0-9]")
"""A digest or a code; letters alone are how a bank's name stands before its card."""
_LEAST: Final = 13


_Sums = tuple[list[int], list[int]]


def checked(plain: str) -> Iterator[Found]:
    """Bank cards, and identity numbers of eighteen digits: the check lets them be written as people do."""
    for match in _WIDE_RUN.finditer(plain):
        start, end = match.span()
        if end - start < _LEAST:
            continue
        run = Run(plain, start, end)
        if len(run.digits) < _LEAST:
            continue
        first = bool(_MIXED_BEFORE.search(plain[max(0, start - 25) : start]))
        last = len(run.parts) - bool(match["x"] is None and _MIXED_AFTER.match(plain, end, end + 25))
        yield from _checked_in(run, range(first, last), _barred(plain, run), match["x"])


def joined(found: Iterable[Found]) -> list[Found]:
    """Of some that lie across each other one is the number; which, nobody can tell: only the end of the last is shown."""
    kept: list[Found] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
        elif one.end > kept[-1].end:
            kept[-1] = Found(kept[-1].start, one.end, kept[-1].kind, 0, 4)
    return kept


def _barred(plain: str, run: Run) -> range:
    """The parts with which no number begins, unless one is a whole number by itself."""
    start = run.parts[0][0]
    if is_rest_of_a_code(plain, start):
        return range(run.joined_by_dashes())
    return range(1, run.joined_by_dashes()) if _LETTERS_BEFORE.search(plain[max(0, start - 1) : start]) else range(0)


def _checked_in(run: Run, within: range, barred: range, x: str | None) -> Iterator[Found]:
    sums: _Sums | None = None
    digits, begins = run.digits, run.begins
    for begin, at in begins.items():
        if at not in within or (at in barred and run.lengths[at] < _LEAST):
            continue
        two = digits[begin : begin + 2]
        found = None
        if two in PROVINCES:
            found = _resident_at(run, begin, at, within.stop, x)
        if found is None and two in _CARD_LENGTHS:
            sums = sums or _luhn_sums(digits)
            found = _card_at(run, begin, at, within.stop, sums)
        if found is not None:
            yield found


def _resident_at(run: Run, begin: int, at: int, last: int, x: str | None) -> Found | None:
    """A resident identity number (GB 11643)."""
    birth = run.digits[begin + 6 : begin + 14]
    if birth[:2] not in ("18", "19", "20") or birth[4:5] not in ("0", "1"):
        return None
    to = run.begins.get(begin + 18)
    if to is not None and to <= last:
        number, end = run.digits[begin : begin + 18], run.parts[to - 1][1]
    elif x is not None and begin + 17 == len(run.digits):
        number, end = f"{run.digits[begin:]}X", run.parts[-1][1] + len(x)
    else:
        return None
    start = run.parts[at][0]
    if not is_day(birth) or not mod_11_2.is_valid(number) or not _on_two_lines_at_most(run.plain, start, end):
        return None
    return Found(start, end, Kind.ID, 3, 4)


def _on_two_lines_at_most(plain: str, start: int, end: int) -> bool:
    return plain.count("\n", start, end) <= 1


_ISSUERS: Final = re.compile(
    r"62[0-9]{11,17}|4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}"
    r"|3[47][0-9]{13}|3(?:0[0-5]|[689][0-9])[0-9]{11}|35(?:2[89]|[3-8][0-9])[0-9]{12}|6(?:011|4[4-9][0-9]|5[0-9]{2}|0[0-9]{2}|[89][0-9]{2})[0-9]{12,15}"
    r"|9(?:0[0-9]|4[0-9]|5[58]|8[0-9])[0-9]{13,16}"
)
"""How numbers of UnionPay, Visa, Mastercard, American Express, Diners, JCB, Discover and of banks' own older cards begin."""
_CARD_LENGTHS: Final[dict[str, tuple[int, ...]]] = {
    "62": (19, 18, 17, 16, 15, 14, 13),
    **{str(two): (19, 16, 13) for two in range(40, 50)},
    **{str(two): (16,) for two in (*range(22, 28), 35, *range(51, 56))},
    **{str(two): (15,) for two in (34, 37)},
    **{str(two): (14,) for two in (30, 36, 38, 39)},
    **{str(two): (19, 18, 17, 16) for two in (60, 64, 65, 68, 69, 90, 94, 95, 98)},
}
"""By the first two digits, how long a number that begins so may be: what can't be a card costs nothing more."""
_LONGEST_GROUP: Final = 8


def _card_at(run: Run, begin: int, at: int, last: int, sums: _Sums) -> Found | None:
    for length in _CARD_LENGTHS[run.digits[begin : begin + 2]]:
        stop = begin + length
        to = run.begins.get(stop)
        if to is None or to > last:
            continue
        of = sums[stop % 2]
        if (of[stop] - of[begin]) % 10 or not _is_written_as_a_card(run, at, to):
            continue
        number = run.digits[begin:stop]
        if _ISSUERS.fullmatch(number) and len(set(number)) > 1:
            return Found(run.parts[at][0], run.parts[to - 1][1], Kind.CARD, 0, 4)
    return None


def _luhn_sums(digits: str) -> _Sums:
    """Luhn's sums up to each place, by whether a number ends behind an even or an odd one.

    Every part of a run may begin a number of any length: adding each up for itself, as a library does, is what a hostile text would have us do.
    """
    plain = [int(digit) for digit in digits]
    double = [2 * digit - 9 * (digit > 4) for digit in plain]
    odd, even = plain.copy(), plain
    odd[1::2], even[::2] = double[1::2], double[::2]
    return list(accumulate(even, initial=0)), list(accumulate(odd, initial=0))


def _is_written_as_a_card(run: Run, at: int, to: int) -> bool:
    if to - at == 1:
        return True
    lengths = run.lengths[at:to]
    longest, start, end = max(lengths), run.parts[at][0], run.parts[to - 1][1]
    if not _on_two_lines_at_most(run.plain, start, end):
        return False
    if longest <= 2 or (longest <= _LONGEST_GROUP and min(lengths[:-1]) >= 3) or lengths in ([6, 13], [6, 10]):
        return True
    return len(lengths) == 2 and "\n" in run.plain[start:end]


# numbers that begin with a letter -----------------------------------------------------------------------------------

_HONG_KONG_ID: Final = re.compile(
    r"(?<![A-Za-z0-9_-])(?P<letters>[A-Za-z]{1,2})(?P<digits>[0-9]{6}) ?(?:\((?P<shut>[0-9Aa])\)|(?P<check>[0-9Aa]))(?![A-Za-z0-9_-])"
)
_TAIWAN_ID: Final = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z][1289A-Da-d][0-9]{8}(?![A-Za-z0-9_-])")
_TAIWAN_LETTERS: Final = dict(zip("ABCDEFGHJKLMNPQRSTUVXYWZIO", range(10, 36), strict=True))


def lettered(plain: str) -> Iterator[Found]:
    for match in _HONG_KONG_ID.finditer(plain):
        letters, digits = match["letters"].upper(), match["digits"]
        check = (match["shut"] or match["check"]).upper()
        if _hong_kong_check(letters, digits) == check:
            yield Found(*match.span(), Kind.ID, 1, 3)
    for match in _TAIWAN_ID.finditer(plain):
        if _is_taiwanese(match[0].upper()):
            yield Found(*match.span(), Kind.ID, 1, 3)


def _hong_kong_check(letters: str, digits: str) -> str:
    values = [36] * (2 - len(letters)) + [ord(letter) - 55 for letter in letters] + [int(digit) for digit in digits]
    rest = -sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True)) % 11
    return "A" if rest == 10 else str(rest)


def _is_taiwanese(number: str) -> bool:
    """A national identity number, or a resident certificate's of either form."""
    first = _TAIWAN_LETTERS[number[0]]
    second = _TAIWAN_LETTERS[number[1]] % 10 if number[1].isalpha() else int(number[1])
    values = [first // 10, first % 10, second, *(int(digit) for digit in number[2:])]
    return (
        sum(value * weight for value, weight in zip(values, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0
    )
