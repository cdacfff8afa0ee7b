"""Personal numbers in any text: finds identity numbers, bank cards, telephones and mail addresses, and shows them masked.

What is masked has passed a check: an identity number its check digit and a day of birth, a card Luhn and the beginning of an issuer, a telephone
the plan of its country. Order and reference numbers, amounts, days and moments stay as they are. Digits count in any width, broken by blanks
or dashes too; what has a check digit also where a line breaks, behind letters, and with slashes. Of a telephone the four digits before the last four
are hidden, as is usual wherever Chinese is read. What has been masked is not found again, and but for mail addresses a text stays as long as it was:
places in it (evidence.py) still hold.

Anybody can write to us, and masking runs where everybody waits: the work grows as the text does, whatever the text, and the library of
telephone numbers is asked a bounded number of times.

Not here: which answers are masked for whom (api/masks.py), who may see what is (protection_policy.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate
from typing import Final

import phonenumbers
from stdnum.iso7064 import mod_11_2


class Kind(StrEnum):
    ID = "id_card"
    CARD = "bank_card"
    PHONE = "phone"
    MAIL = "email"


EVERYTHING: Final = frozenset(Kind)
NUMBERS: Final = frozenset({Kind.ID, Kind.CARD})
"""What stays masked in an opened case too: who answers a customer needs their telephone, and not their card."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One number, where it stands in the text as it is, and how it is shown."""

    start: int
    end: int
    kind: Kind
    shown: str


def masked(text: str, kinds: frozenset[Kind] = EVERYTHING) -> str:
    """The text with what is personal in it masked, and everything else as it is."""
    return _masked_before(text, kinds) if len(text) <= _REMEMBERED else _masked(text, kinds)


@lru_cache(maxsize=8_192)
def _masked_before(text: str, kinds: frozenset[Kind]) -> str:
    """What was said is looked at again by everybody who opens it, and whenever something is said after it."""
    return _masked(text, kinds)


_REMEMBERED: Final = 1_000  # characters


def _masked(text: str, kinds: frozenset[Kind]) -> str:
    parts: list[str] = []
    at = 0
    for piece in pieces(text, kinds):
        parts += (text[at : piece.start], piece.shown)
        at = piece.end
    return "".join([*parts, text[at:]]) if parts else text


_ROUNDS: Final = 6


def pieces(text: str, kinds: frozenset[Kind] = EVERYTHING) -> list[Piece]:
    """What is personal in it, in the order of the text; none lies in another.

    What stands beside a mask is looked at once more, as it would be by whoever masks what is masked already.
    """
    now, plain, spans = text, _plain(text), dict[tuple[int, int], Kind]()
    plan = _Plan(64 + len(text) // 256)
    for _ in range(_ROUNDS):
        new = [one for one in _found(plain, kinds, plan) if (one.start, one.end) not in spans]
        if not new:
            break
        spans.update({(one.start, one.end): one.kind for one in new})
        now, plain = _hidden(now, plain, new), _hidden(plain, plain, new)
        if all(one.kind is Kind.MAIL for one in new) and not _DIGITS.search(plain):
            break
    return _pieces(now, spans)


@dataclass(frozen=True, slots=True)
class _Found:
    """Where it stands, and how many of its letters and digits are shown at either end."""

    start: int
    end: int
    kind: Kind
    first: int
    last: int


def _found(plain: str, kinds: frozenset[Kind], plan: _Plan) -> list[_Found]:
    where: list[int] = []
    if _NO_WIDTH in plain:
        where = [at for at, char in enumerate(plain) if char != _NO_WIDTH]
        plain = plain.replace(_NO_WIDTH, "")
    found: list[_Found] = []
    if _DIGITS.search(plain):
        checked = _joined(_checked(plain))
        found += [*checked, *_lettered(plain), *_unchecked(_without(plain, checked), kinds, plan)]
    if Kind.MAIL in kinds and "@" in plain:
        found += _mails(plain)
    kept = _apart([one for one in found if one.kind in kinds])
    if where:
        return [_Found(where[one.start], where[one.end - 1] + 1, one.kind, one.first, one.last) for one in kept]
    return kept


def _apart(found: Sequence[_Found]) -> list[_Found]:
    """Of two that lie across each other the longer."""
    kept: list[_Found] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        while kept and one.start < kept[-1].end and one.end - one.start > kept[-1].end - kept[-1].start:
            kept.pop()
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _without(plain: str, found: Sequence[_Found]) -> str:
    parts: list[str] = []
    at = 0
    for one in found:
        parts += (plain[at : one.start], "\n" * (one.end - one.start))
        at = one.end
    return "".join([*parts, plain[at:]])


def _hidden(own: str, plain: str, found: Sequence[_Found]) -> str:
    """As it was written, blanks, dashes and width too: what stands behind it keeps its place."""
    chars = list(own)
    for one in found:
        if one.kind is Kind.MAIL:
            places = list(range(one.start, one.end))
        else:
            places = [at for at in range(one.start, one.end) if plain[at].isalnum()]
        for at in places[one.first : len(places) - one.last]:
            chars[at] = "*"
    return "".join(chars)


def _pieces(now: str, spans: dict[tuple[int, int], Kind]) -> list[Piece]:
    mails = {start: end for (start, end), kind in spans.items() if kind is Kind.MAIL}
    joined: list[tuple[int, int, Kind]] = []
    for (start, end), kind in sorted(spans.items(), key=lambda span: span[0]):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]), joined[-1][2])
        else:
            joined.append((start, end, kind))
    return [Piece(start, end, kind, _shown(now, start, end, mails)) for start, end, kind in joined]


