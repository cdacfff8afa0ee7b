"""Days as English says them, and days in figures: last Friday, two weeks ago, 28 October, 2025-12-03.

Not here: the arithmetic they share (days.py), which words of a text are no day of an event (dates.py).
"""

from __future__ import annotations

import calendar
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
from dialogue.understanding.feasts import weekday_of_month
from dialogue.understanding.numerals import ORDINAL, english_value, ordinal_value

_MONTHS: Final = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?"
DAYS: Final = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAY = r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\b"
_NO_STREET = r"(?! (?:street|st\b|road|rd\b|avenue|ave\b|lane|close\b|court\b|house\b|drive\b|gardens|terrace|square))"
_COUNT = r"(?:half an|half a|\d{1,3}|a|an|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"


@reads(
    LATIN,
    ("20", "19"),
    r"(?<![\d./-])(?P<year>(?:19|20)\d\d)[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?![\d/-]|\.\d)",
)
def _numeric(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return day_of(int(match["year"]), int(match["month"]), int(match["day"]))


@reads(
    LATIN,
    ("/", ".", "-"),
    r"(?<![\d./-])(?P<one>\d{1,2})(?:/(?P<two>\d{1,2})(?:/(?P<year>(?:20)?\d\d))?|[.-](?P<two_>\d{1,2})[.-](?P<year_>20\d\d|2\d))(?![\d/-]|\.\d)",
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


@reads(LATIN, ("10", "11"), r"(?<![\d./-])(?P<year>1[01]\d)[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?![\d/-]|\.\d)")
@reads(
    LATIN,
    ("10", "11"),
    r"(?<=日|期)[ :：]{0,2}(?P<year>1[01]\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)",
)
def _numeric_of_taiwan(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """114/2/18, in years of the Republic."""
    if language is Language.EN:
        return None
    return day_of(int(match["year"]) + 1911, int(match["month"]), int(match["day"]))


@reads(LATIN, (".",), r"(?<![\d.,])(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?![\d])")
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
    return (
        day_of(int(year) + 2000 * (len(year) == 2), _named_month(month), number)
        if year
        else latest_day(today, _named_month(month), number)
    )


_PREPOSITIONS: Final = ("on ", "since ", "from ", "dated ", "by ", "until ", "and again on ")
_WEEKDAY: Final = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_THIS_DAY: Final = rf"(?:yesterday|today|tonight|last night|this (?:morning|afternoon|evening)|(?:last |this (?:past )?|past |on )?(?P<weekday>{_WEEKDAY}))"


def _last_weekday(said: str, today: date) -> date:
    """The latest such weekday before today."""
    return today - timedelta(days=(today.weekday() - DAYS.index(said[:3].lower())) % 7 or 7)


@reads(
    LATIN,
    ("week", "fortnight", "month", "year"),
    rf"\b(?:(?P<count>a|one|two|three|four|\d) )?(?P<unit>week|fortnight|month|year)s? (?P<ago>(?:ago|back|since|past|gone) )?(?:on )?(?P<base>{_THIS_DAY})\b",
)
def _so_long_before(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """ "a week last Tuesday", "a week yesterday", "two months ago yesterday", "a year ago today"."""
    said, unit = match["base"].lower(), match["unit"].lower()
    if not match["ago"] and (said.startswith(("on ", "this", "tonight")) or said == (match["weekday"] or "").lower()):
        return None  # "a week on Tuesday" is to come
    if not match["ago"] and not match["count"] and unit in ("month", "year"):
        return None
    base = (
        _last_weekday(match["weekday"], today)
        if match["weekday"]
        else today - timedelta(days=said in ("yesterday", "last night"))
    )
    count = match["count"] or "a"
    number = int(count) if count.isdigit() else {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4}[count.lower()]
    if unit in ("week", "fortnight"):
        return exactly(base - timedelta(days=7 * number * (2 if unit == "fortnight" else 1)))
    year, month = months_back(base, number * (12 if unit == "year" else 1))
    return day_of(year, month, min(base.day, calendar.monthrange(year, month)[1]))


@reads(
    LATIN,
    ("week", "fortnight", "but one"),
    rf"\b(?:last )?(?P<weekday>{_WEEKDAY}) (?:(?P<unit>week|fortnight) (?:past|gone|ago|since|back)|but one)\b|\b(?P<of>{_WEEKDAY}) (?:of )?(?:the )?week before last\b",
)
def _weekday_a_week_before(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """ "Thursday week past", "last Thursday but one", "Tuesday of the week before last"."""
    if match["of"]:
        return exactly(today - timedelta(days=today.weekday() - DAYS.index(match["of"][:3].lower()) + 14))
    weeks = 2 if (match["unit"] or "").lower() == "fortnight" else 1
    return exactly(_last_weekday(match["weekday"], today) - timedelta(days=7 * weeks))


@reads(
    LATIN,
    ("day of", "day in"),
    rf"\b(?P<nth>first|1st|second|2nd|third|3rd|fourth|4th|last) (?P<weekday>{_WEEKDAY}|day) (?:of|in) (?:(?P<which>this|last) month|(?P<month>{MONTH}))(?:,? (?P<year>20\d\d|last year)\b)?",
)
def _nth_weekday(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """ "the first Saturday of October", "the last day of last month"."""
    if match["which"]:
        year, month = months_back(today, int(match["which"].lower() == "last"))
    else:
        month = _named_month(match["month"])
        said = (match["year"] or "").lower()
        year = int(said) if said.isdigit() else today.year - (said == "last year" or (not said and month > today.month))
    nth = _NTH[match["nth"].lower()[:2]]
    if match["weekday"].lower() == "day":
        found = date(year, month, calendar.monthrange(year, month)[1] if nth < 0 else nth)
    else:
        found = weekday_of_month(year, month, DAYS.index(match["weekday"][:3].lower()), nth) or today + timedelta(
            days=1
        )
    return exactly(found) if found <= today else None


_NTH: Final = {"fi": 1, "1s": 1, "se": 2, "2n": 2, "th": 3, "3r": 3, "fo": 4, "4t": 4, "la": -1}


@reads(
    LATIN,
    ("of the ", "in the "),
    rf"\b(?P<day>{ORDINAL}|\d{{1,2}}(?:st|nd|rd|th)) (?:of|in) the (?P<month>{ORDINAL}|\d{{1,2}}(?:st|nd|rd|th))\b(?: (?:month|last year|20\d\d)\b)?",
)
def _ordinals(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """ "the nineteenth of the ninth"."""
    day, month = (ordinal_value(re.sub(r"(?<=\d)[a-z]+", "", match[name])) for name in ("day", "month"))
    return latest_day(today, month, day) if 1 <= month <= 12 else None


@reads(
    LATIN,
    ("month", "inst", "ult"),
    rf"\b(?P<day>\d{{1,2}}(?:st|nd|rd|th)|{ORDINAL}) (?:(?:of )?(?P<which>this|last) month|(?P<latin>inst|ult)\b\.?)",
)
def _day_of_this_month(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """ "the 14th of last month", "the 28th ult."."""
    back = (match["which"] or "").lower() == "last" or (match["latin"] or "").lower() == "ult"
    found = day_of(*months_back(today, int(back)), ordinal_value(re.sub(r"(?<=\d)[a-z]+", "", match["day"])))
    return found if found and found.value and found.value.text <= today.isoformat() else None


@reads(
    LATIN,
    _MONTHS,
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)? ?(?:-|to|and|until|till?|thru|through) ?(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?P<month>{MONTH})(?:,? (?P<year>20\d\d)\b)?",
)
@reads(
    LATIN,
    _MONTHS,
    rf"\b(?P<month>{MONTH}) (?P<day>\d{{1,2}})(?:st|nd|rd|th)? ?(?:-|to|and|until|till?|thru|through) ?(?:the )?\d{{1,2}}(?:st|nd|rd|th)?\b(?![.:]\d| (?:pounds|dollars|am\b|pm\b|times))(?:,? (?P<year>20\d\d)\b)?",
)
def _from_day_to_day(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """ "between 19 and 23 October": the first of them."""
    return english_day(match["month"], match["day"], match["year"], today)


@reads(
    LATIN,
    _MONTHS,
    rf"\b(?P<day>\d{{1,2}}|(?:{ORDINAL})(?= of))(?:st|nd|rd|th)?(?: of)?[ -]?(?P<month>{MONTH})(?:(?:,? ?|-)(?P<year>20\d\d|(?:of )?(?:this|last) year|(?<=-)2\d)\b)?{_NO_STREET}",
)
def _day_month(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return english_day(match["month"], match["day"], match["year"], today)


@reads(
    LATIN,
    _MONTHS,
    rf"\b(?P<month>{MONTH})[ -](?:the )?(?P<day>\d{{1,2}}|{ORDINAL})(?:st|nd|rd|th)?\b(?![:.]\d)(?:,? (?P<year>20\d\d)\b)?",
)
def _month_day(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return english_day(match["month"], match["day"], match["year"], today)


@reads(LATIN, _MONTHS, rf"\b(?P<month>{MONTH}) (?:of )?(?P<year>20\d\d|last year|this year)\b")
@reads(
    LATIN,
    _MONTHS,
    rf"\b(?:(?P<of>in|during|since|of|early|late|mid|last|this|from|until|for|all) |mid-)(?P<month>{MONTH})(?: (?:of )?(?P<year>20\d\d|last year|this year))?(?! \d)(?! bank holiday){_NO_STREET}",
)
@reads(
    LATIN,
    _MONTHS,
    rf"\b(?P<month>{MONTH})(?P<year>)(?:'s)? (?=(?:bank |mortgage |credit card )?(?:statement|bill)s?\b)",
)
def _month_alone(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return english_day(match["month"], None, match["year"], today)


@reads(
    LATIN,
    ("yes", "yst", "yt", "today", "tdy", "night", "this ", "earlier", "last ", "before"),
    r"\b(?:the )?(?:day before yesterday|night before last)\b|\byest(?:erday)?\b|\by(?:e)?st(?:er)?da?y?\b|\bytd\b(?! (?:total|figure|balance|interest|return))|\blast (?:ni(?:ght|te)|evening)\b|\btoday\b|\btdy\b|\bearlier on\b|\bthis (?:arvo|avo|aft)\b|\bthis (?:morning?|mrng|mornin|afternoon|evening)\b|\btonight\b",
)
def _near(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    said = match[0].lower()
    back = 2 if "before" in said else 1 if said[0] == "y" or said.startswith("last ") else 0
    return exactly(today - timedelta(days=back))


@reads(
    LATIN,
    (" ago", " back", " since"),
    rf"\b(?:about |around |roughly |over |almost |nearly )?(?P<count>{_COUNT}|a couple of|a few|several|some|couple of) (?P<unit>minute|min|hour|hr|day|night|evening|morning|week|wk|fortnight|month|year|yr)s? (?:ago|back|since)\b",
)
def _ago_english(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    said = match["count"].lower()
    value = 1 if said in ("a", "an", "half an", "half a") else english_value(said)
    found = days_back(-1 if value is None else int(value), _UNITS.get(unit := match["unit"].lower(), unit), today)
    return Day(found.value, found.exact and match[0].lower().startswith(said))


_UNITS: Final = {"min": "minute", "hr": "hour", "wk": "week", "yr": "year"}


@reads(
    LATIN,
    ("the ",),
    rf"\b(?:(?:on|since|of|from|was|dated|by|ago,|until|around|about|and again on) )?the (?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)|(?P<word>{ORDINAL}))\b"
    r"(?= ?(?:[,.;:!?)\n-]|$)| (?:i|we|you|they|he|she|it|my|our|your|the|there|and|but|when|at|in|was|were|after|before|with|saying|just|around|about|someone|somebody|this|that|for|to|a|an|not|as|till|until|which|is|im|ive|i'm|i've)\b)",
)
def _day_of_month(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """ "on the 17th": the latest such day."""
    if match["word"] and not match[0].lower().startswith(_PREPOSITIONS):
        return None  # "the first, I rang"
    return latest_of_month(today, ordinal_value(match["day"] or match["word"]))


@reads(
    LATIN,
    DAYS,
    rf"\b(?:(?P<day>{DAY}) (?:morning|afternoon|evening|night|lunch ?time|dinner ?time|tea ?time|gone|just gone|around|about|at)|(?:since|sinc|came|got it|happened) (?P<since>{DAY}))(?! (?:of )?(?:last week|\d))",
)
def _part_of_weekday(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    said = (match["day"] or match["since"])[:3].lower()
    if match[0].lower().endswith("gone"):
        return exactly(_last_weekday(said, today))
    return exactly(today - timedelta(days=(today.weekday() - DAYS.index(said)) % 7))


@reads(
    LATIN,
    DAYS,
    rf"\b(?:{DAY}),? (?:the )?(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)|(?P<word>{ORDINAL}))\b(?! (?:of )?{MONTH})",
)
def _weekday_and_day(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """ "sat 14th"."""
    return latest_of_month(today, ordinal_value(match["day"] or match["word"]))


@reads(LATIN, DAYS, rf"(?:^|[,;.(:-] ?)(?P<day>{DAY})(?=[,;.)])")
@reads(
    LATIN,
    DAYS,
    r"(?<!every )(?<!each )(?<!any )(?<!to )(?<!through )(?<!next )(?<!till )(?<!not )(?<!black )(?<!first )(?<!second )(?<!third )(?<!last )(?<!past )(?<!good )(?<!easter )(?<!that )(?<!a )(?<!weekend )(?<!holiday )(?<!some )(?<!until )(?<!by )(?<!before )\b(?P<day>(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b(?! (?:to|and|or|till|until|before|week|last|of)\b|'s(?! when)|[-/]|,? (?:the )?\d| running| (?:last|of last) week)",
)
def _weekday_alone(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """ "declined my card, saturday, bar tab …"."""
    return exactly(today - timedelta(days=(today.weekday() - DAYS.index(match["day"][:3].lower())) % 7))


@reads(
    LATIN,
    (" last", " ago"),
    rf"\b(?:the )?(?P<day>{DAY}) before last\b|\b(?P<count>two|three|2|3) (?P<days>(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?) ago\b|\b(?P<last>{DAY}) last\b(?! week)",
)
def _weekday_before(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """ "the Friday before last", "two Sundays ago", "Thursday last"."""
    weekday = DAYS.index((match["day"] or match["days"] or match["last"])[:3].lower())
    weeks = 1 if match["day"] else 0 if match["last"] else {"three": 2, "3": 2}.get((match["count"]).lower(), 1)
    return exactly(today - timedelta(days=((today.weekday() - weekday) % 7 or 7) + 7 * weeks))


@reads(LATIN, ("last week",), rf"\b(?P<day>{DAY}) (?:of )?last week\b")
def _weekday_last_week(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return exactly(today - timedelta(days=today.weekday() - DAYS.index(match["day"][:3].lower()) + 7))


@reads(
    LATIN, DAYS, rf"\b(?P<which>last|on|this|past|was|since|from|is) (?P<day>{DAY})(?! (?:of )?(?:last week|\d)| ?, \d)"
)
def _weekday_english(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    back = (today.weekday() - DAYS.index(match["day"][:3].lower())) % 7
    return exactly(today - timedelta(days=7 if back == 0 and match["which"].lower() in ("last", "past") else back))


@reads(
    LATIN,
    ("last ", "this ", "other ", "recent", "the "),
    r"\b(?P<before>week|month|year) before last\b|\b(?P<end>end|start|beginning) of last year\b|\b(?P<which>last|this) (?P<unit>week|month|year)\b(?! of)|\b(?P<other>the other day|recently|the other (?:night|week|month)|(?:last|(?:sometime |some time )?(?:in|over|during) the) (?:spring|summer|autumn|fall|winter|weekend|holidays)(?! of (?:20|last)))\b",
)
def _span_english(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    if match["other"]:
        return Day(None, exact=False)
    if match["end"]:
        return Day(PartialDate(f"{today.year - 1}-{'12' if match['end'].lower() == 'end' else '01'}"), exact=False)
    back = 2 if match["before"] else int(match["which"].lower() == "last")
    unit = (match["unit"] or match["before"]).lower()
    if unit == "week":
        return week_of(today, back)
    if unit == "month":
        return day_of(*months_back(today, back))
    return Day(PartialDate(f"{today.year - back:04d}"))


@reads(
    LATIN,
    ("20", "'1", "'2"),
    r"\b(?:(?:in|since|summer of|autumn of|spring of|winter of|during) |XX/XX/)(?P<year>20[012]\d|'[12]\d)\b(?! (?:pounds|dollars))",
)
def _year_english(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    year = match["year"].replace("'", "20")
    return Day(PartialDate(year)) if int(year) <= today.year else None
