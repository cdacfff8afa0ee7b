"""Numbers that may be money and words that may be a day though nothing says so: 全家2980, 片酬260出不来, "he's on the floor NOW".

They are candidates among others; what stands around them decides (weighed_sums.py, weighed_days.py), and no rule takes one by itself.

Not here: what is certainly money or a day (amounts.py, dates.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from case_store.records import PartialDate
from dialogue.understanding.days import Day, exactly, latest_of_month
from dialogue.understanding.numerals import HAN, ORDINAL, english_value, ordinal_value, value_of
from dialogue.understanding.plain import Span, overlaps

_MOST: Final = 12
"""Of one text."""
_FIGURE: Final = re.compile(
    rf"(?<![\d.,:/A-Za-z_@#*{HAN}-])(?P<figure>\d{{2,6}}(?:\.\d\d?)?|\d{{1,3}},\d{{3}}(?:\.\d\d?)?)(?![\d:/A-Za-z_@%*{HAN}]|[.,-]\d)"
)
_CHARACTERS: Final = re.compile(rf"(?<![{HAN}\d第])(?=[{HAN}]{{0,6}}[十百千万])(?P<said>[{HAN}几]{{2,8}})(?![{HAN}\d])")
_PAIR: Final = re.compile(
    r"\b(?P<high>(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[a-z]{3,5}teen)) "
    r"(?P<low>(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|[a-z]{3,5}teen|ten|eleven|twelve)\b(?! (?:years?|days?|minutes?|months?|weeks?|times?|percent|per cent|hundred|thousand|grand|am|pm)\b)",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(
    r"(?:尾号|尾数|尾码|末[四三]位|后[四三]位|[号码]|第|房间?|年|ending(?: in)?|ends in|number|no\.?|#|card|code|flat|room|page|box|bus|route|version|section|clause|article|form)[ :：是为]{0,3}$",
    re.IGNORECASE,
)
_COUNTED: Final = re.compile(
    r" ?(?:[年月日号天点时分秒次个张位人家名条项遍封件只头台本岁度倍折成期楼栋室层页周%％‰℃]|小时|公里|克|千克|公斤|[吨米]|k[mg]\b|years?|days?|weeks?|months?|hours?|minutes?|mins?|times|people|percent|per cent|miles?|am\b|pm\b|st\b|nd\b|rd\b|th\b|yrs?)",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(r"(?:19|20)\d\d")


def doubtful_sums(text: str, taken: tuple[Span, ...]) -> Iterator[tuple[int, int, Decimal | None]]:
    """Where each stands and what it is worth, None for a range; `taken` are the places of what is known."""
    found = 0
    for start, end, value in _numbers(text):
        if overlaps(start, end, taken) or _LABEL.search(text, max(0, start - 16), start) or _COUNTED.match(text, end):
            continue
        yield start, end, value
        found += 1
        if found >= _MOST:
            return


def _numbers(text: str) -> Iterator[tuple[int, int, Decimal | None]]:
    for match in _FIGURE.finditer(text):
        if not _YEAR.fullmatch(match["figure"]) and not match["figure"].startswith("0"):
            yield match.start("figure"), match.end("figure"), Decimal(match["figure"].replace(",", ""))
    for match in _CHARACTERS.finditer(text):
        value = value_of(match["said"])
        if value is None or value >= 10:
            yield match.start("said"), match.end("said"), value
    for match in _PAIR.finditer(text):
        high, low = english_value(match["high"]), english_value(match["low"])
        if high is not None and low is not None:
            yield (*match.span(), high + low / 100)


_NOW: Final = re.compile(
    r"(?<!'ve )(?<!have )(?<!has )(?<!and )(?<!but )(?<!so )(?<!months )(?<!weeks )(?<!years )(?<!days )(?<!month )(?<!week )(?<!year )\b(?:right )?now\b|\bthis (?:minute|second|instant)\b|\bovernight\b|\bat (?:this|the) moment\b|\b(?:has|have|i've|they've|he's|she's) just\b|\bstill going\b"
    r"|现在|而家|依家|这会儿|此刻|正在|刚[刚才]?(?![好性需])|啱(?:啱|先)?|头先|凌晨|半夜",
    re.IGNORECASE,
)
_OF_MONTH: Final = re.compile(
    rf"\b(?:on|since|from|of|by|until) the (?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)|(?P<word>{ORDINAL}))\b(?! (?:floor|day|time|page|attempt|call|of))",
    re.IGNORECASE,
)
_BARE_YEAR: Final = re.compile(
    r"(?<![\d./£$€¥-])(?P<year>20[012]\d)(?![\d./年元块-])|\btwenty (?P<said>twenty(?:[ -](?:one|two|three|four|five|six))?|nineteen|eighteen|seventeen|sixteen|fifteen)\b",
    re.IGNORECASE,
)
_WEEKDAY: Final = re.compile(
    r"(?<!every )(?<!each )(?<!next )(?<!till )(?<!until )(?<!by )(?<!any )(?<!good )(?<!black )\b(?P<name>mon|tues|wednes|thurs|fri|satur|sun)day\b",
    re.IGNORECASE,
)
_WEEK: Final = ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")


def doubtful_days(text: str, today: date) -> Iterator[tuple[int, int, Day, str]]:
    """Where each stands, the day, and what makes it doubtful."""
    if now := _NOW.search(text):
        yield (*now.span(), exactly(today, exact=False), "now")
    for match in _OF_MONTH.finditer(text):
        day = latest_of_month(today, ordinal_value(match["day"] or match["word"]))
        if day is not None:
            yield (*match.span(), day, "of month")
    for match in _WEEKDAY.finditer(text):
        back = (today.weekday() - _WEEK.index(match["name"].lower())) % 7
        yield (*match.span(), exactly(today - timedelta(days=back)), "weekday")
    for match in _BARE_YEAR.finditer(text):
        year = int(match["year"] or 2000 + int(english_value(match["said"]) or 0))
        if year <= today.year:
            yield (*match.span(), Day(PartialDate(str(year))), "year")