def _shown(now: str, start: int, end: int, mails: dict[int, int]) -> str:
    """A mail address doesn't tell how long it is."""
    parts: list[str] = []
    while start < end:
        stop = next((at for at in range(start, end) if at in mails), end)
        parts.append(now[start:stop])
        start = stop
        if stop < end:
            parts.append(f"{now[stop]}***")
            start = mails[stop]
    return "".join(parts)


# the text as it is looked at --------------------------------------------------------------------------------------

_NO_WIDTH: Final = "\u200b"
_WIDTHS: Final[dict[int, int | str]] = {
    **{0xFF01 + at: 0x21 + at for at in range(94)},  # one character for one: places stay the same
    **dict.fromkeys([0x3000, 0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F], " "),
    **dict.fromkeys([0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF], _NO_WIDTH),
    **dict.fromkeys(map(ord, "‐‑‒–—―−－"), "-"),
    **dict.fromkeys(map(ord, "·・•、，"), "、"),
}
_ENTITY: Final = re.compile(
    r"&(?:(?P<blank>nbsp|ensp|emsp|thinsp|#160|#xa0)|zwj|zwnj|shy|#820[345]|#8288|#65279|#x200[bcd]|#x2060|#xfeff);",
    re.IGNORECASE,
)


def _plain(text: str) -> str:
    plain = text if text.isascii() else text.translate(_WIDTHS)
    return _ENTITY.sub(_as_blank, plain) if "&" in plain else plain


def _as_blank(entity: re.Match[str]) -> str:
    blank = " " if entity["blank"] else _NO_WIDTH
    return blank + _NO_WIDTH * (len(entity[0]) - 1)


_DIGITS: Final = re.compile(r"(?:[0-9][^0-9]*+){6}")
"""As many as the shortest number has, an identity card of Hong Kong whose check digit is a letter. Most of what is said has fewer."""

# runs of digits ---------------------------------------------------------------------------------------------------

_PART: Final = re.compile(r"[0-9]+")


class _Run:
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


def _is_rest_of_a_code(plain: str, start: int) -> bool:
    return plain[start - 1 : start] == "-" and bool(_CODE.search(plain[max(0, start - 40) : start]))


_MASK_BEFORE: Final = re.compile(r"(?:\*[ \t\n.()、/-]{0,3}){4}$")
"""A mask hides four at least: fewer stars are a bullet, or how somebody writes in bold."""


def _is_behind_a_mask(plain: str, start: int) -> bool:
    return "*" in plain[max(0, start - 4) : start] and bool(_MASK_BEFORE.search(plain[max(0, start - 16) : start]))


# numbers with a check digit ---------------------------------------------------------------------------------------

_WIDE_RUN: Final = re.compile(
    r"[0-9]+(?:(?:[ \t.()、/-]{1,4}|[ \t-]{0,2}\r?\n[ \t>]{0,4})[0-9]+)*(?P<x>[ -]?[Xx](?![A-Za-z0-9]))?"
)
_LETTERS_BEFORE: Final = re.compile(r"[A-Za-z]$")
_MIXED_BEFORE: Final = re.compile(r"[0-9][A-Za-z]{1,24}$")
_MIXED_AFTER: Final = re.compile(r"[A-Za-z]+[0-9]")
"""A digest or a code; letters alone are how a bank's name stands before its card."""
_LEAST: Final = 13


_Sums = tuple[list[int], list[int]]


