"""Days as English says them, and days in figures: last Friday, two weeks ago, 28 October, 2025-12-03.

Not here: the arithmetic they share (days.py), which words of a text are no day of an event (dates.py).
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from case_store.records import Language, PartialDate
from dialogue.understanding.days import (
    LATIN,
    Day,
    day_of,
    days_back,
    exactly,
    latest_day,
    latest_of_month,
    months_back,
    reads,
    week_of,
)
from dialogue.understanding.feasts import SEASONS, latest_feast
from dialogue.understanding.numerals import ORDINAL, english_value, ordinal_value

_MONTHS: Final = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?"
DAYS: Final = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAY = r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\b"
_COUNT = r"(?:\d{1,3}|a|an|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"


@reads(LATIN, "", r"(?<![\d./-])(?P<year>(?:19|20)\d\d)[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?![\d/-]|\.\d)")
def _numeric(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return day_of(int(match["year"]), int(match["month"]), int(match["day"]))


@reads(
    LATIN,
    "",
    r"(?<![\d./-])(?P<one>\d{1,2})(?:/(?P<two>\d{1,2})(?:/(?P<year>(?:20)?\d\d))?|[.-](?P<two_>\d{1,2})[.-](?P<year_>20\d\d))(?![\d/-]|\.\d)",
)
def _slashed(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """Month first in Chinese; in English only where one of both can be no month (elsewhere as the region has it: `in_order`)."""
    one, two = int(match["one"]), int(match["two"] or match["two_"])
    year = match["year"] or match["year_"]
    fraction = not year and (match[0] == "24/7" or (one < two <= 4 and one < 4))
    if fraction or not (1 <= one <= 31 and 1 <= two <= 31) or min(one, two) > 12:
        return None
    if language is Language.EN and one <= 12 and two <= 12 and one != two:
        return Day(None, exact=False)
    return _slashed_day(*((one, two) if one <= 12 else (two, one)), year, today)


def in_order(match: re.Match[str], today: date, *, month_first: bool) -> Day | None:
    """12/11 of which either may be the month, read as the region has it; the words are kept beside it."""
    if "two_" not in match.groupdict():
        return None
    one, two = int(match["one"]), int(match["two"] or match["two_"])
    found = _slashed_day(*((one, two) if month_first else (two, one)), match["year"] or match["year_"], today)
    return found and Day(found.value, exact=False)


def _slashed_day(month: int, day: int, year: str | None, today: date) -> Day | None:
    return day_of(int(year) + (2000 if int(year) < 100 else 0), month, day) if year else latest_day(today, month, day)


@reads(LATIN, "", r"(?<![\d./-])(?P<year>1[01]\d)[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?![\d/-]|\.\d)")
@reads(LATIN, "", r"(?<=日|期)[ :：]{0,2}(?P<year>1[01]\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)")
def _numeric_of_taiwan(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """114/2/18, in years of the Republic."""
    if language is Language.EN:
        return None
    return day_of(int(match["year"]) + 1911, int(match["month"]), int(match["day"]))


@reads(LATIN, "", r"(?<![\d.,])(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?![\d])")
def _dotted(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """ "the letter from 17.11.", as it is written on the continent."""
    day, month = int(match["day"]), int(match["month"])
    return latest_day(today, month, day) if 1 <= month <= 12 < day <= 31 else None


def _named_month(said: str) -> int:
    return _MONTHS.index(said[:3].lower()) + 1


def english_day(month: str, day: str | None, year: str | None, today: date) -> Day | None:
    number = ordinal_value(day) if day else None
    if year and not year[0].isdigit():
        year = str(today.year - (year.lower().endswith("last year")))
    return day_of(int(year), _named_month(month), number) if year else latest_day(today, _named_month(month), number)


@reads(
    LATIN,
    "",
    rf"\b(?P<day>\d{{1,2}}|(?:{ORDINAL})(?= of))(?:st|nd|rd|th)?(?: of)? (?P<month>{MONTH})(?:,? (?P<year>20\d\d|(?:of )?(?:this|last) year)\b)?",
)
def _day_month(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return english_day(match["month"], match["day"], match["year"], today)


@reads(
    LATIN,
    "",
    rf"\b(?P<month>{MONTH}) (?:the )?(?P<day>\d{{1,2}}|{ORDINAL})(?:st|nd|rd|th)?\b(?![:.]\d)(?:,? (?P<year>20\d\d)\b)?",
)
def _month_day(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return english_day(match["month"], match["day"], match["year"], today)


@reads(LATIN, "", rf"\b(?P<month>{MONTH}) (?:of )?(?P<year>20\d\d|last year|this year)\b")
@reads(
    LATIN,
    "",
    rf"\b(?:(?P<of>in|during|since|of|early|late|mid|last|this|from|until|for|all) |mid-)(?P<month>{MONTH})(?: (?:of )?(?P<year>20\d\d|last year|this year))?(?! \d)",
)
def _month_alone(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return english_day(match["month"], None, match["year"], today)


@reads(
    LATIN,
    "",
    r"\b(?:the )?(?:day before yesterday|night before last)\b|\byest(?:erday)?\b|\by(?:e)?st(?:er)?da?y?\b|\blast ni(?:ght|te)\b|\btoday\b|\bthis (?:morning|afternoon|evening)\b|\btonight\b",
)
def _near(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    said = match[0].lower()
    back = 2 if "before" in said else 1 if said[0] == "y" or said.startswith("last ni") else 0
    return exactly(today - timedelta(days=back))


@reads(
    LATIN,
    "",
    rf"\b(?:about |around |roughly |over |almost |nearly )?(?P<count>{_COUNT}|a couple of|a few|several|some|couple of) (?P<unit>minute|min|hour|hr|day|night|evening|morning|week|fortnight|month|year)s? (?:ago|back)\b",
)
def _ago_english(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    said = match["count"].lower()
    value = 1 if said in ("a", "an") else english_value(said)
    found = days_back(-1 if value is None else int(value), _UNITS.get(unit := match["unit"].lower(), unit), today)
    return Day(found.value, found.exact and match[0].lower().startswith(said))


_UNITS: Final = {"min": "minute", "hr": "hour"}
_ORDINALS: Final = {
    word: day
    for day, word in enumerate("first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1)  # noqa: SIM905
}


@reads(
    LATIN,
    "",
    rf"\b(?:on|since|of|from|was|dated|by|ago,|until|and again on) the (?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)|(?P<word>{'|'.join(_ORDINALS)}))\b"
    rf"(?! ?(?:floor|time|of|century|birthday|{MONTH}|day|anniversary|letter|call|street|avenue|attempt|instal|one|page|line|try|visit|person|party|half|place|hand))",
)
def _day_of_month(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """ "on the 17th": the latest such day."""
    day = int(match["day"]) if match["day"] else _ORDINALS[match["word"].lower()]
    return latest_of_month(today, day)


@reads(
    LATIN,
    "",
    r"\b(?:on |at |since )?(?P<feast>hallow?e'?en|christmas (?:day|eve)|boxing day|(?:st|saint) (?:stephen|patrick)'?s day|new year'?s (?:day|eve)|valentine'?s day|guy fawkes|bonfire night)\b(?: (?P<year>20\d\d))?",
)
def _feast_english(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    said = match["feast"].lower().replace("'", "")
    month, day = next(when for name, when in _ENGLISH_FEASTS.items() if said.startswith(name))
    return day_of(int(match["year"]), month, day) if match["year"] else latest_day(today, month, day)


@reads(
    LATIN,
    "",
    r"\b(?P<feast>thanksgiving|black friday|labou?r day|memorial day|good friday|(?:chinese|lunar) new year|easter(?: (?:sunday|monday|weekend))?)\b(?: (?P<year>20\d\d))?",
)
def _moving_feast(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    said = match["feast"].lower().removesuffix(" weekend")
    day = latest_feast(said, today, int(match["year"]) if match["year"] else None)
    return None if day is None else exactly(day, exact=said not in SEASONS)


_ENGLISH_FEASTS: Final = {
    "hall": (10, 31), "christmas d": (12, 25), "christmas e": (12, 24), "boxing": (12, 26), "new years d": (1, 1), "new years e": (12, 31),
    "valentine": (2, 14), "st stephen": (12, 26), "saint stephen": (12, 26), "st patrick": (3, 17), "saint patrick": (3, 17), "guy": (11, 5), "bonfire": (11, 5),
}  # fmt: skip


@reads(
    LATIN,
    "",
    rf"\b(?:(?P<day>{DAY}) (?:morning|afternoon|evening|night|lunch ?time|dinner ?time|tea ?time|gone|just gone|around|about|at)|(?:since|sinc|came|got it|happened) (?P<since>{DAY}))(?! (?:of )?(?:last week|\d))",
)
def _part_of_weekday(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    said = (match["day"] or match["since"])[:3].lower()
    return exactly(today - timedelta(days=(today.weekday() - DAYS.index(said)) % 7))


@reads(LATIN, "", rf"\b(?:{DAY}),? (?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)\b(?! (?:of )?{MONTH})")
def _weekday_and_day(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """ "sat 14th"."""
    return latest_of_month(today, int(match["day"]))


@reads(LATIN, "", rf"(?:^|[,;.(:-] ?)(?P<day>{DAY})(?=[,;.)])")
@reads(
    LATIN,
    "",
    r"(?<!every )(?<!each )(?<!any )(?<!next )(?<!till )(?<!not )(?<!black )(?<!first )(?<!second )(?<!third )(?<!last )(?<!past )(?<!good )(?<!easter )(?<!until )(?<!by )(?<!before )\b(?P<day>(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b(?! (?:to|and|or|till|until|before|week|last|of)\b|'s|[-/]|,? (?:the )?\d| running| (?:last|of last) week)",
)
def _weekday_alone(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """ "declined my card, saturday, bar tab …"."""
    return exactly(today - timedelta(days=(today.weekday() - DAYS.index(match["day"][:3].lower())) % 7))


@reads(
    LATIN,
    "",
    rf"\b(?:the )?(?P<day>{DAY}) before last\b|\b(?P<count>two|three|2|3) (?P<days>(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?) ago\b|\b(?P<last>{DAY}) last\b(?! week)",
)
def _weekday_before(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """ "the Friday before last", "two Sundays ago", "Thursday last"."""
    weekday = DAYS.index((match["day"] or match["days"] or match["last"])[:3].lower())
    weeks = 1 if match["day"] else 0 if match["last"] else {"three": 2, "3": 2}.get((match["count"]).lower(), 1)
    return exactly(today - timedelta(days=((today.weekday() - weekday) % 7 or 7) + 7 * weeks))


@reads(LATIN, "", rf"\b(?P<day>{DAY}) (?:of )?last week\b")
def _weekday_last_week(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return exactly(today - timedelta(days=today.weekday() - DAYS.index(match["day"][:3].lower()) + 7))


@reads(
    LATIN, "", rf"\b(?P<which>last|on|this|past|was|since|from|is) (?P<day>{DAY})(?! (?:of )?(?:last week|\d)| ?, \d)"
)
def _weekday_english(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    back = (today.weekday() - DAYS.index(match["day"][:3].lower())) % 7
    return exactly(today - timedelta(days=7 if back == 0 and match["which"].lower() in ("last", "past") else back))


@reads(
    LATIN,
    "",
    r"\b(?P<which>last|this) (?P<unit>week|month|year)\b(?! of)|\b(?P<other>the other day|recently|the other (?:night|week|month)|(?:last|(?:sometime |some time )?(?:in|over|during) the) (?:spring|summer|autumn|fall|winter|weekend|holidays))\b",
)
def _span_english(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    if match["other"]:
        return Day(None, exact=False)
    back = int(match["which"].lower() == "last")
    if match["unit"].lower() == "week":
        return week_of(today, back)
    if match["unit"].lower() == "month":
        return day_of(*months_back(today, back))
    return Day(PartialDate(f"{today.year - back:04d}"))


@reads(LATIN, "", r"\b(?:in |XX/XX/)(?P<year>20[012]\d|'[12]\d)\b(?! (?:pounds|dollars))")
def _year_english(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    year = match["year"].replace("'", "20")
    return Day(PartialDate(year)) if int(year) <= today.year else None
