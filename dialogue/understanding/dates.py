"""When it happened, as customers say it: 上个月15号, 尋日, 去年双十一, last Friday, two weeks ago, 28 October.

A day without a year is the latest such day that is not in the future; a weekday the same. A week, a few days ago or 12/11 in
English are no day: the words are kept, with the month where all of it lies in one. `now` is in the institution's zone.

Not here: which of several days is the one complained of (facts).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from case_store.records import Language, PartialDate
from dialogue.understanding.days import (
    CHINESE,
    LATIN,
    MOST,
    Day,
    day_of,
    exactly,
    latest_day,
    months_back,
    number_of,
    reads,
    week_of,
    year_of,
)
from dialogue.understanding.found import Found
from dialogue.understanding.numerals import ORDINAL, english_value, ordinal_value
from dialogue.understanding.plain import Plain, Span, overlaps, plain


@dataclass(frozen=True, slots=True)
class DateFound:
    found: Found[PartialDate]
    exact: bool


@dataclass(frozen=True, slots=True)
class DatesRead:
    """`spans` are the places of all days said, past or to come: no money stands there."""

    dates: tuple[DateFound, ...]
    spans: tuple[Span, ...]


_N = r"(?:\d{1,2}|[一二三四五六七八九十廿卅]{1,3})"
_YEAR = r"(?:大前年|前年|去年|旧年|今年|本年|上年|(?:19|20)\d\d年|[一二][零〇九][零〇一二三四五六七八九]{2}年|民国\d{1,3}年|(?<!\d)1[01]\d年|(?<!\d)[12]\d年)"
_WEEKDAY = r"[一二三四五六日天1-6]"
_MONTHS: Final = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?"
_DAYS: Final = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAY = r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\b"
_COUNT = r"(?:\d{1,3}|a|an|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"


@reads(
    CHINESE,
    "月",
    rf"(?P<year>{_YEAR})?的?(?<!\d)(?P<month>{_N}) ?月(?!经|供|薪|费|租)(?:份|底|初|中旬|上旬|下旬|末)?(?:(?<=月) ?(?P<day>{_N}) ?[日号]?(?!\d|[点元块万千百]))?",
)
def _month_and_day(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    month, day = number_of(match["month"]), number_of(match["day"]) if match["day"] else None
    if match["year"]:
        return day_of(year_of(match["year"], today), month, day)
    return latest_day(today, month, day)


@reads(
    CHINESE,
    "月",
    rf"(?P<which>上上个?|上个?|这个?|本|今个?)月(?!供)(?:底|初|中旬|中|末|尾|头)?(?:的?(?P<day>{_N})[日号])?",
)
def _month_by_name(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    year, month = months_back(today, {"上上": 2, "上": 1}.get(match["which"].removesuffix("个"), 0))
    return day_of(year, month, number_of(match["day"]) if match["day"] else None)


@reads(
    CHINESE,
    "期周拜",
    rf"(?P<which>上上个?|上个?|这个?|本|今个?)?(?:星期|周|礼拜)(?P<day>{_WEEKDAY})(?![个次年周天点]|\d|[一二三四五六]?到|至|(?<=一)(?:直|共|样|般|起|路))",
)
def _weekday(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    weekday = (
        "一二三四五六".find(match["day"])
        if match["day"] in "一二三四五六"
        else 6
        if match["day"] in "日天"
        else int(match["day"]) - 1
    )
    which = (match["which"] or "").removesuffix("个")
    if not which:
        return exactly(today - timedelta(days=(today.weekday() - weekday) % 7))
    found = today - timedelta(days=today.weekday() - weekday + 7 * {"上": 1, "上上": 2}.get(which, 0))
    return exactly(found) if found <= today else None


@reads(
    CHINESE,
    "期周拜",
    r"(?P<which>上上个?|上个?|这个?|本|今个?)(?:星期|周|礼拜)(?!末|一(?!直|共|起)|[二三四五六日天年\d])",
)
def _week_by_name(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return week_of(today, {"上": 1, "上上": 2}.get(match["which"].removesuffix("个"), 0))


@reads(
    CHINESE, "前昨琴寻噚㖊今", r"大前[天日]|前[天日晚](?!台)|昨[天日晚夜]|[琴寻噚㖊]日|寻晚|琴晚|今[天日早晚朝](?!后)"
)
def _near_day(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    said = match[0]
    back = 3 if said[0] == "大" else 2 if said[0] == "前" else 0 if said[0] == "今" else 1
    return exactly(today - timedelta(days=back))


@reads(
    CHINESE,
    "前",
    r"(?P<count>\d{1,3}|[一二两三四五六七八九十]{1,3}|半)(?P<unit>天|日|周|个?星期|个?礼拜|个月|年)(?:之|以)?前",
)
def _ago(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    unit = match["unit"].removeprefix("个")
    if match["count"] == "半":
        return (
            Day(PartialDate("{:04d}-{:02d}".format(*months_back(today, 6))), exact=False)
            if unit == "年"
            else Day(None, exact=False)
        )
    return _back(
        number_of(match["count"]), {"天": "day", "日": "day", "月": "month", "年": "year"}.get(unit, "week"), today
    )


@reads(
    CHINESE,
    "结锁封停制账拖住上用",
    r"(?:(?<=[结锁封停制账拖住上])|(?<=[结锁封停制账拖住上用][,，了]))(?:了|咗)?(?:已经|整整|足足|快|都)?(?P<count>\d{1,3}|[一二两三四五六七八九十]{1,3})(?P<unit>天|日|周|个?星期|个?礼拜|个月)多?了",
)
def _since(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """ "冻结三个星期了": it began so long ago, roughly."""
    unit = match["unit"].removeprefix("个")
    found = _back(number_of(match["count"]), {"天": "day", "日": "day", "月": "month"}.get(unit, "week"), today)
    return Day(found.value, exact=False)


def _back(count: int, unit: str, today: date) -> Day:
    if count < 0 or (unit == "year" and count > 100):
        return Day(None, exact=False)
    if unit in ("minute", "hour"):
        return exactly(today)
    if unit in ("day", "week"):
        return exactly(today - timedelta(days=count * (7 if unit == "week" else 1)), exact=unit == "day")
    if unit == "month":
        return Day(PartialDate("{:04d}-{:02d}".format(*months_back(today, count))), exact=False)
    return Day(PartialDate(f"{today.year - count:04d}"), exact=False)


@reads(
    CHINESE,
    "前近年季周",
    r"前几[天日个]月?|前段时间|前阵子|前排|几[天日周个](?:星期|礼拜|月)?(?:之|以)?前|上半年|下半年|上个?季度|最近|近期|不久前|上个?周末",
)
def _vague(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return Day(None, exact=False)


@reads(
    CHINESE,
    "双旦五庆一圣夜6",
    rf"(?P<year>{_YEAR})?的?(?P<feast>双十一|双11|双十二|双12|元旦|五一(?!路|支|分|街)|国庆|十一假期|圣诞|平安夜|六一八|618)节?",
)
def _feast(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    month, day = _FEASTS[match["feast"].replace("11", "十一").replace("12", "十二")]
    found = day_of(year_of(match["year"], today), month, day) if match["year"] else latest_day(today, month, day)
    return found and Day(found.value, exact=match["feast"] not in ("国庆", "五一", "圣诞", "十一假期"))


_FEASTS: Final = {
    "双十一": (11, 11), "双十二": (12, 12), "元旦": (1, 1), "五一": (5, 1), "国庆": (10, 1), "十一假期": (10, 1),
    "圣诞": (12, 25), "平安夜": (12, 24), "六一八": (6, 18), "618": (6, 18),
}  # fmt: skip


@reads(CHINESE, "年", rf"(?P<year>{_YEAR})(?:年?[初底末中尾])?(?!期|龄|化|限|利)")
def _year_alone(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    year = year_of(match["year"], today)
    short = re.fullmatch(r"[12]\d年", match["year"])
    if short and not 10 <= year - 2000 <= today.year - 2000:
        return None
    return Day(PartialDate(f"{year:04d}"), exact=match[0] == match["year"]) if 1900 < year <= today.year else None


@reads(
    CHINESE,
    "号",
    rf"(?<![\d尾工编第型楼座单元.月-])(?P<day>{_N})号(?!楼|线|窗|柜|门|铺|院|店|机|卡|房|室|口|员|码|令|文|仓|基|产|召|称|桌|厅|支|营)",
)
@reads(LATIN, "", r"\b(?:on|since|from) the (?P<day>\d{1,2})(?:st|nd|rd|th)\b(?! (?:of|floor|time|\w+day))")
def _day_alone(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    day = number_of(match["day"])
    year, month = today.year, today.month
    for _ in range(3):
        found = day_of(year, month, day)
        if found and found.value and found.value.text <= today.isoformat():
            return found
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return None


@reads(LATIN, "", r"(?<![\d./-])(?P<year>(?:19|20)\d\d)[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?![\d/-]|\.\d)")
def _numeric(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return day_of(int(match["year"]), int(match["month"]), int(match["day"]))


@reads(
    LATIN,
    "",
    r"(?<![\d./-])(?P<one>\d{1,2})(?:/(?P<two>\d{1,2})(?:/(?P<year>(?:20)?\d\d))?|[.-](?P<two_>\d{1,2})[.-](?P<year_>20\d\d))(?![\d/-]|\.\d)",
)
def _slashed(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """Month first in Chinese; in English only where one of both can be no month."""
    one, two = int(match["one"]), int(match["two"] or match["two_"])
    year = match["year"] or match["year_"]
    fraction = not year and (match[0] == "24/7" or (one < two <= 4 and one < 4))
    if fraction or not (1 <= one <= 31 and 1 <= two <= 31) or min(one, two) > 12:
        return None
    if language is Language.EN and one <= 12 and two <= 12 and one != two:
        return Day(None, exact=False)
    month, day = (one, two) if one <= 12 else (two, one)
    return day_of(int(year) + (2000 if int(year) < 100 else 0), month, day) if year else latest_day(today, month, day)


def _named_month(said: str) -> int:
    return _MONTHS.index(said[:3].lower()) + 1


def _english_day(month: str, day: str | None, year: str | None, today: date) -> Day | None:
    number = ordinal_value(day) if day else None
    return day_of(int(year), _named_month(month), number) if year else latest_day(today, _named_month(month), number)


@reads(
    LATIN,
    "",
    rf"\b(?P<day>\d{{1,2}}|(?:{ORDINAL})(?= of))(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})(?:,? (?P<year>20\d\d)\b)?",
)
def _day_month(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return _english_day(match["month"], match["day"], match["year"], today)


@reads(
    LATIN,
    "",
    rf"\b(?P<month>{_MONTH}) (?:the )?(?P<day>\d{{1,2}}|{ORDINAL})(?:st|nd|rd|th)?\b(?![:.]\d)(?:,? (?P<year>20\d\d)\b)?",
)
def _month_day(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return _english_day(match["month"], match["day"], match["year"], today)


@reads(LATIN, "", rf"\b(?P<month>{_MONTH}) (?:of )?(?P<year>20\d\d|last year|this year)\b")
@reads(
    LATIN,
    "",
    rf"\b(?:(?P<of>in|during|since|of|early|late|mid|last|this|from|until) |mid-)(?P<month>{_MONTH})(?: (?:of )?(?P<year>20\d\d|last year|this year))?(?! \d)",
)
def _month_alone(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    said = (match["year"] or "").lower()
    year = {"last year": str(today.year - 1), "this year": str(today.year)}.get(said, said)
    return _english_day(match["month"], None, year or None, today)


@reads(
    LATIN,
    "",
    r"\b(?:the )?day before yesterday\b|\byesterday\b|\blast night\b|\btoday\b|\bthis (?:morning|afternoon|evening)\b|\btonight\b",
)
def _near(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    said = match[0].lower()
    back = 2 if "before" in said else 1 if said in ("yesterday", "last night") else 0
    return exactly(today - timedelta(days=back))


@reads(
    LATIN,
    "",
    rf"\b(?:about |around |roughly |over |almost |nearly )?(?P<count>{_COUNT}|a couple of|a few|several|some|couple of) (?P<unit>minute|hour|day|week|month|year)s? (?:ago|back)\b",
)
def _ago_english(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    said = match["count"].lower()
    value = 1 if said in ("a", "an") else english_value(said)
    found = _back(-1 if value is None else int(value), match["unit"].lower(), today)
    return Day(found.value, found.exact and match[0].lower().startswith(said))


_ORDINALS: Final = {
    word: day
    for day, word in enumerate("first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1)  # noqa: SIM905
}


@reads(
    LATIN,
    "",
    rf"\b(?:on|since|of|from|was|dated|by|ago,|until|and again on) the (?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)|(?P<word>{'|'.join(_ORDINALS)}))\b"
    rf"(?! ?(?:floor|time|of|century|birthday|{_MONTH}|day|anniversary|letter|call|street|avenue|attempt|instal|one|page|line|try|visit|person|party|half|place|hand))",
)
def _day_of_month(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """ "on the 17th": the latest such day."""
    day = int(match["day"]) if match["day"] else _ORDINALS[match["word"].lower()]
    year, month = today.year, today.month
    for _ in range(3):
        found = day_of(year, month, day)
        if found and found.value and found.value.text <= today.isoformat():
            return found
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return None


@reads(
    LATIN,
    "",
    r"\b(?:on |at |since )?(?P<feast>hallow?e'?en|christmas (?:day|eve)|boxing day|new year'?s (?:day|eve)|valentine'?s day|guy fawkes|bonfire night)\b(?: (?P<year>20\d\d))?",
)
def _feast_english(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    said = match["feast"].lower().replace("'", "")
    month, day = next(when for name, when in _ENGLISH_FEASTS.items() if said.startswith(name))
    return day_of(int(match["year"]), month, day) if match["year"] else latest_day(today, month, day)


_ENGLISH_FEASTS: Final = {
    "hall": (10, 31), "christmas d": (12, 25), "christmas e": (12, 24), "boxing": (12, 26), "new years d": (1, 1), "new years e": (12, 31),
    "valentine": (2, 14), "guy": (11, 5), "bonfire": (11, 5),
}  # fmt: skip


@reads(
    LATIN,
    "",
    rf"\b(?:(?P<day>{_DAY}) (?:morning|afternoon|evening|night|lunchtime|gone)|(?:since|sinc|came|got it|happened) (?P<since>{_DAY}))(?! (?:of )?(?:last week|\d))",
)
def _part_of_weekday(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    said = (match["day"] or match["since"])[:3].lower()
    return exactly(today - timedelta(days=(today.weekday() - _DAYS.index(said)) % 7))


@reads(LATIN, "", rf"\b(?P<day>{_DAY}) (?:of )?last week\b")
def _weekday_last_week(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return exactly(today - timedelta(days=today.weekday() - _DAYS.index(match["day"][:3].lower()) + 7))


@reads(
    LATIN, "", rf"\b(?P<which>last|on|this|past|was|since|from|is) (?P<day>{_DAY})(?! (?:of )?(?:last week|\d)| ?, \d)"
)
def _weekday_english(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    back = (today.weekday() - _DAYS.index(match["day"][:3].lower())) % 7
    return exactly(today - timedelta(days=7 if back == 0 and match["which"].lower() in ("last", "past") else back))


@reads(
    LATIN,
    "",
    r"\b(?P<which>last|this) (?P<unit>week|month|year)\b|\b(?P<other>the other day|recently|last (?:spring|summer|autumn|fall|winter|weekend))\b",
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


@reads(LATIN, "", r"\bin (?P<year>20[012]\d)\b(?! (?:pounds|dollars))")
def _year_english(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return Day(PartialDate(match["year"])) if int(match["year"]) <= today.year else None


# these say too little of when it was unless that was asked
_JUST_NOW: Final = re.compile(r"刚才|刚刚|刚发生|啱啱|头先|\bjust now\b|\bright now\b", re.IGNORECASE)
_TELLING: Final = 20  # characters: who says less answers something
_JUST_NOW_TOLD: Final = re.compile(
    r"(?:就)?(?:刚刚|刚才|头先|啱啱)(?!说|讲|打|问|填|写|话|我说)|\b(?<!that's )(?<!all )(?<!is )(?:right (?:now|this (?:second|minute))|as we speak|minutes? ago|just now)\b",
    re.IGNORECASE,
)
_BARE_DAY: Final = re.compile(rf"\b(?P<day>{_DAY})", re.IGNORECASE)
_BARE_MONTH: Final = re.compile(
    rf"^\W*(?:early |late |mid-?|about |around |maybe |i think |last )*(?P<month>{_MONTH})(?=\W*$|,)", re.IGNORECASE
)
# an unasked "10.28" or "1028" may be anything: only as the answer to "when"
_BARE: Final = re.compile(
    r"(?<![\d.])(?P<month>1[0-2]|0?[1-9])[.-](?P<day>3[01]|[12]\d|0?[1-9])(?![\d.])|(?<!\d)(?P<whole>20[012]\d[01]\d[0-3]\d)(?!\d)"
)
_HAS_LATIN: Final = re.compile(r"[a-zA-Z]|\d[-/.]\d")
_HAS_CHINESE: Final = re.compile(r"[年月日号天周期拜晚夜早朝前最近双旦五国圣季末排]|618")

_DAY_OF_WAITING: Final = re.compile(r"^(?:都|已经?|是)?第[一二三四五六七八九十\d]{1,3}天")  # 今天第四天了
_OPENING: Final = re.compile(r"^[^，,。\n]{0,4}(?:有|会)?(?:开|营业|上班)(?:门)?(?:吗|嘛|不|没|冇|㗎)")
_DEADLINE_AFTER: Final = re.compile(r"^[日号]?(?:之前|以前|前(?!几|段|后|台|去|往|来)|内)")
_NOT_PAST: Final = re.compile(
    r"(?:(?:请|安排|务必|恳请|希望|麻烦|唔该|要求)[^，,。;\n]{0,14}|下个?|下下个?|明年?|\b(?:next|by|until|before|due|no later than|within)\s(?:on )?(?:the )?)$",
    re.IGNORECASE,
)
_BIRTH: Final = re.compile(r"(?:生日|出生|生于|\bborn\b|\bbirth|\bDOB\b)[^,，。;\n]{0,12}$", re.IGNORECASE)
_BIRTH_AFTER: Final = re.compile(
    r"^[^,，。;\n]{0,3}(?:生日|出生)|^(?:都|已经?|快|刚)?[\d〇零一二三四五六七八九十廿卅]{1,4}(?:多|几)?岁"
)


def dates_in(
    text: str | Plain,
    *,
    now: datetime,
    language: Language | None = None,
    asked: bool = False,
    taken: tuple[Span, ...] = (),
) -> tuple[Found[PartialDate], ...]:
    """The days, months and years of a text in its order; no birthdays, deadlines or days to come."""
    return tuple(day.found for day in read_dates(text, now=now, language=language, asked=asked, taken=taken).dates)


def read_dates(
    text: str | Plain,
    *,
    now: datetime,
    language: Language | None = None,
    asked: bool = False,
    taken: tuple[Span, ...] = (),
) -> DatesRead:
    """As `dates_in`, telling also which are exact, and where any day stands. `taken` are places that belong to numbers of other kinds."""
    read, today = plain(text), now.date()
    spans: list[Span] = []
    dates = []
    for start, end, day in itertools.islice(_candidates(read.plain, today, language, asked), MOST):
        if overlaps(start, end, (*taken, *spans)):
            continue
        spans.append((start, end))
        past = day.value is None or day.value.text <= today.isoformat()
        if past and not _is_other(read.plain, start, end):
            dates.append(DateFound(Found(day.value, read.own[start:end].strip(), start), day.exact))
    return DatesRead(tuple(sorted(dates, key=lambda date_found: date_found.found.start)), tuple(spans))


def _candidates(text: str, today: date, language: Language | None, asked: bool) -> Iterator[tuple[int, int, Day]]:
    readers = [*(LATIN if _HAS_LATIN.search(text) else ()), *(CHINESE if _HAS_CHINESE.search(text) else ())]
    for signs, pattern, reader in readers:
        if signs and not any(sign in text for sign in signs):
            continue
        for match in pattern.finditer(text):
            day = reader(match, today, language)
            if day is not None:
                yield (*match.span(), day)
    if not asked and len(text) >= _TELLING:
        for match in _JUST_NOW_TOLD.finditer(text):
            yield (*match.span(), exactly(today, exact=False))
    if asked and len(text) <= 60:
        for match in _JUST_NOW.finditer(text):
            yield (*match.span(), exactly(today))
        for match in _BARE_DAY.finditer(text):
            yield (
                *match.span(),
                exactly(today - timedelta(days=(today.weekday() - _DAYS.index(match["day"][:3].lower())) % 7)),
            )
        for match in _BARE_MONTH.finditer(text):
            if (month := _english_day(match["month"], None, None, today)) is not None:
                yield (*match.span(), month)
        for match in _BARE.finditer(text):
            whole = match["whole"]
            bare = (
                day_of(int(whole[:4]), int(whole[4:6]), int(whole[6:]))
                if whole
                else latest_day(today, int(match["month"]), int(match["day"]))
            )
            if bare is not None:
                yield (*match.span(), bare)


def _is_other(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 24) : start], text[end : end + 8]
    if _DAY_OF_WAITING.match(after) or _OPENING.match(text[end : end + 12]):
        return True
    return bool(
        _NOT_PAST.search(before)
        or _BIRTH.search(before)
        or _BIRTH_AFTER.search(after)
        or (_DEADLINE_AFTER.search(after) and not text[start:end].endswith("前"))
    )