def _checked(plain: str) -> Iterator[_Found]:
    """Bank cards, and identity numbers of eighteen digits: the check lets them be written as people do."""
    for match in _WIDE_RUN.finditer(plain):
        start, end = match.span()
        if end - start < _LEAST:
            continue
        run = _Run(plain, start, end)
        if len(run.digits) < _LEAST:
            continue
        first = bool(_MIXED_BEFORE.search(plain[max(0, start - 25) : start]))
        last = len(run.parts) - bool(match["x"] is None and _MIXED_AFTER.match(plain, end, end + 25))
        yield from _checked_in(run, range(first, last), _barred(plain, run), match["x"])


def _joined(found: Iterable[_Found]) -> list[_Found]:
    """Of some that lie across each other one is the number; which, nobody can tell: only the end of the last is shown."""
    joined: list[_Found] = []
    for one in found:
        if not joined or one.start >= joined[-1].end:
            joined.append(one)
        elif one.end > joined[-1].end:
            joined[-1] = _Found(joined[-1].start, one.end, joined[-1].kind, 0, 4)
    return joined


def _barred(plain: str, run: _Run) -> range:
    """The parts with which no number begins, unless one is a whole number by itself."""
    start = run.parts[0][0]
    if _is_rest_of_a_code(plain, start):
        return range(run.joined_by_dashes())
    return range(1, run.joined_by_dashes()) if _LETTERS_BEFORE.search(plain[max(0, start - 1) : start]) else range(0)


def _checked_in(run: _Run, within: range, barred: range, x: str | None) -> Iterator[_Found]:
    sums: _Sums | None = None
    digits, begins = run.digits, run.begins
    for begin, at in begins.items():
        if at not in within or (at in barred and run.lengths[at] < _LEAST):
            continue
        two = digits[begin : begin + 2]
        found = None
        if two in _PROVINCES:
            found = _resident_at(run, begin, at, within.stop, x)
        if found is None and two in _CARD_LENGTHS:
            sums = sums or _luhn_sums(digits)
            found = _card_at(run, begin, at, within.stop, sums)
        if found is not None:
            yield found


_PROVINCES: Final = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83), (91, 91))
    for code in range(first, last + 1)
)


def _resident_at(run: _Run, begin: int, at: int, last: int, x: str | None) -> _Found | None:
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
    if not _is_day(birth) or not mod_11_2.is_valid(number) or not _on_two_lines_at_most(run.plain, start, end):
        return None
    return _Found(start, end, Kind.ID, 3, 4)


def _on_two_lines_at_most(plain: str, start: int, end: int) -> bool:
    return plain.count("\n", start, end) <= 1


def _is_day(digits: str) -> bool:
    if digits[:2] not in ("18", "19", "20"):
        return False
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return True


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


def _card_at(run: _Run, begin: int, at: int, last: int, sums: _Sums) -> _Found | None:
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
            return _Found(run.parts[at][0], run.parts[to - 1][1], Kind.CARD, 0, 4)
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


def _is_written_as_a_card(run: _Run, at: int, to: int) -> bool:
    if to - at == 1:
        return True
    lengths = run.lengths[at:to]
    longest, start, end = max(lengths), run.parts[at][0], run.parts[to - 1][1]
    if not _on_two_lines_at_most(run.plain, start, end):
        return False
    if longest <= 2 or (longest <= _LONGEST_GROUP and min(lengths[:-1]) >= 3) or lengths in ([6, 13], [6, 10]):
        return True
    return len(lengths) == 2 and "\n" in run.plain[start:end]


# numbers without --------------------------------------------------------------------------------------------------

_RUN: Final = re.compile(r"(?<![A-Za-z0-9_])[0-9]+(?:[ .()、-]{1,2}[0-9]+)*(?![A-Za-z0-9_])")
_MONEY_BEFORE: Final = re.compile(r"[¥￥$€£]\s?$|\b(?:CNY|RMB|HKD|TWD|USD|EUR|GBP|HK|NT)\$?\s?$")
_MONEY_AFTER: Final = re.compile(
    r"\s?(?:元|圆|圓|块|塊|万|萬|亿|億|蚊|%|人民币|人民幣|港币|港幣|美元|台币|台幣|yuan\b|dollars?\b)|[.,][0-9]",
    re.IGNORECASE,
)
_OTHER_NUMBER: Final = re.compile(
    r"(?:订单|訂單|单号|單號|流水|编号|編號|运单|運單|参考号|參考編號|保单|保單|合同|合約|工号|\b(?:order|invoice|transaction|ref(?:erence)?|policy)\b)"
    r"[^0-9@,.。;；!?\n]{0,10}$",
    re.IGNORECASE,
)
_CALL: Final = re.compile(
    r"(?:电话|電話|手机|手機|手提|座机|座機|联系|聯繫|联络|聯絡|致电|致電|回电|回電|微信|打给|打給|号码|號碼|call|tel|phone|mobile|cell|whatsapp|contact)"
    r"[^0-9@*.。;；!?\n]{0,14}$",
    re.IGNORECASE,
)


