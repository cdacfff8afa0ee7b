"""What a number is worth as it is said: 三万五, 2万3, 3.5萬, 一千八, 1.2 million.

Not here: whether it is money (amounts), a day (dates) or a telephone number (contacts).
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

DIGITS: Final = {
    char: value
    for value, chars in enumerate(
        ("零〇", "一壹幺", "二两贰", "三叁参", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for char in chars
}
UNITS: Final = {
    "十": 10,
    "拾": 10,
    "百": 100,
    "佰": 100,
    "千": 1000,
    "仟": 1000,
    "万": 10**4,
    "亿": 10**8,
    "k": 1000,
    "w": 10**4,
}
HAN: Final = "".join(DIGITS) + "十拾百佰千仟万亿廿卅"

_TOKEN: Final = re.compile(r"\d[\d,]*(?:\.\d+)?|[a-zA-Z]|.")
_VAGUE: Final = re.compile(r"[几多来数余把]|[百千万]零$|^(?:百八十|千八百|万八千|百十|三五[十百千万])$")


_BLANKS: Final = re.compile(r"[\s个]")
_CONTINENTAL: Final = re.compile(r"\d{1,3}(?:\.\d{3})+,\d\d")  # 1.150,00
_COMMA_FOR_POINT: Final = re.compile(r"\d{1,4},\d\d")
_POINTS_BETWEEN: Final = re.compile(r"\d{1,3}(?:\.\d{3})+")  # 7.350: nobody tells thousandths of a coin
_POINT_SAID: Final = re.compile(r"([零〇一二两三四五六七八九])点([零〇一二三四五六七八九]{1,4})")


@lru_cache(maxsize=512)
def value_of(said: str) -> Decimal | None:
    """The number said in simplified characters or digits; None for a range (五十几, 三四千) or what is no number.

    A last digit after a unit counts in the next lower unit, as people say it: 三万五 is 35,000, 三万零五 is 30,005.
    """
    said = _BLANKS.sub("", said).replace("廿", "二十").replace("卅", "三十")
    if _CONTINENTAL.fullmatch(said):
        said = said.replace(".", "").replace(",", ".")
    elif _COMMA_FOR_POINT.fullmatch(said):
        said = said.replace(",", ".")
    if _POINTS_BETWEEN.fullmatch(said) and not said.startswith("0"):
        said = said.replace(".", "")
    if not said or _VAGUE.search(said):
        return None
    if all(char in DIGITS or char == "点" for char in said):
        return _spelled(said)
    return _counted(_joined_decimal(said))


def _spelled(said: str) -> Decimal | None:
    """二零二五, 三点五, 三; two digits side by side are a range (三四)."""
    whole, dot, part = said.partition("点")
    digits = "".join(str(DIGITS[char]) for char in whole)
    if not digits or "点" in part or (len(whole) == 2 and not dot and "零" not in whole and "〇" not in whole):
        return None
    return Decimal(f"{digits}.{''.join(str(DIGITS[char]) for char in part) or '0'}") if dot else Decimal(digits)


def _joined_decimal(said: str) -> str:
    return _POINT_SAID.sub(
        lambda point: f"{DIGITS[point[1]]}.{''.join(str(DIGITS[char]) for char in point[2])}",
        said,
    )


def _counted(said: str) -> Decimal | None:
    total = section = Decimal(0)
    number: Decimal | None = None
    last_unit = Decimal(0)
    after_zero = False
    for token in _TOKEN.findall(said):
        if token[0].isascii() and token[0].isdigit():
            if number is not None:
                return None
            number = Decimal(token.replace(",", ""))
        elif token in DIGITS:
            if DIGITS[token] == 0:
                after_zero = True
                continue
            if number is not None:
                return None  # two digits side by side: a range
            number = Decimal(DIGITS[token])
        elif token.lower() in UNITS:
            unit = Decimal(UNITS[token.lower()])
            if unit >= 10**4:
                section = section + (number or 0)
                if total and last_unit and unit > last_unit and last_unit >= 10**4:
                    total, section = (total + section) * unit, Decimal(0)
                else:
                    total, section = total + (section or 1) * unit, Decimal(0)
            else:
                section += (Decimal(1) if number is None else number) * unit
            number, last_unit, after_zero = None, unit, False
        else:
            return None
    if number is not None:
        colloquial = last_unit > 10 and number < 10 and number == number.to_integral_value() and not after_zero
        section += number * last_unit / 10 if colloquial else number
    return total + section


_ENGLISH: Final = (
    {
        name: value
        for value, name in enumerate(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "  # noqa: SIM905
            "seventeen eighteen nineteen".split()
        )
    }
    | {
        name: 10 * value
        for value, name in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
    }
    | {"fiver": 5, "tenner": 10, "nought": 0, "oh": 0}
)
_ONE: Final = "one|two|three|four|five|six|seven|eight|nine"
_JOINED: Final = re.compile(rf"ty(?={_ONE})")
_SCALES: Final = {
    "hundred": 100,
    "thousand": 1000,
    "grand": 1000,
    "million": 10**6,
    "billion": 10**9,
    "k": 1000,
    "m": 10**6,
    "mil": 10**6,
    "bn": 10**9,
}
ENGLISH: Final = rf"(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:{_ONE})?|" + "|".join(
    sorted(
        [
            *(word for word in _ENGLISH if word not in ("oh", "nought")),
            "hundred",
            "thousand",
            "grand",
            "million",
            "half",
            "dozen",
        ],
        key=len,
        reverse=True,
    )
)


_ONES: Final = frozenset("zero oh nought one two three four five six seven eight nine".split())  # noqa: SIM905
_SPELLED: Final = 3
_PART_OF: Final = re.compile(
    r"an? (?P<round>grand|thousand|hundred|million) and a half|(?P<units>[a-z]+) point (?P<tenths>[a-z]+)(?: (?P<hundredths>[a-z]+))? (?P<of>k|grand|thousand|million)|(?:(?P<whole>[\d.,]+|[a-z]+) and (?:a|one) (?P<more>half|quarter)|(?P<parts>three|a) quarters?(?: of)?(?: a)?) (?P<scale>hundred|thousand|grand|million|k)"
)


def _part_of(match: re.Match[str]) -> Decimal | None:
    """two and a half thousand, three quarters of a million"""
    if match["round"]:
        return _SCALES[match["round"]] * Decimal("1.5")
    if match["units"]:
        digits = [_ENGLISH.get(match[name]) for name in ("units", "tenths", "hundredths") if match[name]]
        said = "".join(str(digit) for digit in digits)
        return None if None in digits else Decimal(f"{digits[0]}.{said[len(str(digits[0])) :]}") * _SCALES[match["of"]]
    scale = _SCALES[match["scale"]]
    if match["parts"]:
        return scale * Decimal("0.25") * (3 if match["parts"] == "three" else 1)
    whole = english_value(match["whole"])
    return None if whole is None else scale * (whole + Decimal("0.5" if match["more"] == "half" else "0.25"))


def english_value(said: str) -> Decimal | None:
    """two grand, 1.2 million, twelve hundred, a thousand five hundred, half a million, 2k; None for a few hundred, thousands."""
    if part := _PART_OF.fullmatch(said.lower().replace("-", " ")):
        return _part_of(part)
    words = re.findall(r"\d[\d,]*(?:\.\d+)?|[a-z]+", _JOINED.sub("ty ", said.lower().replace("-", " ")))
    if len(words) >= _SPELLED and all(word in _ONES for word in words):
        return Decimal("".join(str(_ENGLISH[word]) for word in words))  # "three one five"
    total = section = Decimal(0)
    seen = half = False
    for word in words:
        if word in ("a", "an", "and", "of", "n"):
            continue
        if word == "half":
            half = True
        elif word[0].isdigit():
            section, seen = section + Decimal(word.replace(",", "")), True
        elif word in _ENGLISH:
            if section % (10 if _ENGLISH[word] < 10 else 100):  # "two fifty": 2.50 or 250
                return None
            section, seen = section + _ENGLISH[word], True
        elif word in _SCALES:
            scale = _SCALES[word]
            base = section if seen or section else Decimal("0.5") if half else Decimal(1)
            if scale == 100:
                section = base * scale
            else:
                total, section = total + base * scale, Decimal(0)
            seen = True
        else:
            return None
    return total + section if seen else None


_ORDINALS: Final = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "twenty-first",
    "twenty-second",
    "twenty-third",
    "twenty-fourth",
    "twenty-fifth",
    "twenty-sixth",
    "twenty-seventh",
    "twenty-eighth",
    "twenty-ninth",
    "thirtieth",
    "thirty-first",
]
ORDINAL: Final = "|".join(word.replace("-", "[ -]") for word in sorted(_ORDINALS, key=len, reverse=True))


def ordinal_value(said: str) -> int:
    """The day of a month that is said as 14, 14th without its letters, or fourteenth."""
    return int(said) if said.isdigit() else _ORDINALS.index(said.lower().replace(" ", "-")) + 1
