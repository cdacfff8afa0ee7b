"""Days as Chinese says them: 上个月15号, 尋日, 去年双十一, 三个星期前.

Not here: the arithmetic they share (days.py), which words of a text are no day of an event (dates.py).
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from typing import Final

from case_store.records import Language, PartialDate
from dialogue.understanding.days import (
    CHINESE,
    LATIN,
    RELATIVE_YEARS,
    Day,
    day_of,
    days_back,
    exactly,
    latest_day,
    latest_of_month,
    months_back,
    number_of,
    reads,
    week_of,
    year_of,
)
from dialogue.understanding.feasts import weekday_of_month

_N = r"(?:\d{1,2}|[一二三四五六七八九十廿卅]{1,3})"
YEAR = r"(?:大前年|前年|去年|旧年|今年|本年|上年|(?:19|20)\d\d ?年|[一二][零〇九][零〇一二三四五六七八九]{2}年|民国 ?(?:\d{1,3}|[一二三四五六七八九十百零〇]{1,6}) ?年|一[〇零一][零〇一二三四五六七八九]年|(?<!\d)1[01]\d ?年|(?<!\d)[12]\d年|(?<![一二三四五六七八九十])二[〇零一二三四五六]年(?!级|前)|(?<![一二三四五六七八九十百千万〇零])零[一二三四五六七八九]年)"
_WEEKDAY = r"[一二三四五六日天1-6]"


_MONTH_SAID = rf"(?:(?P<year>{YEAR})?[的 ]?(?<![\d一二三四五六七八九十])(?P<month>{_N}) ?月份?|(?P<which>上上个?|上个?|这个?|本|今个?)月)"
_WEEK = r"(?:星期|周|礼拜)"


def _month_meant(match: re.Match[str], today: date) -> tuple[int, int] | None:
    """The year and the month of `_MONTH_SAID`."""
    if match["which"]:
        return months_back(today, {"上上": 2, "上": 1}.get(match["which"].removesuffix("个"), 0))
    month = number_of(match["month"])
    if not 1 <= month <= 12:
        return None
    if match["year"]:
        return year_of(match["year"], today), month
    return today.year - (month > today.month), month


@reads(
    CHINESE,
    "月",
    rf"{_MONTH_SAID}[的嘅]?(?P<nth>第[一二三四五]|最后|头|首)一?个?{_WEEK}(?P<day>[一二三四五六日天])",
)
def _weekday_of_month(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """11月的第一个星期六"""
    month = _month_meant(match, today)
    nth = {"最后": -1, "头": 1, "首": 1}.get(match["nth"]) or number_of(match["nth"][-1])
    weekday = 6 if match["day"] in "日天" else "一二三四五六".find(match["day"])
    found = month and weekday_of_month(*month, weekday, nth)
    return exactly(found) if found and found <= today else None


@reads(CHINESE, "月", rf"{_MONTH_SAID}(?:底|末|初)?[的嘅]?(?P<end>最后一?[天日]|(?:第|头)一?[天日](?!班)|[首尾]日)")
def _end_of_month(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """上个月底最后一天"""
    month = _month_meant(match, today)
    if month is None:
        return None
    last = match["end"][0] in "最尾"
    found = date(*month, calendar.monthrange(*month)[1] if last else 1)
    return exactly(found) if found <= today else None


@reads(
    CHINESE,
    "今同呢这",
    r"(?:(?P<year>大前年|前年|去年|旧年|上年)|(?P<which>上上个?|上个?)(?P<unit>月|星期|周|礼拜)|(?P<count>\d{1,2}|[一二两三四五六七八九十]{1,2})个?(?P<ago>年|月|星期|周|礼拜)(?:之|以)?前)[的嘅]?(?:今[天日]|同一?[天日]|呢日|这一?天)",
)
def _same_day(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """去年的今天, 两个月前的今天"""
    unit = match["unit"] or match["ago"] or "年"
    count = number_of(match["count"]) if match["count"] else 2 if (match["which"] or "").startswith("上上") else 1
    if unit not in ("年", "月"):
        return exactly(today - timedelta(days=7 * count))
    if match["year"]:
        count = RELATIVE_YEARS[match["year"]]
    year, month = months_back(today, count * (12 if unit == "年" else 1))
    return day_of(year, month, min(today.day, calendar.monthrange(year, month)[1]))


@reads(
    CHINESE,
    "期周拜",
    rf"(?:(?P<which>上上上个?|上上个?|上个?|这个?|本){_WEEK}|(?P<count>\d|[一二两三四五六七八])个?{_WEEK}(?:之|以)?前)末?[，,的嘅]?(?:那个?|嗰个?)?{_WEEK}(?P<day>[一二三四五六日天])",
)
def _weekday_of_week(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """上上周末，星期天; 两礼拜前的礼拜三"""
    said = (match["which"] or "").removesuffix("个")
    back = number_of(match["count"]) if match["count"] else {"上": 1, "上上": 2, "上上上": 3}.get(said, 0)
    weekday = 6 if match["day"] in "日天" else "一二三四五六".find(match["day"])
    found = today - timedelta(days=today.weekday() - weekday + 7 * back)
    return exactly(found) if found <= today else None


@reads(
    LATIN,
    (".", "/"),
    r"(?<![\d.])(?P<month>1[0-2]|0?[1-9])[./](?P<day>3[01]|[12]\d|0?[1-9]) ?[-~到至] ?(?:(?:1[0-2]|0?[1-9])[./](?:3[01]|[12]\d|0?[1-9])[日号]?|(?:3[01]|[12]\d|0?[1-9])[日号])(?![\d.])"
    r"|(?:^|(?<=[\s,，。;；:：从于在是自就]))(?P<month_>1[0-2]|0?[1-9])\.(?P<day_>3[01]|[12]\d|0?[1-9])(?=[号日]|那天|当天|上午|下午|中午|晚|早|凌晨|你们|扣|刷|转账|买的|存的|办的)",
)
def _month_point_day(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """10.1-10.7; 10.28那天"""
    if language is Language.EN:
        return None
    return latest_day(today, int(match["month"] or match["month_"]), int(match["day"] or match["day_"]))


@reads(
    LATIN,
    ("2",),
    r"(?<![\d./-])(?P<year>2\d)(?P<mark>[-./])(?P<month>1[0-2]|0?[1-9])(?P=mark)(?P<day>3[01]|[12]\d|0?[1-9])(?![\d/-]|\.\d)"
    r"|(?<![\d-])(?<![号码单尾账#])(?<![号码单尾账][:：])(?<![A-Za-z])20(?P<year_>[12]\d)(?P<month_>0[1-9]|1[0-2])(?P<day_>0[1-9]|[12]\d|3[01])(?![\d-])",
)
def _year_first(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """26-10-27; 20260721"""
    if language is Language.EN:
        return None
    year, month, day = (int(match[name] or match[f"{name}_"]) for name in ("year", "month", "day"))
    found = day_of(2000 + year, month, day)
    return found if found and found.value and found.value.text <= today.isoformat() else None


@reads(
    CHINESE,
    "月",
    rf"(?P<year>{YEAR})?(?<![\d一二三四五六七八九十.])(?P<month>{_N})(?:月份?)?(?:[、和同及与跟]{_N}(?:月份?)?){{0,9}}[、和同及与跟]{_N} ?月(?!供|薪|费|租|{_N})份?",
)
def _months_listed(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """7、8、9月: it began in the first."""
    month = number_of(match["month"])
    found = day_of(year_of(match["year"], today), month, None) if match["year"] else latest_day(today, month, None)
    return Day(found.value, exact=False) if found else None


@reads(
    CHINESE,
    "月",
    rf"(?P<year>{YEAR})?[的 ]?(?P<month>(?<!\d)\d{{1,2}}|[一二三四五六七八九十廿卅]{{1,3}}) ?月(?!供|薪|费|租|路|街|大厦|广场|饼|台|份额|[一二两三四五六七八九十]?个)(?:份|底|初|中旬|上旬|下旬|末|间|头|尾)?"
    rf"(?:(?<=月) ?(?P<day>{_N}) ?[日号]?(?![\d一二三四五六七八九十几来多]|[点元块万千百个%％.]|号?[楼窗]))?",
)
def _month_and_day(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    month, day = number_of(match["month"]), number_of(match["day"]) if match["day"] else None
    if match["year"]:
        return day_of(year_of(match["year"], today), month, day)
    return latest_day(today, month, day)


@reads(
    CHINESE,
    "月",
    rf"(?P<which>上上个?|上个?|这个?|本|今个?)月(?!供|饼|台)(?:底|初|中旬|中|末|尾|头)?(?:的?(?P<day>{_N})(?:[日号]|(?=$|[，,。\s]|[上下]午|早上|晚上|凌晨|[该应就你我被扣没]|那[天日])))?|(?<![\d一二三四五六七八九十个年])月[初中头](?![级学间])",
)
def _month_by_name(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    year, month = months_back(today, {"上上": 2, "上": 1}.get((match["which"] or "").removesuffix("个"), 0))
    return day_of(year, month, number_of(match["day"]) if match["day"] else None)


@reads(
    CHINESE,
    "期周拜",
    rf"(?<![每逢到至哪某那个嗰隔])(?P<which>上上上个?|上上个?|上个?|这个?|本|今个?)?(?:星期|周|礼拜|(?<=[上个这本今])拜)(?P<day>{_WEEKDAY})(?![个次年周天点]|(?<=天)天|\d|[一二三四五六]?到|至|(?<=一)(?:直|共|样|般|起(?![，,])|路))",
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
    found = today - timedelta(days=today.weekday() - weekday + 7 * {"上": 1, "上上": 2, "上上上": 3}.get(which, 0))
    return exactly(found) if found <= today else None


@reads(
    CHINESE,
    "期周拜",
    r"(?P<which>上上个?|上个?|这个?|本|今个?)(?:星期|周|礼拜)(?!末|一(?!直|共|起)|天(?!天)|[二三四五六日年\d])",
)
def _week_by_name(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return week_of(today, {"上": 1, "上上": 2}.get(match["which"].removesuffix("个"), 0))


@reads(
    CHINESE,
    "前昨琴寻噚㖊今",
    r"大前[天日]|前(?:[天日晚]|儿个?)(?!台)|昨(?:[天日晚夜]|个?儿个?|个(?!月))|[琴寻噚㖊][日晚]|今(?:[天日早晚朝]|个?儿个?)(?!后)",
)
def _near_day(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    said = match[0]
    back = 3 if said[0] == "大" else 2 if said[0] == "前" else 0 if said[0] == "今" else 1
    return exactly(today - timedelta(days=back))


@reads(
    CHINESE,
    "前",
    r"(?P<count>\d{1,3}|[一二两三四五六七八九十俩仨]{1,3}|半)(?P<more>个多|多)?(?P<unit>天|日|晚|周|个?星期|个?礼拜|个?月|年|分钟|个?小时|个?钟头|个钟|刻钟)(?:之|以)?前",
)
def _ago(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    unit = match["unit"].removeprefix("个")
    if unit in ("分钟", "小时", "钟头", "钟", "刻钟"):
        return exactly(today)
    if match["count"] == "半":
        return (
            Day(PartialDate("{:04d}-{:02d}".format(*months_back(today, 6))), exact=False)
            if unit == "年"
            else Day(None, exact=False)
        )
    found = days_back(
        number_of(match["count"]),
        {"天": "day", "日": "day", "晚": "day", "月": "month", "年": "year"}.get(unit, "week"),
        today,
    )
    return Day(found.value, found.exact and not match["more"])


@reads(
    CHINESE,
    "结锁封停制账拖住上用冻去",
    r"(?:(?<=[结锁封停制账拖住上冻])|(?<=不[上进出]去)|(?<=[结锁封停制账拖住上用冻去][,，了咗]))(?:已经|整整|足足|快|都)?(?P<count>\d{1,3}|[一二两三四五六七八九十]{1,3})(?P<unit>天|日|周|个?星期|个?礼拜|个月)多?了",
)
def _since(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    """ "冻结三个星期了": it began so long ago, roughly."""
    unit = match["unit"].removeprefix("个")
    found = days_back(number_of(match["count"]), {"天": "day", "日": "day", "月": "month"}.get(unit, "week"), today)
    return Day(found.value, exact=False)


@reads(
    CHINESE,
    "前近年季周",
    r"前几[天日个]月?|(?:^|(?<=[\s,，。;；我就在是们都]))(?:前两天|头[几两]天|前些(?:天|日子?))|前段时间|前阵子|前排|几[天日周个](?:星期|礼拜|月)?(?:之|以)?前|上半年|下半年|上个?季度|最近|近期|不久前|上个?周末",
)
def _vague(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return Day(None, exact=False)


_LASTS: Final = re.compile(r"[从由到至缩延长满期共了供贷存住用做干当过近快整第每]$")  # a span of so many years


@reads(
    CHINESE,
    "年",
    rf"(?P<year>{YEAR})(?:年?[初底末中尾])?(?!期|龄|化|限|利|报|年报|度)|(?<![今去前明每旧上本\d一二三四五六七八九十])年初",
)
def _year_alone(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    year = year_of(match["year"] or "今年", today)
    short = re.fullmatch(r"[12]\d年", match["year"] or "")
    if short and (not 10 <= year - 2000 <= today.year - 2000 or _LASTS.search(match.string, 0, match.start())):
        return None
    return Day(PartialDate(f"{year:04d}"), exact=match[0] == match["year"]) if 1900 < year <= today.year else None


@reads(
    CHINESE,
    "号日",
    rf"(?<![\d尾工编第型楼座单元.月-])(?:(?P<day_>{_N})(?:号|日)?[-~到至](?={_N}[号日]))?(?P<day>{_N}) ?(?:号|(?<=\d)日(?![元本期子用常内前后均志报利息结报]))(?!楼|线|窗|柜|门|铺|院|店|机|卡|房|室|口|员|码|令|文|仓|基|产|召|称|桌|厅|支|营|塔|吊|桩|车|库|位|桥|舱|坑|井|仓|馆|区|商)",
)
def _day_alone(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return latest_of_month(today, number_of(match["day_"] or match["day"]))