def _unchecked(plain: str, kinds: frozenset[Kind], plan: _Plan) -> Iterator[_Found]:
    """Telephones, and identity numbers as they were before 1999."""
    if kinds.isdisjoint((Kind.ID, Kind.PHONE)):
        return
    for match in _RUN.finditer(plain):
        start, end = match.span()
        if end - start < 7:
            continue
        run = _Run(plain, start, end)
        if len(run.digits) >= 7:
            yield from _unchecked_in(run, plan if Kind.PHONE in kinds else None)


def _unchecked_in(run: _Run, plan: _Plan | None) -> Iterator[_Found]:
    first = run.parts[0][0]
    free = _of_a_mask(run)
    if _is_rest_of_a_code(run.plain, first):
        free = max(free, run.joined_by_dashes())
    for begin, at in run.begins.items():
        two = run.digits[begin : begin + 2]
        if at < free or not (at == 0 or two in _PROVINCES or two in _HOME_LENGTHS):
            continue
        to = _old_resident_at(run, begin, at) if two in _PROVINCES else None
        if to is not None:
            yield _Found(run.parts[at][0], run.parts[to - 1][1], Kind.ID, 3, 4)
        elif plan is not None:
            to = _phone_at(run, begin, at, plan)
            if to is not None:
                shown = max(0, sum(run.lengths[at:to]) - 8)
                yield _Found(_with_bracket(run, at, to), run.parts[to - 1][1], Kind.PHONE, shown, 4)
        free = to or free


def _of_a_mask(run: _Run) -> int:
    """How many parts of a run are what a mask before it left to be seen."""
    if not _is_behind_a_mask(run.plain, run.parts[0][0]):
        return 0
    return sum(1 for digits in accumulate(run.lengths) if digits <= 4)


def _with_bracket(run: _Run, at: int, to: int) -> int:
    start, written = run.parts[at][0], run.plain[run.parts[at][0] : run.parts[to - 1][1]]
    return start - (")" in written and "(" not in written and run.plain[start - 1 : start] == "(")


def _old_resident_at(run: _Run, begin: int, at: int) -> int | None:
    to = run.begins.get(begin + 15)
    digits = run.digits
    if to is None or not _is_day(f"19{digits[begin + 6 : begin + 12]}"):
        return None
    return None if _OTHER_NUMBER.search(_before(run, at)) else to


def _before(run: _Run, at: int) -> str:
    start = run.parts[at][0]
    return run.plain[max(0, start - 24) : start]


# telephones ---------------------------------------------------------------------------------------------------------


