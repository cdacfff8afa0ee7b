"""The day of a feast in a year, by the names people date things with: 中秋, 母親節, Thanksgiving, the October bank holiday, Hogmanay.

A rule is a day of its own ("11-11"), a weekday of a month ("5 sun 2", "8 mon -1"), days from Easter Sunday ("easter-2"), a day of the
lunar year ("lunar 1-15"), where the sun stands ("term 15"), or a holiday in the calendar of a country ("SG:Diwali"). The same name can mean another day in another region.

Not here: how they are said in a text (dates_feasts.py).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from dialogue.understanding.lunar import lunar_day, solar_term

FEASTS: Final[Mapping[str, str]] = {
    # in Chinese, simplified, without 节
    "春节": "lunar 1-1", "除夕": "lunar 1-0", "年三十": "lunar 1-0", "大年夜": "lunar 1-0", "年夜饭": "lunar 1-0", "年廿九": "lunar 1-0", "团年饭": "lunar 1-0", "元宵": "lunar 1-15", "清明": "term 15", "端午": "lunar 5-5", "五月节": "lunar 5-5",
    "七夕": "lunar 7-7", "中元": "lunar 7-15", "鬼节": "lunar 7-15", "盂兰": "lunar 7-14", "中秋": "lunar 8-15", "八月节": "lunar 8-15", "重阳": "lunar 9-9", "重九": "lunar 9-9", "佛诞": "lunar 4-8", "腊八": "lunar 12-8", "尾牙": "lunar 12-16", "小年": "lunar 12-23", "冬至": "term 270", "立春": "term 315", "惊蛰": "term 345", "春分": "term 0", "谷雨": "term 30", "立夏": "term 45", "小满": "term 60", "芒种": "term 75", "夏至": "term 90", "小暑": "term 105", "大暑": "term 120", "立秋": "term 135", "处暑": "term 150", "白露": "term 165", "秋分": "term 180", "寒露": "term 195", "霜降": "term 210", "立冬": "term 225", "小雪": "term 240", "大雪": "term 255", "小寒": "term 285", "大寒": "term 300", "高考": "6-7", "破五": "lunar 1-5", "大年三十": "lunar 1-0", "年廿八": "lunar 12-28", "人日": "lunar 1-7",
    "元旦": "1-1", "二二八": "2-28", "情人": "2-14", "妇女": "3-8", "三八": "3-8", "女神": "3-8", "植树": "3-12", "白色情人": "3-14", "三一五": "3-15", "315": "3-15", "愚人": "4-1", "劳动": "5-1", "五一": "5-1", "青年": "5-4", "护士": "5-12", "五二零": "5-20", "520": "5-20",
    "儿童": "6-1", "六一": "6-1", "六一八": "6-18", "618": "6-18", "建党": "7-1", "回归": "7-1", "七一": "7-1", "建军": "8-1", "八一": "8-1", "教师": "9-10", "国庆": "10-1", "十一": "10-1", "双十": "10-10", "光复": "10-25", "万圣": "10-31", "万圣夜": "10-31",
    "光棍": "11-11", "双十一": "11-11", "双11": "11-11", "双十二": "12-12", "双12": "12-12", "平安夜": "12-24", "圣诞": "12-25", "跨年": "12-31",
    "母亲": "5 sun 2", "父亲": "6 sun 3", "感恩": "11 thu 4", "黑色星期五": "11 thu 4+1", "黑五": "11 thu 4+1", "复活": "easter", "耶稣受难": "easter-2",
    # in English, lower case, without apostrophes
    "chinese new year": "lunar 1-1", "lunar new year": "lunar 1-1", "cny": "lunar 1-1", "mid autumn": "lunar 8-15", "mooncake": "lunar 8-15", "dragon boat": "lunar 5-5", "ching ming": "term 15", "chung yeung": "lunar 9-9", "vesak": "SG:Vesak Day",
    "deepavali": "SG:Diwali", "diwali": "SG:Diwali", "hari raya puasa": "SG:Eid al-Fitr", "hari raya haji": "SG:Eid al-Adha", "hari raya": "SG:Eid al-Fitr", "eid al-fitr": "SG:Eid al-Fitr", "eid": "SG:Eid al-Fitr", "eid al-adha": "SG:Eid al-Adha",
    "new years day": "1-1", "new year day": "1-1", "new years": "1-1", "new years eve": "12-31", "hogmanay": "12-31", "epiphany": "1-6", "burns night": "1-25", "australia day": "1-26", "groundhog day": "2-2", "valentines": "2-14", "valentines day": "2-14",
    "st davids day": "3-1", "st patricks day": "3-17", "st paddys day": "3-17", "paddys day": "3-17", "april fools day": "4-1", "april fools": "4-1", "tax day": "4-15", "st georges day": "4-23", "anzac day": "4-25", "cinco de mayo": "5-5", "juneteenth": "6-19", "canada day": "7-1",
    "fourth of july": "7-4", "4th of july": "7-4", "july fourth": "7-4", "july 4th": "7-4", "independence day": "7-4", "the twelfth of july": "7-12", "national day": "8-9", "halloween": "10-31", "bonfire night": "11-5", "guy fawkes": "11-5", "guy fawkes night": "11-5", "veterans day": "11-11",
    "remembrance day": "11-11", "armistice day": "11-11", "singles day": "11-11", "st andrews day": "11-30", "christmas": "12-25", "xmas": "12-25", "christmas day": "12-25", "xmas day": "12-25", "christmas eve": "12-24", "xmas eve": "12-24", "boxing day": "12-26", "st stephens day": "12-26", "stephens day": "12-26",
    "mlk day": "1 mon 3", "martin luther king day": "1 mon 3", "presidents day": "2 mon 3", "mothers day": "5 sun 2", "mothering sunday": "easter-21", "fathers day": "6 sun 3", "memorial day": "5 mon -1", "labor day": "9 mon 1", "labour day": "9 mon 1", "columbus day": "10 mon 2", "indigenous peoples day": "10 mon 2",
    "remembrance sunday": "11 sun 2", "election day": "11 mon 1+1", "thanksgiving": "11 thu 4", "black friday": "11 thu 4+1", "cyber monday": "11 thu 4+4", "clocks went back": "10 sun -1", "clocks went forward": "3 sun -1",
    "shrove tuesday": "easter-47", "pancake day": "easter-47", "pancake tuesday": "easter-47", "ash wednesday": "easter-46", "palm sunday": "easter-7", "maundy thursday": "easter-3", "good friday": "easter-2", "easter saturday": "easter-1", "easter sunday": "easter", "easter": "easter", "easter monday": "easter+1",
    "ascension day": "easter+39", "whit sunday": "easter+49", "pentecost": "easter+49", "whit monday": "easter+50", "whit": "5 mon -1",
    "st brigids": "2 mon 1", "february bank holiday": "2 mon 1", "may bank holiday": "5 mon 1", "may day bank holiday": "5 mon 1", "may day": "5-1", "early may bank holiday": "5 mon 1", "first may bank holiday": "5 mon 1", "late may bank holiday": "5 mon -1", "spring bank holiday": "5 mon -1", "second may bank holiday": "5 mon -1",
    "whitsun bank holiday": "5 mon -1", "june bank holiday": "6 mon 1", "august bank holiday": "8 mon -1", "summer bank holiday": "8 mon -1", "late august bank holiday": "8 mon -1", "october bank holiday": "10 mon -1", "halloween bank holiday": "10 mon -1", "easter bank holiday": "easter+1",
}  # fmt: skip
_ELSEWHERE: Final[Mapping[str, Mapping[str, str]]] = {
    "TW": {"教师": "9-28", "国庆": "10-10", "父亲": "8-8", "儿童": "4-4", "军人": "9-3", "行宪": "12-25"},
    "HK": {"父亲": "6 sun 3", "儿童": "4-4", "国庆": "10-1", "labour day": "5-1", "national day": "10-1", "easter": "easter"},
    "GB": {"mothers day": "easter-21", "independence day": ""},
    "IE": {"mothers day": "easter-21", "august bank holiday": "8 mon 1", "independence day": "", "national day": ""},
    "US": {"clocks went back": "11 sun 1", "clocks went forward": "3 sun 2"},
    "SG": {"labour day": "5-1", "labor day": "5-1", "national day": "8-9"},
}  # fmt: skip
SEASONS: Final = frozenset(
    ("春节", "国庆", "五一", "圣诞", "easter", "chinese new year", "lunar new year", "cny", "christmas", "xmas", "复活")
)
"""Those that last for days."""

_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_OWN_DAY: Final = re.compile(r"(\d{1,2})-(\d{1,2})")
_WEEKDAY_OF: Final = re.compile(r"(\d{1,2}) (\w{3}) (-?\d)(?:\+(\d))?")
_FROM_EASTER: Final = re.compile(r"easter([+-]\d{1,2})?")
_SOLAR: Final = re.compile(r"term (\d{1,3})")
_LUNAR: Final = re.compile(r"lunar (\d{1,2})-(\d{1,2})")


def latest_feast(said: str, today: date, year: int | None = None, region: str = "") -> date | None:
    """The latest such feast that is not in the future; `said` in lower case, simplified, without apostrophes."""
    rule = _ELSEWHERE.get(region, {}).get(said, FEASTS.get(said))
    if not rule:
        return None
    years = (year,) if year is not None else (today.year, today.year - 1)
    return next((day for year in years if (day := _day_in(rule, year)) is not None and day <= today), None)


def weekday_of_month(year: int, month: int, weekday: int, which: int) -> date | None:
    """The first (1), second … or last (-1) such weekday of a month."""
    days = [week[weekday] for week in calendar.monthcalendar(year, month) if week[weekday]]
    index = which if which < 0 else which - 1
    return date(year, month, days[index]) if -len(days) <= index < len(days) else None


@lru_cache(maxsize=256)
def _day_in(rule: str, year: int) -> date | None:
    if match := _OWN_DAY.fullmatch(rule):
        return date(year, int(match[1]), int(match[2]))
    if match := _WEEKDAY_OF.fullmatch(rule):
        day = weekday_of_month(year, int(match[1]), _WEEKDAYS.index(match[2]), int(match[3]))
        return day and day + timedelta(days=int(match[4] or 0))
    if match := _FROM_EASTER.fullmatch(rule):
        friday = _in_calendar("GB", "Good Friday", year)
        return friday and friday + timedelta(days=2 + int(match[1] or 0))
    if match := _LUNAR.fullmatch(rule):
        return lunar_day(year, int(match[1]), int(match[2]))
    if match := _SOLAR.fullmatch(rule):
        return solar_term(year, int(match[1]))
    country, name = rule.split(":", 1)
    return _in_calendar(country, name, year)


def _in_calendar(country: str, name: str, year: int) -> date | None:
    import holidays  # takes half a second: not before a feast is named

    language = "en_HK" if country == "HK" else None
    for day, called in holidays.country_holidays(country, years=year, language=language).items():
        if called.split(";")[0].strip().removesuffix(" (estimated)") == name:
            return day
    return None
