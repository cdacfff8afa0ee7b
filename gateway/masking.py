"""Personal numbers in any text: finds identity numbers, bank cards, telephones and mail addresses, and shows them masked.

What is masked has passed a check: an identity number its check digit and a day of birth, a card Luhn and the beginning of an issuer, a telephone
the plan of its country. Order and reference numbers, amounts, days and moments stay as they are. Digits count in any width, broken by blanks
or dashes too. Of a telephone the four digits before the last four are hidden, as is usual wherever Chinese is read. What has been masked is not found
again, and but for mail addresses a text stays as long as it was: places in it (evidence.py) still hold.

Not here: which answers are masked for whom (api/masks.py), who may see what is (protection_policy.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final

import phonenumbers
from stdnum import luhn
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


def pieces(text: str, kinds: frozenset[Kind] = EVERYTHING) -> list[Piece]:
    """What is personal in it, in the order of the text; none lies in another."""
    plain = text if text.isascii() else text.translate(_WIDTHS)
    found: list[_Found] = []
    if _DIGITS.search(plain):
        if Kind.ID in kinds:
            found += _lettered(plain)
        found += (one for one in _numbers(plain) if one.kind in kinds)
    if Kind.MAIL in kinds and "@" in plain:
        found += _mails(plain)
    return [Piece(one.start, one.end, one.kind, _shown(text[one.start : one.end], one)) for one in _apart(found)]


@dataclass(frozen=True, slots=True)
class _Found:
    """Where it stands, and how many of its letters and digits are shown at either end."""

    start: int
    end: int
    kind: Kind
    first: int
    last: int


def _shown(own: str, one: _Found) -> str:
    """As it was written, blanks, dashes and width too: what stands behind it keeps its place."""
    if one.kind is Kind.MAIL:
        return f"{own[0]}***"
    places = [at for at, char in enumerate(own) if char.isalnum()]
    hidden = set(places[one.first : len(places) - one.last])
    return "".join("*" if at in hidden else char for at, char in enumerate(own))


def _apart(found: Sequence[_Found]) -> list[_Found]:
    kept: list[_Found] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


_WIDTHS: Final[dict[int, int | str]] = {
    **{0xFF01 + at: 0x21 + at for at in range(94)},  # one character for one: places stay the same
    **dict.fromkeys(map(ord, "\u3000\u00a0\u2002\u2003\u2009\u202f"), " "),
    **dict.fromkeys(map(ord, "‐‑‒–—―−－"), "-"),
    **dict.fromkeys(map(ord, "·・•、，"), "、"),
}
_DIGITS: Final = re.compile(r"(?:[0-9][^0-9]*){6}")
"""As many as the shortest number has, an identity card of Hong Kong whose check digit is a letter. Most of what is said has fewer."""

# numbers that are digits ------------------------------------------------------------------------------------------

_RUN: Final = re.compile(r"(?<![A-Za-z0-9_*])[0-9]+(?:[ .()、-]{1,2}[0-9]+)*[Xx]?(?![A-Za-z0-9_*])")
_PART: Final = re.compile(r"[0-9]+[Xx]?")
_MOST_DIGITS: Final = 19
_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9*-]*[0-9]-$")
"""What begins in a code with letters, as C20261128-000421-4 or a UUID, is the rest of it."""
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


def _numbers(plain: str) -> Iterator[_Found]:
    for run in _RUN.finditer(plain):
        parts = [match.span() for match in _PART.finditer(plain, *run.span())]
        at = _of_a_mask(plain, parts)
        while at < len(parts):
            number, used = _longest(plain, parts, at)
            if number is not None:
                yield number
            at += used


_MASK_BEFORE: Final = re.compile(r"\*[ .()、-]{1,2}$")


def _of_a_mask(plain: str, parts: Sequence[tuple[int, int]]) -> int:
    """How many parts of a run are what a mask before it left to be seen."""
    start = parts[0][0]
    if not _MASK_BEFORE.search(plain[max(0, start - 3) : start]):
        return 0
    digits = 0
    for at, (first, last) in enumerate(parts):
        if digits >= 4:
            return at
        digits += last - first
    return len(parts)


def _longest(plain: str, parts: Sequence[tuple[int, int]], at: int) -> tuple[_Found | None, int]:
    """The longest number that begins with this part of a run, and how many parts it takes."""
    many, digits = 0, 0
    while at + many < len(parts):
        start, end = parts[at + many]
        digits += end - start
        if digits > _MOST_DIGITS:
            break
        many += 1
    for used in range(many, 0, -1):
        found = _number(plain, parts[at : at + used])
        if found is not None:
            return found, used
    return None, 1


def _number(plain: str, parts: Sequence[tuple[int, int]]) -> _Found | None:
    start, end = parts[0][0], parts[-1][1]
    digits = "".join(plain[slice(*part)] for part in parts).upper()
    if len(digits) < 7 or _CODE.search(plain, max(0, start - 40), start):
        return None
    if ")" in plain[start:end] and "(" not in plain[start:end] and plain[start - 1 : start] == "(":
        start -= 1
    lengths = [last - first for first, last in parts]
    before, after = plain[max(0, start - 24) : start], plain[end : end + 6]
    if _is_resident(digits) and (
        len(digits) == 18 or not _OTHER_NUMBER.search(before)
    ):  # the old ones have no check digit
        return _Found(start, end, Kind.ID, 3, 4)
    if "X" in digits:
        return None
    if _is_card(digits, lengths):
        return _Found(start, end, Kind.CARD, 0, 4)
    if _MONEY_BEFORE.search(before) or _MONEY_AFTER.match(after):
        return None
    return _phone(digits, lengths, before, start, end)


_PROVINCES: Final = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
        "91",
    ]
)


def _is_resident(digits: str) -> bool:
    """A resident identity number (GB 11643), or one of the fifteen digits that it had before 1999."""
    if digits[:2] not in _PROVINCES:
        return False
    if len(digits) == 18:
        return _is_day(digits[6:14]) and bool(mod_11_2.is_valid(digits))
    return len(digits) == 15 and digits.isdigit() and _is_day(f"19{digits[6:12]}")


def _is_day(digits: str) -> bool:
    if digits[:2] not in ("18", "19", "20") or not digits.isdigit():
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
_LONGEST_GROUP: Final = 8


def _is_card(digits: str, lengths: Sequence[int]) -> bool:
    whole = len(lengths) == 1 or tuple(lengths) in ((6, 13), (6, 10))
    grouped = all(length <= _LONGEST_GROUP for length in lengths) and (
        all(length >= 3 for length in lengths[:-1]) or max(lengths) <= 2
    )
    return bool((whole or grouped) and _ISSUERS.fullmatch(digits) and len(set(digits)) > 1 and luhn.is_valid(digits))


# telephones ---------------------------------------------------------------------------------------------------------

_PLUS: Final = re.compile(r"\+ ?\(?$")
_MOBILE: Final = re.compile(r"(?:(?:00)?86)?1[3-9][0-9]{9}")
_TAIWAN_MOBILE: Final = re.compile(r"09[0-9]{8}")
_BRITISH_MOBILE: Final = re.compile(r"07[0-9]{9}")
_AREA: Final = re.compile(r"0[1-9][0-9]{7,10}")
_HONG_KONG: Final = re.compile(r"(?:852)?[2-9][0-9]{7}")


def _phone(digits: str, lengths: Sequence[int], before: str, start: int, end: int) -> _Found | None:
    if _PLUS.search(before):
        if not _is_possible(f"+{digits}", None):
            return None
        return _Found(start, end, Kind.PHONE, len(digits) - 8, 4)
    if _OTHER_NUMBER.search(before):
        return None
    home = _home(digits, lengths, before)
    return _Found(start, end, Kind.PHONE, len(digits) - 8, 4) if home else None


def _home(digits: str, lengths: Sequence[int], before: str) -> bool:
    """Whether it is a number as it is written at home: in mainland China, Taiwan, Hong Kong or Britain."""
    if len(lengths) > 3 and max(lengths) > 2:
        lengths = lengths[1:] if digits.startswith(("86", "0086")) else lengths
        if len(lengths) > 3:
            return False
    if _MOBILE.fullmatch(digits):
        return True
    if _TAIWAN_MOBILE.fullmatch(digits) or _BRITISH_MOBILE.fullmatch(digits):
        return _is_possible(digits, "TW" if digits[1] == "9" else "GB") or _is_possible(digits, "CN")
    if _AREA.fullmatch(digits):
        return len(lengths) <= 3 and (_is_possible(digits, "CN") or _is_possible(digits, "TW"))
    if _HONG_KONG.fullmatch(digits) and tuple(lengths) in ((8,), (4, 4), (3, 8), (3, 4, 4), (11,)):
        told = digits.startswith("852") and len(digits) == 11
        return (told or (bool(_CALL.search(before)) and not _is_day(digits))) and _is_possible(digits[-8:], "HK")
    return False


def _is_possible(number: str, region: str | None) -> bool:
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(parsed) or (region is None and phonenumbers.is_possible_number(parsed))


# numbers that begin with a letter -----------------------------------------------------------------------------------

_HONG_KONG_ID: Final = re.compile(
    r"(?<![A-Za-z0-9_*-])(?P<letters>[A-Za-z]{1,2})(?P<digits>[0-9]{6}) ?(?:\((?P<shut>[0-9Aa])\)|(?P<check>[0-9Aa]))(?![A-Za-z0-9_*-])"
)
_TAIWAN_ID: Final = re.compile(r"(?<![A-Za-z0-9_*-])[A-Za-z][1289A-Da-d][0-9]{8}(?![A-Za-z0-9_*-])")
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
    r"(?<![A-Za-z0-9.!#$%&'*+/=?^_{|}~-])(?P<local>[A-Za-z0-9.!#$%&'+/=?^_{|}~-]{1,64})@(?=[^\s@.]{1,63}(?:\.[^\s@.]{1,63})?)"
)


def _mails(plain: str) -> Iterator[_Found]:
    for match in _MAIL.finditer(plain):
        start = match.start("local")
        if not _MASK_BEFORE.search(plain[max(0, start - 3) : start]):
            yield _Found(start, match.end("local"), Kind.MAIL, 1, 0)
