"""Sums that are said without pounds or yuan: pence and 毛, and what money is called among people: 三嚿水, 兩皮半, a monkey, ten large.

Not here: sums with their currency (amounts.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from dialogue.understanding.numerals import ENGLISH, english_value, value_of

Said = tuple[int, int, Decimal | None, str, bool]
"""Where it stands, what it is worth, its currency ("$" and "" as in amounts.py), and whether it is less than one of the currency."""

_N: Final = r"(?:\d{1,3}(?:\.\d)?|[一二两三四五六七八九十廿卅]{1,4}|半|几|十几|成)"
_HAN_UNITS: Final = {"草": 10, "叉": 10, "旧水": 100, "旧": 100, "嚿水": 100, "嚿": 100, "撇水": 1000, "撇": 1000, "鸡士": 1, "皮": 10_000, "球": 1_000_000}  # fmt: skip
_CANTONESE: Final = re.compile(
    rf"(?<![第每])(?P<count>{_N})(?:个)?(?P<unit>草(?=嘢|野)|叉(?=嘢|野)|[旧嚿](?P<half_in>半)?水|旧(?=$|[，,。呀啊])|嚿(?=$|[，,。呀啊喎先嘅 ])|撇(?:水|(?=嘢|野|$|[，,。]))|皮(?![肤鞋包草衣带蛋实毛箱夹])|球(?=嘢|野|水|$))(?P<half>半(?!年|日|天|个))?(?:嘢|野)?"
)
_NOTES: Final = re.compile(
    r"(?P<count>\d{1,3}|[一二两三四五六七八九十]{1,3})张(?:(?P<worth>[一两二五]?千|[一二两五]?百|五十|二十|十|1000|500|100|50|20|10)[块元蚊]?(?:的|面值|大?钞|纸)|(?:毛爷爷|红票子?|老人头))"
)
_MAO: Final = re.compile(
    r"(?<![\d.一二三四五六七八九两块元蚊])(?!一[毛角](?:钱)?[都也不没冇])(?P<mao>\d|[一二两三四五六七八九])[毛角](?P<fen>\d|[一二三四五六七八九])?(?:分)?(?:钱(?!都|也|不|没|冇)|(?<=分)|(?=[的是我你利手扣]))"
)
_PENCE: Final = re.compile(
    rf"(?<![\w.,£$€-])(?:(?P<whole>(?:{ENGLISH})(?:[ -](?:{ENGLISH}))?) and )?(?P<part>\d{{1,2}}|(?:{ENGLISH})(?:[ -](?:{ENGLISH}))?) ?(?P<coin>p(?!\.?m\b)|pence|penny|cents?)\b",
    re.IGNORECASE,
)
_ENGLISH_UNITS: Final = {"score": 20, "pony": 25, "bullseye": 50, "ton": 100, "century": 100, "monkey": 500, "bag of sand": 1000, "archer": 2000, "c-note": 100, "benjamin": 100}  # fmt: skip
_SLANG: Final = re.compile(
    rf"\b(?P<count>half an?|an?|two|three|four|five|\d{{1,3}}) (?P<unit>{'|'.join(_ENGLISH_UNITS)})s?\b(?!'s| of (?!my)| in\b| on\b| business| wrench| bar| bike| tail| suit| puzzle| draw| line| card| sheet| years)",
    re.IGNORECASE,
)
_LARGE: Final = re.compile(
    rf"\b(?P<count>\d{{1,3}}|{ENGLISH}) large\b(?! (?:parcels?|box|boxes|sums?|payments?|amounts?|withdrawals?|transfers?|transactions?|one|ones|bags?))",
    re.IGNORECASE,
)
_AFTER_POUNDS: Final = re.compile(r"(?:pounds?|quid|dollars?|euros?|bucks?)(?: and)? $", re.IGNORECASE)
_MONEY_NEAR: Final = re.compile(
    r"\b(?:took|taken|had off|lost|lose|owe|back|down|short|charged?|fee|refund|gone|nicked|stole|paid|pay|sent|missing|fine)\b",
    re.IGNORECASE,
)
_SIGNS: Final = re.compile(
    r"[草叉皮球嚿撇旧毛角张]|[a-z](?: ?p\b|ence|enny|ents?\b)|\d ?(?:p|cents?)\b|large|monkey|score|pony|\bton|century|bullseye|bag of sand|archer|c-note|benjamin",
    re.IGNORECASE,
)


def slang_sums(text: str, region: str, *, asked: bool) -> Iterator[Said]:
    """Every sum so said; `region` is the place the text speaks from."""
    if not _SIGNS.search(text):
        return
    for match in _CANTONESE.finditer(text):
        if region == "HK":
            yield (
                *match.span(),
                _counted(match["count"], match["unit"].replace("半", ""), match["half"] or match["half_in"]),
                "HKD",
                False,
            )
    for match in _NOTES.finditer(text):
        worth = match["worth"] or "100"
        count, worth = value_of(match["count"]), value_of(f"一{worth}" if worth in "百千" else worth)
        yield (*match.span(), None if count is None or worth is None else count * worth, "", False)
    for match in _MAO.finditer(text):
        tenths, hundredths = value_of(match["mao"]), value_of(match["fen"] or "零")
        if tenths is not None and hundredths is not None and tenths + hundredths:
            yield (*match.span(), tenths / 10 + hundredths / 100, "", True)
    yield from _english(text, region, asked=asked)


def _counted(count: str, unit: str, half: str | None) -> Decimal | None:
    number = Decimal("0.5") if count == "半" else value_of(count)
    if number is None:
        return None
    return (number + Decimal("0.5") * bool(half)) * _HAN_UNITS[unit]


def _english(text: str, region: str, *, asked: bool) -> Iterator[Said]:
    for match in _PENCE.finditer(text):
        if _AFTER_POUNDS.search(text, max(0, match.start() - 14), match.start()):
            continue
        part, whole = english_value(match["part"]), english_value(match["whole"] or "zero")
        if part is not None and whole is not None and 0 < part < 100:
            mark = "$" if match["coin"].lower().startswith("cent") and region != "IE" else ""
            yield (*match.span(), whole + part / 100, mark, not whole)
    if region not in ("GB", "IE", "US"):
        return
    told = asked or _MONEY_NEAR.search(text) is not None
    for match in _SLANG.finditer(text) if told else ():
        count = match["count"].lower()
        number = Decimal("0.5") if count.startswith("half") else english_value(count) or Decimal(1)
        yield (*match.span(), number * _ENGLISH_UNITS[match["unit"].lower()], "", False)
    for match in _LARGE.finditer(text):
        number_ = english_value(match["count"])
        yield (*match.span(), None if number_ is None else number_ * 1000, "", False)
