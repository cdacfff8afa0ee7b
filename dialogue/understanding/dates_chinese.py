"""Days as Chinese says them: 上个月15号, 尋日, 去年双十一, 三个星期前.

Not here: the arithmetic they share (days.py), which words of a text are no day of an event (dates.py).
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from case_store.records import Language, PartialDate
from dialogue.understanding.days import (
    CHINESE,
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
from dialogue.understanding.feasts import SEASONS, latest_feast

_N = r"(?:\d{1,2}|[一二三四五六七八九十廿卅]{1,3})"
_YEAR = r"(?:大前年|前年|去年|旧年|今年|本年|上年|(?:19|20)\d\d ?年|[一二][零〇九][零〇一二三四五六七八九]{2}年|民国 ?\d{1,3} ?年|(?<!\d)1[01]\d ?年|(?<!\d)[12]\d年)"
_WEEKDAY = r"[一二三四五六日天1-6]"


@reads(
    CHINESE,
    "月",
    rf"(?P<year>{_YEAR})?[的 ]?(?<!\d)(?P<month>{_N}) ?月(?!经|供|薪|费|租)(?:份|底|初|中旬|上旬|下旬|末)?(?:(?<=月) ?(?P<day>{_N}) ?[日号]?(?!\d|[点元块万千百]))?",
)
def _month_and_day(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    month, day = number_of(match["month"]), number_of(match["day"]) if match["day"] else None
    if match["year"]:
        return day_of(year_of(match["year"], today), month, day)
    return latest_day(today, month, day)


@reads(
    CHINESE,
    "月",
    rf"(?P<which>上上个?|上个?|这个?|本|今个?)月(?!供)(?:底|初|中旬|中|末|尾|头)?(?:的?(?P<day>{_N})[日号])?|(?<![\d一二三四五六七八九十个年])月初(?=[的，,。 ]|$)",
)
def _month_by_name(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    year, month = months_back(today, {"上上": 2, "上": 1}.get((match["which"] or "").removesuffix("个"), 0))
    return day_of(year, month, number_of(match["day"]) if match["day"] else None)


@reads(
    CHINESE,
    "期周拜",
    rf"(?P<which>上上个?|上个?|这个?|本|今个?)?(?:星期|周|礼拜)(?P<day>{_WEEKDAY})(?![个次年周天点]|(?<=天)天|\d|[一二三四五六]?到|至|(?<=一)(?:直|共|样|般|起|路))",
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
    r"(?P<which>上上个?|上个?|这个?|本|今个?)(?:星期|周|礼拜)(?!末|一(?!直|共|起)|天(?!天)|[二三四五六日年\d])",
)
def _week_by_name(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return week_of(today, {"上": 1, "上上": 2}.get(match["which"].removesuffix("个"), 0))


@reads(
    CHINESE,
    "前昨琴寻噚㖊今",
    r"大前[天日]|前(?:[天日晚]|儿个?)(?!台)|昨(?:[天日晚夜]|个?儿个?)|[琴寻噚㖊][日晚]|今(?:[天日早晚朝]|儿个?)(?!后)",
)
def _near_day(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    said = match[0]
    back = 3 if said[0] == "大" else 2 if said[0] == "前" else 0 if said[0] == "今" else 1
    return exactly(today - timedelta(days=back))


@reads(
    CHINESE,
    "前",
    r"(?P<count>\d{1,3}|[一二两三四五六七八九十]{1,3}|半)(?P<more>个多|多)?(?P<unit>天|日|晚|周|个?星期|个?礼拜|个?月|年)(?:之|以)?前",
)
def _ago(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    unit = match["unit"].removeprefix("个")
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
    "结锁封停制账拖住上用",
    r"(?:(?<=[结锁封停制账拖住上])|(?<=[结锁封停制账拖住上用][,，了]))(?:了|咗)?(?:已经|整整|足足|快|都)?(?P<count>\d{1,3}|[一二两三四五六七八九十]{1,3})(?P<unit>天|日|周|个?星期|个?礼拜|个月)多?了",
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


@reads(
    CHINESE,
    "双旦五庆一圣夜6节",
    rf"(?P<year>{_YEAR})?的?(?P<feast>双十一|双11|双十二|双12|双十(?=节|国庆)|光复|劳动|教师|情人|儿童|元旦|五一(?!路|支|分|街)|国庆|十一假期|圣诞|平安夜|六一八|618)节?",
)
def _feast(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    month, day = _FEASTS[match["feast"].replace("11", "十一").replace("12", "十二")]
    found = day_of(year_of(match["year"], today), month, day) if match["year"] else latest_day(today, month, day)
    return found and Day(found.value, exact=match["feast"] not in ("国庆", "五一", "圣诞", "十一假期"))


_FEASTS: Final = {
    "双十一": (11, 11), "双十二": (12, 12), "元旦": (1, 1), "五一": (5, 1), "国庆": (10, 1), "十一假期": (10, 1),
    "双十": (10, 10), "光复": (10, 25), "劳动": (5, 1), "教师": (9, 10), "情人": (2, 14), "儿童": (6, 1), "圣诞": (12, 25), "平安夜": (12, 24), "六一八": (6, 18), "618": (6, 18),
}  # fmt: skip


@reads(
    CHINESE,
    "节夕明午秋阳十",
    rf"(?P<year>{_YEAR})?的?(?P<feast>春节|除夕|年三十|清明(?=节|那|当|扫|[,，。的前后])|端午|中秋|重阳(?=节|那|当|[,，。的前后]))节?(?P<near>前后|左右)?",
)
def _moving_feast(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    day = latest_feast(match["feast"], today, year_of(match["year"], today) if match["year"] else None)
    return None if day is None else exactly(day, exact=match["feast"] not in SEASONS and not match["near"])


_LASTS: Final = re.compile(r"[从由到至缩延长满期共了供贷存住用做干当过近快整第每]$")  # a span of so many years


@reads(
    CHINESE,
    "年",
    rf"(?P<year>{_YEAR})(?:年?[初底末中尾])?(?!期|龄|化|限|利)|(?<![今去前明每旧上本\d一二三四五六七八九十])年初",
)
def _year_alone(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    year = year_of(match["year"] or "今年", today)
    short = re.fullmatch(r"[12]\d年", match["year"] or "")
    if short and (not 10 <= year - 2000 <= today.year - 2000 or _LASTS.search(match.string, 0, match.start())):
        return None
    return Day(PartialDate(f"{year:04d}"), exact=match[0] == match["year"]) if 1900 < year <= today.year else None


@reads(
    CHINESE,
    "号",
    rf"(?<![\d尾工编第型楼座单元.月-])(?P<day>{_N})号(?!楼|线|窗|柜|门|铺|院|店|机|卡|房|室|口|员|码|令|文|仓|基|产|召|称|桌|厅|支|营|塔|吊|桩|车|库|位|桥|舱|坑|井|仓|馆|区|商)",
)
def _day_alone(match: re.Match[str], today: date, language: Language | None) -> Day | None:
    return latest_of_month(today, number_of(match["day"]))