class _Plan:
    """What the library knows of the world's telephone numbers. It takes long to ask: whoever makes us ask too often in one text is believed."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._told: dict[tuple[str, str | None], bool] = {}

    def has(self, number: str, region: str | None) -> bool:
        told = self._told.get((number, region))
        if told is None:
            told = len(self._told) >= self._most or _is_possible(number, region)
            if len(self._told) < self._most:
                self._told[number, region] = told
        return told


def _is_possible(number: str, region: str | None) -> bool:
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(parsed) or (region is None and phonenumbers.is_possible_number(parsed))


_PLUS: Final = re.compile(r"\+ ?\(?$")
_MOBILE: Final = re.compile(r"(?:(?:00)?86)?1[3-9][0-9]{9}")
_TAIWAN_MOBILE: Final = re.compile(r"09[0-9]{8}")
_BRITISH_MOBILE: Final = re.compile(r"07[0-9]{9}")
_HONG_KONG: Final = ([8], [4, 4], [3, 8], [3, 4, 4], [11])
_PLUS_LENGTHS: Final = tuple(range(15, 6, -1))
_HOME_LENGTHS: Final[dict[str, tuple[int, ...]]] = {
    "00": (15,),
    **{f"0{digit}": (12, 11, 10, 9) for digit in range(1, 10)},
    **{f"1{digit}": (11,) for digit in range(3, 10)},
    **{str(two): (8,) for two in range(20, 100)},
    "85": (11, 8),
    "86": (13, 8),
}
"""By the first two digits, how many a number as it is written at home may have."""


def _phone_at(run: _Run, begin: int, at: int, plan: _Plan) -> int | None:
    """Where the longest telephone number ends that begins with this part."""
    plus = at == 0 and bool(_PLUS.search(_before(run, at)))
    for length in _PLUS_LENGTHS if plus else _HOME_LENGTHS.get(run.digits[begin : begin + 2], ()):
        to = run.begins.get(begin + length)
        if to is None:
            continue
        digits = run.digits[begin : begin + length]
        if plus:
            if not _is_money(run, at, to) and plan.has(f"+{digits}", None):
                return to
        elif _is_home(digits, run, at, to, plan):
            return to
    return None


def _is_money(run: _Run, at: int, to: int) -> bool:
    end = run.parts[to - 1][1]
    return bool(_MONEY_BEFORE.search(_before(run, at)) or _MONEY_AFTER.match(run.plain[end : end + 6]))


def _is_home(digits: str, run: _Run, at: int, to: int, plan: _Plan) -> bool:
    """Whether it is a number as it is written at home: in mainland China, Taiwan, Hong Kong or Britain."""
    regions = _regions(digits, run.lengths[at:to], run, at)
    if regions is None or _is_money(run, at, to) or _OTHER_NUMBER.search(_before(run, at)):
        return False
    number = digits[-8:] if regions == ("HK",) else digits
    return not regions or any(plan.has(number, region) for region in regions)


def _regions(digits: str, lengths: Sequence[int], run: _Run, at: int) -> tuple[str, ...] | None:
    """In whose plans it has to be; in none a mobile of the mainland, which looks like nothing else."""
    if len(lengths) > 3 and max(lengths) > 2:
        lengths = lengths[1:] if digits.startswith(("86", "0086")) else lengths
        if len(lengths) > 3:
            return None
    if digits[0] == "0" and digits[1] != "0":
        if _TAIWAN_MOBILE.fullmatch(digits):
            return "TW", "CN"
        if _BRITISH_MOBILE.fullmatch(digits):
            return "GB", "CN"
        return ("CN", "TW") if len(lengths) <= 3 else None
    if _MOBILE.fullmatch(digits):
        return ()
    if lengths in _HONG_KONG and len(digits) in (8, 11) and digits[-8] > "1":
        told = len(digits) == 11 and digits.startswith("852")
        if told or (len(digits) == 8 and _CALL.search(_before(run, at)) and not _is_day(digits)):
            return ("HK",)
    return None


# numbers that begin with a letter -----------------------------------------------------------------------------------

_HONG_KONG_ID: Final = re.compile(
    r"(?<![A-Za-z0-9_-])(?P<letters>[A-Za-z]{1,2})(?P<digits>[0-9]{6}) ?(?:\((?P<shut>[0-9Aa])\)|(?P<check>[0-9Aa]))(?![A-Za-z0-9_-])"
)
_TAIWAN_ID: Final = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z][1289A-Da-d][0-9]{8}(?![A-Za-z0-9_-])")
_TAIWAN_LETTERS: Final = dict(zip("ABCDEFGHJKLMNPQRSTUVXYWZIO", range(10, 36), strict=True))


def _lettered(plain: str) -> Iterator[_Found]:
    for match in _HONG_KONG_ID.finditer(plain):
        letters, digits = match["letters"].upper(), match["digits"]
        check = (match["shut"] or match["check"]).upper()
        if _hong_kong_check(letters, digits) == check:
            yield _Found(*match.span(), Kind.ID, 1, 3)
    for match in _TAIWAN_ID.finditer(plain):
        if _is_taiwanese(match[0].upper()):
            yield _Found(*match.span(), Kind.ID, 1, 3)


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


# mail addresses -----------------------------------------------------------------------------------------------------

_MAIL: Final = re.compile(
    r"(?<![A-Za-z0-9.!#$%&'+/=?^_{|}~-])(?P<local>[A-Za-z0-9.!#$%&'+/=?^_{|}~-]{1,64})@(?=[^\s@.]{1,63}(?:\.[^\s@.]{1,63})?)"
)
_CHINESE_MAIL: Final = re.compile(r"@(?=[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,3}\.[A-Za-z]{2})")
_CHINESE: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]{1,4}$")
"""As many as a name has: where the sentence before it ends can't be seen."""
_LEFT_OF_A_MASK: Final = re.compile(r"[0-9]{1,4}|[0-9]{1,3}[Xx]")


def _mails(plain: str) -> Iterator[_Found]:
    for match in _MAIL.finditer(plain):
        start, end = match.span("local")
        if not (_LEFT_OF_A_MASK.fullmatch(plain, start, end) and _is_behind_a_mask(plain, start)):
            yield _Found(start, end, Kind.MAIL, 1, 0)
    for match in _CHINESE_MAIL.finditer(plain):
        at = match.start()
        local = _CHINESE.search(plain[max(0, at - 4) : at])
        if local:
            yield _Found(at - len(local[0]), at, Kind.MAIL, 1, 0)
