"""Telephone numbers, and the old identity numbers: what has no check digit and is told by its form and what stands around it.

Not here: calls (channels/), what has a check digit (checked_numbers.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

import phonenumbers

from gateway.digit_runs import PROVINCES, Found, Kind, Run, is_behind_a_mask, is_day, is_rest_of_a_code

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


def unchecked(plain: str, kinds: frozenset[Kind], plan: Plan) -> Iterator[Found]:
    """Telephones, and identity numbers as they were before 1999."""
    if kinds.isdisjoint((Kind.ID, Kind.PHONE)):
        return
    for match in _RUN.finditer(plain):
        start, end = match.span()
        if end - start < 7:
            continue
        run = Run(plain, start, end)
        if len(run.digits) >= 7:
            yield from _unchecked_in(run, plan if Kind.PHONE in kinds else None)


def _unchecked_in(run: Run, plan: Plan | None) -> Iterator[Found]:
    first = run.parts[0][0]
    free = _of_a_mask(run)
    if is_rest_of_a_code(run.plain, first):
        free = max(free, run.joined_by_dashes())
    for begin, at in run.begins.items():
        two = run.digits[begin : begin + 2]
        if at < free or not (at == 0 or two in PROVINCES or two in _HOME_LENGTHS):
            continue
        to = _old_resident_at(run, begin, at) if two in PROVINCES else None
        if to is not None:
            yield Found(run.parts[at][0], run.parts[to - 1][1], Kind.ID, 3, 4)
        elif plan is not None:
            to = _phone_at(run, begin, at, plan)
            if to is not None:
                shown = max(0, sum(run.lengths[at:to]) - 8)
                yield Found(_with_bracket(run, at, to), run.parts[to - 1][1], Kind.PHONE, shown, 4)
        free = to or free


def _of_a_mask(run: Run) -> int:
    """How many parts of a run are what a mask before it left to be seen."""
    if not is_behind_a_mask(run.plain, run.parts[0][0]):
        return 0
    return sum(1 for digits in accumulate(run.lengths) if digits <= 4)


def _with_bracket(run: Run, at: int, to: int) -> int:
    start, written = run.parts[at][0], run.plain[run.parts[at][0] : run.parts[to - 1][1]]
    return start - (")" in written and "(" not in written and run.plain[start - 1 : start] == "(")


def _old_resident_at(run: Run, begin: int, at: int) -> int | None:
    to = run.begins.get(begin + 15)
    digits = run.digits
    if to is None or not is_day(f"19{digits[begin + 6 : begin + 12]}"):
        return None
    return None if _OTHER_NUMBER.search(_before(run, at)) else to


def _before(run: Run, at: int) -> str:
    start = run.parts[at][0]
    return run.plain[max(0, start - 24) : start]


# telephones ---------------------------------------------------------------------------------------------------------


class Plan:
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


def _phone_at(run: Run, begin: int, at: int, plan: Plan) -> int | None:
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


def _is_money(run: Run, at: int, to: int) -> bool:
    end = run.parts[to - 1][1]
    return bool(_MONEY_BEFORE.search(_before(run, at)) or _MONEY_AFTER.match(run.plain[end : end + 6]))


def _is_home(digits: str, run: Run, at: int, to: int, plan: Plan) -> bool:
    """Whether it is a number as it is written at home: in mainland China, Taiwan, Hong Kong or Britain."""
    regions = _regions(digits, run.lengths[at:to], run, at)
    if regions is None or _is_money(run, at, to) or _OTHER_NUMBER.search(_before(run, at)):
        return False
    number = digits[-8:] if regions == ("HK",) else digits
    return not regions or any(plan.has(number, region) for region in regions)


def _regions(digits: str, lengths: Sequence[int], run: Run, at: int) -> tuple[str, ...] | None:
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
        if told or (len(digits) == 8 and _CALL.search(_before(run, at)) and not is_day(digits)):
            return ("HK",)
    return None
