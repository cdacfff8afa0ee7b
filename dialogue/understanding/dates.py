"""When it happened, as customers say it: 上个月15号, 尋日, 去年双十一, last Friday, two weeks ago, 28 October.

A day without a year is the latest such day that is not in the future; a weekday the same. A week, a few days ago or 12/11 in
English are no day: the words are kept, with the month where all of it lies in one. `now` is in the institution's zone.

Not here: the words for days (dates_chinese.py, dates_english.py), which of several is the one complained of (occurrence.py).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from case_store.records import Language, PartialDate
from dialogue.understanding import dates_chinese, dates_english  # noqa: F401  # they list their readers
from dialogue.understanding.dates_english import DAY, DAYS, MONTH, english_day, in_order
from dialogue.understanding.dates_feasts import feasts_in
from dialogue.understanding.days import (
    CHINESE,
    LATIN,
    MOST,
    Day,
    day_of,
    exactly,
    latest_day,
    latest_of_month,
    nearest_to,
)
from dialogue.understanding.doubtful import doubtful_days
from dialogue.understanding.found import Found
from dialogue.understanding.plain import Plain, Span, overlaps, plain, sentence_around


@dataclass(frozen=True, slots=True)
class DateFound:
    """A day that was said; `may_come`: said without a year, it comes again within weeks and may well be that one; `doubtful`: what makes it
    doubtful whether it is a day of the past at all."""

    found: Found[PartialDate]
    exact: bool
    alone: bool = False
    may_come: bool = False
    doubtful: str = ""


@dataclass(frozen=True, slots=True)
class DatesRead:
    """`spans` are the places of all days said, past or to come: no money stands there."""

    dates: tuple[DateFound, ...]
    spans: tuple[Span, ...]


_WITH_YEAR: Final = re.compile(
    r"20[012]\d(?P<mark>[-/.])\d{1,2}(?P=mark)\d{1,2}|\d{1,2}(?P<mark_>[-/.])\d{1,2}(?P=mark_)20[012]\d|20[012]\d[01]\d[0-3]\d|[ :：]{0,2}1[01]\d[01]\d[0-3]\d"
)
"""So told, it is no number of another kind."""
_SAYS_WHEN: Final = re.compile(
    r"年|\d{4}|year|ago|前|以来|since|[节夕旦至]|圣诞|平安夜|christmas|xmas|thanksgiving|last |hogmanay|\beve\b|day|night",
    re.IGNORECASE,
)
_LONG_AGO: Final = 310  # days: what is as far back comes again within eight weeks
# these say too little of when it was unless that was asked
_JUST_NOW: Final = re.compile(r"刚才|刚刚|刚发生|啱啱|头先|\bjust now\b|\bright now\b", re.IGNORECASE)
_TELLING: Final = 20  # characters: who says less answers something
_JUST_NOW_TOLD: Final = re.compile(
    r"(?:就)?(?:刚刚|刚才|头先|啱啱)(?!说|讲|打|问|填|写|话|我说|那|这|的|嗰)|\b(?<!that's )(?<!\ball )(?<!\bis )(?:right (?:now|this (?:second|minute))|as we speak|minutes? ago|just now)\b",
    re.IGNORECASE,
)
_UNDER_WAY: Final = re.compile(
    r"刚(?!好|性|需|开始|毕业|退休|满|认识)|啱(?=[俾畀被比])|正在|正(?=[远被用刷转])|此刻|而家|现在正|仍在|还在(?=继续|刷|转|扣)|\b(?:(?:i've|i have|someone'?s|somebody'?s|he's|she's|they've|they're|has|have|had) just|just (?:had|been|got|taken|lost|came)|(?:is|are) (?:using|spending|draining|emptying|taking)|at this moment|right now|i'?m (?:stood|standing|sitting|sat|stuck|queuing|here) (?:in|at|outside))\b",
    re.IGNORECASE,
)
_TAKEN: Final = re.compile(
    r"盗|转[走账出]|发转账|被人|顺手|[刷偷抢扒骗掏领盜]|少了|少咗|没了|套走|login|\b(?:stole|stolen|nicked|snatched|robbed|took|take|taken?|using|spending|contactless|scam\w*|con|hack\w*|drain\w*|emptying|queue|branch|till|counter)\b",
    re.IGNORECASE,
)
_MONTH_FIRST: Final = {"US": True, **dict.fromkeys(("GB", "IE", "SG", "HK", "AU", "NZ", "IN", "ZA"), False)}
_ONLY_A_DAY: Final = re.compile(r"\W*(?P<day>\d{1,2})(?:st|nd|rd|th)\W*", re.IGNORECASE)
_BARE_DAY: Final = re.compile(rf"\b(?P<day>{DAY})", re.IGNORECASE)
_BARE_MONTH: Final = re.compile(
    rf"^\W*(?:early |late |mid-?|about |around |maybe |i think |last )*(?P<month>{MONTH})(?=\W*$|,)", re.IGNORECASE
)
# an unasked "10.28" or "1028" may be anything: only as the answer to "when"
_BARE: Final = re.compile(
    r"(?<!\d)(?P<republic>1[01]\d[01]\d[0-3]\d)(?!\d)|"
    r"(?<![\d.])(?P<month>1[0-2]|0?[1-9])[.-](?P<day>3[01]|[12]\d|0?[1-9])(?![\d.])|(?<!\d)(?P<whole>20[012]\d[01]\d[0-3]\d)(?!\d)|^\W*(?P<month_>0[1-9]|1[0-2])(?P<day_>[0-2]\d|3[01])\W*$"
)
_BARE_YEAR: Final = re.compile(r"(?<![\d./-])20[012]\d(?![\d./-]|\s?[元块万])")  # "2019 I think"
_HAS_LATIN: Final = re.compile(r"[a-zA-Z]|\d[-/.]\d|20[12]\d[01]\d[0-3]\d|[日期][ :：]{0,2}1[01]\d{5}")
_HAS_CHINESE: Final = re.compile(
    r"[年月日号天周期拜晚夜早朝前最近双旦五国圣季末排昨今节]|618|除夕|年三十|清明|端午|中秋|重阳"
)

_DAY_OF_WAITING: Final = re.compile(r"^(?:都|已经?|是)?第[一二三四五六七八九十\d]{1,3}天")  # 今天第四天了
_OPENING: Final = re.compile(r"^[^，,。\n]{0,4}(?:有|会)?(?:开|营业|上班)(?:门)?(?:吗|嘛|不|没|冇|㗎|唔)")
_DEADLINE_AFTER: Final = re.compile(r"^[日号]?(?:之前|以前|前(?!几|段|后|台|去|往|来)|之?内(?!容)|以内|以后|之后)")
_NOT_PAST: Final = re.compile(
    r"(?:(?:(?<!申)请(?!款)|安排|务必|恳请|希望|麻烦|唔该|要求)[^，,。;!?\n]{0,14}|(?:^|[^用])等(?!了|咗|足|级|候|多)[^，,。;!?\n]{0,8}|下个?|下下个?|明年|(?<!明)(?<!说)(?<!证)(?<!申)(?<!声)明|\b(?:next|by|until|before|due|no later than|within)\s(?:on )?(?:the )?|\ba (?:week|fortnight) (?:on )?)$",
    re.IGNORECASE,
)
_LABELLED: Final = re.compile(  # of a contract or a bill
    r"(?:(?:到期|截止|生效|还款|缴款|账单|有效)(?:日期?|期限?)?|效期|最后期限|\b(?:due(?: date)?|valid (?:thru|till|until|to|from)|expir\w*|exp(?: date)?|effective(?: date)?|deadline))(?:写|寫|的)?(?:是|为|on|is|of|date|:|,| )*$",
    re.IGNORECASE,
)
_WELL_UNTIL: Final = re.compile(
    r"\b(?:fine|ok|okay|good|normal\w*|worked|working|well|perfect\w*|no (?:problem|trouble|issue)s?)\b[^.]{0,16} (?:until|till|up to) (?:about |around |the )?$",
    re.IGNORECASE,
)
_HABIT: Final = re.compile(
    r"^(?:都|才|先|只|又)?(?:上班|有空|得闲|放假|休息|轮休|返工|营业|去不了|行不行|方便|(?:的|是)?(?:会员|活动|折扣|优惠)日)"
)
_AN_AGE: Final = re.compile(
    r"(?:都|也|已经?|快|刚)?(?:\d{2,3}|[一二三四五六七八九十]{2,4})(?:多|几)?(?:周?岁|高龄|了)?(?=$|[,，。;；!！\n])"
)
_WILL_BE: Final = re.compile(  # "closing in January"
    r"(?<!was )(?<!were )(?<!on )(?<!of )(?<!after )(?<!'s )(?<!s' )(?<!my )(?<!the )(?<!her )(?<!his )(?<!our )\b(?:closing|shutting|moving|leaving|expiring|retiring|due|will \w+(?: (?:down|up))?|'ll \w+)(?: down| up| for good)? (?:(?:in|on|at the end of|from) )?(?:early |late |mid-?)?$",
    re.IGNORECASE,
)
_RATES: Final = re.compile(  # 从3.9调到4.6
    r"\d\.\d{1,3} ?[%％厘]?[^\d\n]{0,4}(?:调|升|降|涨|加|变|改|跌|減|减)[^\d\n]{0,6}\d\.\d|\d\.\d{1,3} ?(?:%|％|厘|个点|percent|per cent)"
)
_HABIT_BEFORE: Final = re.compile(r"(?:每个?|逢|净系|净係|只有|只得)$")
_TO_COME: Final = re.compile(
    r"^(?:[的嘅]?(?:早上|上午|中午|下午|晚上?))?(?:我们?|就|还|又)?(?:就?要(?!求)|得(?!到|知|罪)|必须|将|截止)|^ (?:i (?:need|must|have to)|we (?:need|must|have to)|deadline)",
    re.IGNORECASE,
)
_NOT_YET: Final = re.compile(r"^[^，,。]{0,2}(?:还没|还未|未|仲未|没)(?:有)?到|^[^，,。]{0,4}(?:要|快)到")
_BIRTH: Final = re.compile(
    r"(?:(?<!发)生日|身份证号?码?|出生|生于|\bborn\b|\bbirth|\bDOB\b)[^,，。;\n]{0,12}$", re.IGNORECASE
)
_BIRTH_AFTER: Final = re.compile(
    r"^[^,，。;\n]{0,3}(?:生日|出生|(?<![发先学医陌])生(?![效成产活意病日气]))|^(?:都|已经?|快|刚)?[\d〇零一二三四五六七八九十廿卅]{1,4}(?:多|几)?岁"
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
    region: str = "",
    generous: bool = False,
) -> DatesRead:
    """As `dates_in`, telling also which are exact, and where any day stands. `taken` are places that belong to numbers of other kinds.
    `generous`: with days that may be none, or none of the past.

    `region` says which of 12/11 is the month, where English has one order.
    """
    read, today = plain(text), now.date()
    spans: list[Span] = []
    dates = []
    for start, end, day in itertools.islice(_candidates(read.plain, today, language, asked, region), MOST):
        if overlaps(start, end, tuple(spans)) or (
            overlaps(start, end, taken) and not _WITH_YEAR.fullmatch(read.plain, start, end)
        ):
            continue
        spans.append((start, end))
        past = day.value is None or day.value.text <= today.isoformat()
        may_come = _may_come(day, read.plain[start:end], today)
        doubtful = _doubtful(read.plain, start, end, coming=day.alone or may_come)
        if past and (generous or not doubtful):
            found = Found(day.value, read.own[start:end].strip(), start)
            dates.append(DateFound(found, day.exact, day.alone, may_come, doubtful))
    certain = any(not one.doubtful for one in dates)
    if not certain and not asked and len(read.plain) >= _TELLING and (now_at := _under_way(read.plain)):
        dates.append(DateFound(Found(exactly(today).value, read.own[slice(*now_at)], now_at[0]), exact=False))
    elif generous and not asked:
        dates += [
            DateFound(Found(day.value, read.own[start:end].strip(), start), exact=False, doubtful=why)
            for start, end, day, why in doubtful_days(read.plain, today)
            if not overlaps(start, end, (*spans, *taken))
        ]
    return DatesRead(_with_months(sorted(dates, key=lambda one: one.found.start), today), tuple(spans))


def _may_come(day: Day, words: str, today: date) -> bool:
    if day.value is None or len(day.value.text) < 7 or _SAYS_WHEN.search(words):
        return False
    year, month, *rest = map(int, day.value.text.split("-"))
    return (today - date(year, month, rest[0] if rest else 28)).days > _LONG_AGO


def _with_months(dates: list[DateFound], today: date) -> tuple[DateFound, ...]:
    """Days of months that are not named get the month of the one named before them."""
    told: list[DateFound] = []
    months = [one.found.value for one in dates if one.found.value and not one.alone and len(one.found.value.text) == 7]
    named: PartialDate | None = months[0] if len(months) == 1 else None
    for one in dates:
        value = one.found.value
        if value is not None and one.alone and named is not None:
            value = nearest_to(named, value, today)
            one = replace(one, found=replace(one.found, value=value))
        if value is not None and len(value.text) > 4:
            named = value
        told.append(one)
    return tuple(told)


def _under_way(text: str) -> Span | None:
    """Where it says that something is being done right now, or was a moment ago: "刚少了五万", "somebody is using my card"."""
    for match in _UNDER_WAY.finditer(text):
        before, after = sentence_around(text, *match.span(), 40)
        if _TAKEN.search(before) or _TAKEN.search(after):
            return match.span()
    return None


def _candidates(
    text: str, today: date, language: Language | None, asked: bool, region: str
) -> Iterator[tuple[int, int, Day]]:
    yield from feasts_in(text, today, region)
    readers = [*(LATIN if _HAS_LATIN.search(text) else ()), *(CHINESE if _HAS_CHINESE.search(text) else ())]
    lower = text.lower()
    for signs, pattern, reader in readers:
        if not any(sign in lower for sign in signs):
            continue
        for match in pattern.finditer(text):
            day = reader(match, today, language)
            if day is not None and day.value is None and region in _MONTH_FIRST:
                day = in_order(match, today, month_first=_MONTH_FIRST[region]) or day
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
                exactly(today - timedelta(days=(today.weekday() - DAYS.index(match["day"][:3].lower())) % 7)),
            )
        if alone := _ONLY_A_DAY.fullmatch(text):
            yield (*alone.span(), latest_of_month(today, int(alone["day"])) or Day(None, exact=False))
        for match in _BARE_MONTH.finditer(text):
            if (month := english_day(match["month"], None, None, today)) is not None:
                yield (*match.span(), month)
        for match in _BARE_YEAR.finditer(text):
            if int(match[0]) <= today.year:
                yield (*match.span(), Day(PartialDate(match[0])))
        for match in () if _RATES.search(text) else _BARE.finditer(text):
            whole = match["whole"] or (region == "TW" and match["republic"] and str(int(match["republic"]) + 19110000))
            number, of_month = match["month"] or match["month_"], match["day"] or match["day_"]
            if not whole and not number:
                continue
            bare = (
                day_of(int(whole[:4]), int(whole[4:6]), int(whole[6:]))
                if whole
                else latest_day(today, int(number), int(of_month))
            )
            if bare is not None:
                yield (*match.span(), bare)


def _doubtful(text: str, start: int, end: int, *, coming: bool) -> str:
    if coming and _TO_COME.match(text[end : end + 24]):
        return "to come"
    return "other" if _is_other(text, start, end) else ""


def _is_other(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 24) : start], text[end : end + 8]
    if _DAY_OF_WAITING.match(after) or _OPENING.match(text[end : end + 12]):
        return True
    if text[start:end] == "今年" and _AN_AGE.match(text, end):
        return True
    if _WILL_BE.search(before) and not re.search(r"\d{4}", text[start:end]):
        return True
    if _LABELLED.search(before) or _HABIT.match(after) or _HABIT_BEFORE.search(before) or _NOT_YET.match(after):
        return True
    if _WELL_UNTIL.search(text, max(0, start - 40), start):
        return False
    return bool(
        _NOT_PAST.search(before)
        or _BIRTH.search(before)
        or _BIRTH_AFTER.search(after)
        or (_DEADLINE_AFTER.search(after) and not text[start:end].endswith("前"))
    )
