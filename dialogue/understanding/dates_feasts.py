"""Days that are told by a feast: 國慶第二天, 大年初三, "the Friday before Halloween", "October bank holiday Monday".

Not here: on which day a feast falls (feasts.py, lunar.py), other days (dates_chinese.py, dates_english.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from dialogue.understanding.dates_chinese import YEAR
from dialogue.understanding.days import Day, exactly, number_of, year_of
from dialogue.understanding.feasts import FEASTS, SEASONS, latest_feast
from dialogue.understanding.lunar import lunar_day
from dialogue.understanding.numerals import english_value

Candidate = tuple[int, int, Day]

_HAN: Final = "|".join(sorted((name for name in FEASTS if not name[0].isascii()), key=len, reverse=True))
_SHIFT: Final = (
    r"(?:的|嘅)?(?:(?P<eve>(?:前|头)(?:一|1)?(?:天|日|晚)(?!台)|前夕|前夜)|(?P<next>翌日|隔天|隔日|次日|转天|(?:之?后|过后)(?:的?(?:第|头))?一天)"
    r"|(?:假期|长假|连假|黄金周|小长假)?(?:的|嘅)?第(?P<nth>[一二三四五六七])(?:天|日)|(?:之?后|过后)(?:的)?第?(?P<after>[两二三四五])(?:天|日)|(?P<near>前后|左右|期间|前几天|后几天))"
)
_CHINESE: Final = re.compile(
    rf"(?P<year>{YEAR})?的?(?:农历|阴历|旧历)?(?P<feast>{_HAN}|(?<![\d $,.¥])(?:520|315|618)(?! ?\d))(?:(?<=七夕)情人)?(?P<word>节|日(?!常|子|本))?(?:假期|小?长假|连假|黄金周|放假|晚会|大促)?"
    rf"(?:(?:嗰个|那个|个)?(?:星期|礼拜|周)[一二三四五六日天])?(?:{_SHIFT})?"
)
_WITH_ITS_WORD: Final = frozenset(  # they mean the feast only as 情人节
    "情人 妇女 女神 儿童 教师 青年 护士 父亲 母亲 感恩 劳动 光棍 植树 愚人 白色情人 建军 建党 回归 光复 佛诞 复活 耶稣受难 黑色星期五".split()  # noqa: SIM905
)
_TERMS: Final = frozenset(  # weather and names too: only with what tells a day
    "惊蛰 春分 谷雨 小满 芒种 小暑 大暑 处暑 白露 秋分 寒露 霜降 小雪 大雪 小寒 大寒 高考 人日".split()  # noqa: SIM905
)
_FIGURES: Final = frozenset("五一 三八 八一 七一 六一 十一 三一五 五二零 六一八 315 520 618 二二八".split())  # noqa: SIM905
_IS_A_FEAST: Final = re.compile(r"那[天晚]|嗰[日晚]|当[天日晚]|[前后]|给|我|你|在|去|买|的|放|期间|刷|下单|抢|凌晨")
_ON_THE_DAY: Final = re.compile(r"[那嗰当][天日晚]|前后")
_NO_FEAST: Final = re.compile(
    r"[路街巷道村镇桥山店站院]|支行|分行|网点|公园|广场|大厦|大道|上河|小区|中学|小学|百货|商场|轻人|夜车|以?来(?!的)"
)
_NOT_BEFORE: Final = re.compile(
    r"(?:[快临将](?:要)?(?:近|放|到|过)?|等(?:到)?[^，,。\n]{0,6}|下次|下个|明年的?|为了?|[一二三四五六七八九十\d])$"
)
_FIGURES_BEFORE: Final = re.compile(r"[第月一二三四五六七八九十百千万零〇点\d.]$")
_GOOD_WISHES: Final = re.compile(
    r"刚过|啱啱过|啱过|过后还|快乐|愉快|安康|(?:礼[物盒品]|红包|促销|活动)?(?:打折|优惠)|贺卡"
)

_LUNAR: Final = re.compile(
    rf"(?P<year>{YEAR})?的?(?P<calendar>农历|阴历|旧历)?的?(?:(?P<month>正|大年|过年|新年|年|[一二三四五六七八九十冬腊]|十一|十二)月?(?<!过)(?<!新))?(?P<day>(?:年|大年)?初[一二三四五六七八九十]|(?<=月)(?:十[一二三四五六七八九]|廿[一二三四五六七八九]?|二十[一二三四五六七八九]?|三十))"
)
_LUNAR_MONTHS: Final = {"正": 1, "大年": 1, "年": 1, "冬": 11, "腊": 12}

_SPOKEN: Final = "|".join(
    re.escape(name).replace(r"\ ", "[ -]").replace("s[ -]day", r"'?s[ -]day").replace("years", "year'?s")
    for name in sorted((name for name in FEASTS if (name[0].isascii() and name[0].isalpha()) or name == "4th of july"), key=len, reverse=True)
)  # fmt: skip
_WEEKDAY: Final = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_ENGLISH: Final = re.compile(
    rf"\b(?:(?:the )?(?P<what>(?:day|night|morning|evening|eve)|(?P<weekday>{_WEEKDAY})) (?P<side>before|after|of|following) |the )?(?:last |this |the )?"
    rf"(?P<feast>(?:saint |st\.? )?(?:{_SPOKEN}))(?:'?s)?\b(?:(?: day| bank| public)? (?:holiday|weekend|hols))?"
    rf"(?:,? (?:that |the |on the )?(?P<of>{_WEEKDAY}))?(?: (?P<eve>eve)\b)?(?: day (?P<nth>[1-9]|one|two|three)\b)?(?:,? (?P<year>20\d\d|last year|this year)\b)?",
    re.IGNORECASE,
)
_NOT_AFTER: Final = re.compile(
    r" ?(?:-|present|gift|shopping|party|parties|club|card|money|fund|bonus|tree|box|deal|sale|offer|cake|dinner do|jumper|savings|hamper|market|island|advert|spirit|light|carol)",
    re.IGNORECASE,
)
_NOT_THEN: Final = re.compile(
    r"\b(?:(?:by|until|till|before|next|happy|merry|this|till after|coming|ahead of|it'?s|be|every|each)(?: the)?) $",
    re.IGNORECASE,
)
_SUM_BEFORE: Final = re.compile(r"(?:\d[\d,.]*|\b(?:hundred|thousand|million)) ?[km]? ?\Z", re.IGNORECASE)
_SUM_AFTER: Final = re.compile(r" ?\d")
_NAMES: Final = re.compile("|".join(re.escape(name) for name in FEASTS if not name.isascii() or name.isdigit()))
_LUNAR_SIGNS: Final = re.compile(r"初[一二三四五六七八九十]|[正腊冬]月|[农阴旧]历")
_SPOKEN_SIGNS: Final = re.compile(
    r"new year|holiday|christmas|xmas|easter|good fri|hallow|hogman|epiph|4th of|fourth of july|july f|july 4|whit|pentec|eid|hari raya|diwali|deepav|vesak|cny|autumn|dragon|mooncake|ching ming|chung y|juneteen|guy f|cinco|clocks|thanksg|april fool|valentin|pancake|lunar|boxing|mother|father|memorial|labor d|labour d|columbus|indigen|veteran|remembr|armist|singles|presidents|mlk|martin l|tax d|election d|anzac|canada d|australia d|national d|independ|groundh|st |st\. |saint|paddy|patrick|may day|ascens|burns|bonfire|black f|cyber|ash w|palm s|maundy|shrove|stephen|twelfth of"
)


def feasts_in(text: str, today: date, region: str) -> Iterator[Candidate]:
    """Where each day stands that is told by a feast, and the day."""
    if _NAMES.search(text):
        for match in _CHINESE.finditer(text):
            if (day := _chinese(match, today, region)) is not None:
                yield (*match.span(), day)
    if _LUNAR_SIGNS.search(text):
        for match in _LUNAR.finditer(text):
            if (day := _of_lunar_year(match, today)) is not None:
                yield (*match.span(), day)
    if _SPOKEN_SIGNS.search(text.lower()):
        for match in _ENGLISH.finditer(text):
            if (day := _english(match, today, region)) is not None:
                yield (*match.span(), day)


def _chinese(match: re.Match[str], today: date, region: str) -> Day | None:
    text, said = match.string, match["feast"]
    bare = match.end() == match.end("feast")
    if (said in _WITH_ITS_WORD and not match["word"]) or (bare and _NO_FEAST.match(text, match.end())):
        return None
    if said in _TERMS and bare and not _ON_THE_DAY.match(text, match.end()):
        return None
    if (
        said in _FIGURES
        and match["word"] != "节"
        and (
            _FIGURES_BEFORE.search(text[max(0, match.start() - 1) : match.start()])
            or (bare and not _IS_A_FEAST.match(text, match.end()) and not _stands_alone(text, *match.span()))
        )
    ):
        return None
    if _NOT_BEFORE.search(text[max(0, match.start() - 8) : match.start()]) or _GOOD_WISHES.match(text, match.end()):
        return None
    year = year_of(match["year"], today) if match["year"] else None
    day = latest_feast(said, today, year, region)
    if day is None:
        return None
    days = (
        -1 if match["eve"] else 1 if match["next"] else number_of(match["nth"]) - 1 if match["nth"] else number_of(match["after"]) if match["after"] else 0
    )  # fmt: skip
    loose = said in SEASONS and not (days or match["nth"] or text.startswith(("当", "那天", "嗰日"), match.end()))
    return exactly(day + timedelta(days=days), exact=not loose and not match["near"])


def _stands_alone(text: str, start: int, end: int) -> bool:
    return not text[max(0, start - 1) : start].strip("，,。 去今") and not text[end : end + 1].strip("，,。!！ ")


def _of_lunar_year(match: re.Match[str], today: date) -> Day | None:
    said, month = match["day"], match["month"]
    if "年初" in said:
        month, said = "年", said.removeprefix("大").removeprefix("年")
    begins = said.startswith("初")
    if month is None or not (match["calendar"] or begins or month in ("正", "腊", "冬")):
        return None
    number = number_of(said.removeprefix("初"))
    which = _LUNAR_MONTHS.get(month) or number_of(month)
    years = (year_of(match["year"], today),) if match["year"] else (today.year, today.year - 1)
    found = (lunar_day(year, which, number) for year in years)
    return next((exactly(day) for day in found if day is not None and day <= today), None)


def _english(match: re.Match[str], today: date, region: str) -> Day | None:
    said = " ".join(
        match["feast"].lower().replace("'", "").replace("-", " ").replace("saint", "st").replace("st.", "st").split()
    )
    said = said if said in FEASTS else said.replace("al fitr", "al-fitr").replace("al adha", "al-adha")
    bank = f"{said} bank holiday"
    if "bank holiday" in match[0].lower() and bank in FEASTS:
        said = bank
    text = match.string
    before = text[max(0, match.start() - 16) : match.start()]
    if _NOT_THEN.search(before) or (said in SEASONS and before.endswith("for ")) or _NOT_AFTER.match(text, match.end()):
        return None
    if said == "cny" and (_SUM_BEFORE.search(before) or _SUM_AFTER.match(text, match.end())):
        return None  # 300 CNY, CNY 300: yuan, and no new year
    year = match["year"]
    when = None if not year else today.year - (year.lower() == "last year") if not year.isdigit() else int(year)
    day = latest_feast(f"{said} eve" if match["eve"] and f"{said} eve" in FEASTS else said, today, when, region)
    if day is None:
        return None
    if match["weekday"]:
        return exactly(_weekday_beside(day, match["weekday"], before=match["side"].lower() == "before"))
    if match["what"] and match["side"].lower() != "of":
        day += timedelta(days=-1 if match["side"].lower() == "before" else 1)
    if match["eve"] and f"{said} eve" not in FEASTS:
        day -= timedelta(days=1)
    if match["nth"]:
        day += timedelta(days=int(english_value(match["nth"]) or 1) - 1)
    if match["of"]:
        day = _weekday_near(day, match["of"])
    return exactly(day, exact=said not in SEASONS) if day <= today else None


def _number(weekday: str) -> int:
    return ("mon", "tue", "wed", "thu", "fri", "sat", "sun").index(weekday[:3].lower())


def _weekday_beside(day: date, weekday: str, *, before: bool) -> date:
    away = (day.weekday() - _number(weekday)) % 7 or 7
    return day - timedelta(days=away) if before else day + timedelta(days=7 - away % 7)


def _weekday_near(day: date, weekday: str) -> date:
    """That weekday of the long weekend round the feast."""
    away = (_number(weekday) - day.weekday() + 3) % 7 - 3
    return day + timedelta(days=away)
