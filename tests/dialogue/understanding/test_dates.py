"""Days as customers say them, seen from Monday 23 November 2026."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from case_store.records import Language
from dialogue.understanding.dates import dates_in, read_dates

NOW = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
HANS, HANT, EN = Language.HANS, Language.HANT, Language.EN


def said(text: str, language: Language, *, asked: bool = False) -> list[str | None]:
    return [day.value and day.value.text for day in dates_in(text, now=NOW, language=language, asked=asked)]


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("上个月15号", HANS, "2026-10-15"),
        ("上月15日", HANS, "2026-10-15"),
        ("上星期六", HANS, "2026-11-21"),
        ("上个星期六", HANS, "2026-11-21"),
        ("上周三", HANS, "2026-11-18"),
        ("上上周五", HANS, "2026-11-13"),
        ("上礼拜天", HANS, "2026-11-22"),
        ("周五去的", HANS, "2026-11-20"),
        ("昨天", HANS, "2026-11-22"),
        ("昨晚", HANS, "2026-11-22"),
        ("前天", HANS, "2026-11-21"),
        ("大前天", HANS, "2026-11-20"),
        ("今天上午", HANS, "2026-11-23"),
        ("三天前", HANS, "2026-11-20"),
        ("登不上，三天了", HANS, "2026-11-20"),
        ("卡被冻结三个星期了", HANS, "2026-11-02"),
        ("戶口鎖咗兩個禮拜了", HANT, "2026-11-09"),
        ("10月28号", HANS, "2026-10-28"),
        ("12月3日", HANS, "2025-12-03"),
        ("十月二十八号", HANS, "2026-10-28"),
        ("今年3月", HANS, "2026-03"),
        ("去年12月", HANS, "2025-12"),
        ("去年", HANS, "2025"),
        ("前年", HANS, "2024"),
        ("2025年12月", HANS, "2025-12"),
        ("2025年12月3日", HANS, "2025-12-03"),
        ("二〇二五年三月", HANS, "2025-03"),
        ("25年3月5日", HANS, "2025-03-05"),
        ("2025-12-03", HANS, "2025-12-03"),
        ("2025/3/5", HANS, "2025-03-05"),
        ("11/12", HANS, "2026-11-12"),
        ("15号去的", HANS, "2026-11-15"),
        ("去年双十一", HANS, "2025-11-11"),
        ("１０月２８号", HANS, "2026-10-28"),
        ("上個月", HANT, "2026-10"),
        ("琴日", HANT, "2026-11-22"),
        ("尋日", HANT, "2026-11-22"),
        ("上個禮拜六", HANT, "2026-11-21"),
        ("民國114年5月", HANT, "2025-05"),
        ("114年10月28日", HANT, "2025-10-28"),
        ("yesterday", EN, "2026-11-22"),
        ("the day before yesterday", EN, "2026-11-21"),
        ("last Friday", EN, "2026-11-20"),
        ("on Monday", EN, "2026-11-23"),
        ("last Monday", EN, "2026-11-16"),
        ("Friday last week", EN, "2026-11-20"),
        ("on 28 October", EN, "2026-10-28"),
        ("the 28th of October", EN, "2026-10-28"),
        ("March 3rd", EN, "2026-03-03"),
        ("3 March 2025", EN, "2025-03-03"),
        ("Oct 28, 2025", EN, "2025-10-28"),
        ("in September", EN, "2026-09"),
        ("in December", EN, "2025-12"),
        ("in March last year", EN, "2025-03"),
        ("last month", EN, "2026-10"),
        ("last year", EN, "2025"),
        ("28/10/2026", EN, "2026-10-28"),
        ("three days ago", EN, "2026-11-20"),
        ("an hour ago", EN, "2026-11-23"),
        ("on the second of November", EN, "2026-11-02"),
        ("the twenty-first of October", EN, "2026-10-21"),
        ("November the third", EN, "2026-11-03"),
        ("on the 14th", EN, "2026-11-14"),
        ("since the 30th", EN, "2026-10-30"),
        ("June last year", EN, "2025-06"),
        ("登不上去三天了", HANS, "2026-11-20"),
        ("冻了三天了", HANS, "2026-11-20"),
        ("7、8、9月", HANT, "2026-07"),
        ("去年7月和8月", HANS, "2025-07"),
        ("今年3月份，城南支行", HANS, "2026-03"),
    ],
)
def test_what_was_said_is_this_day(text: str, language: Language, day: str) -> None:
    assert said(text, language) == [day]


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("12/11", EN, None),
        ("a couple of weeks ago", EN, None),
        ("the other day", EN, None),
        ("前几天", HANS, None),
        ("两三天前", HANS, None),
        ("最近", HANS, None),
        ("上周", HANS, "2026-11"),
        ("半年前", HANS, "2026-05"),
        ("三个月前", HANS, "2026-08"),
        ("two weeks ago", EN, "2026-11-09"),
    ],
)
def test_what_is_no_one_day_keeps_its_words(text: str, language: Language, day: str | None) -> None:
    (found,) = dates_in(text, now=NOW, language=language)
    assert (found.value and found.value.text, found.words) == (day, text)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("下周三给我答复", HANS),
        ("12月5日前给我答复", HANS),
        ("我生日是1960年3月5日", HANS),
        ("我今年七十八歲了", Language.HANT),
        ("1号窗口", HANS),
        ("5号楼", HANS),
        ("每月15号", HANS),
        ("明天再说", HANS),
        ("等了三个月", HANS),
        ("by Friday", EN),
        ("before 5 October", EN),
        ("born on 5 March 1960", EN),
        ("May I ask", EN),
        ("24/7", EN),
        ("1/2 of it", EN),
        ("我爸今年78了", HANS),
        ("我今年七十八，眼花", HANS),
        ("Kendal branch, closing in January", EN),
        ("it will close in March", EN),
    ],
)
def test_deadlines_birthdays_and_house_numbers_are_no_day_of_an_event(text: str, language: Language) -> None:
    assert said(text, language) == []


@pytest.mark.parametrize(
    ("answer", "day"),
    [("10.28", "2026-10-28"), ("20251203", "2025-12-03"), ("上个星期六", "2026-11-21"), ("15号", "2026-11-15")],
)
def test_asked_when_a_bare_number_may_be_a_day(answer: str, day: str) -> None:
    assert said(answer, HANS, asked=True) == [day]


@pytest.mark.parametrize("answer", ["从3.9调到4.6", "3.9%", "由3.1加到3.6"])
def test_asked_when_a_rate_is_no_day(answer: str) -> None:
    assert said(answer, HANS, asked=True) == []


@pytest.mark.parametrize(("answer", "day"), [("October", "2026-10"), ("early March, I think", "2026-03")])
def test_asked_when_a_month_alone_is_one(answer: str, day: str) -> None:
    assert said(answer, EN, asked=True) == [day]


@given(st.integers(0, 364))
def test_a_day_without_year_is_the_latest_that_is_not_in_the_future(back: int) -> None:
    day = NOW.date() - timedelta(days=back)
    if (day.month, day.day) != (2, 29):
        assert said(f"{day.month}月{day.day}日扣的", HANS) == [day.isoformat()]


@given(st.dates(date(2000, 1, 1), NOW.date()))
def test_a_full_date_reads_the_same_however_it_is_written(day: date) -> None:
    ways = [f"{day.year}年{day.month}月{day.day}日", day.isoformat(), f"{day.year}/{day.month}/{day.day}"]
    assert [said(way, HANS) for way in ways] == [[day.isoformat()]] * 3
    assert said(f"on {day.day} {day:%B} {day.year}", EN) == [day.isoformat()]


def told(text: str, region: str) -> list[str | None]:
    language = HANT if region in ("HK", "TW") else HANS if region == "CN" else EN
    days = read_dates(text, now=NOW, language=language, region=region).dates
    return [day.found.value and day.found.value.text for day in days]


@pytest.mark.parametrize(
    ("text", "region", "day"),
    [
        ("大年初三", "CN", "2026-02-19"),
        ("農曆年初二", "HK", "2026-02-18"),
        ("农历八月初三", "CN", "2026-09-13"),
        ("去年中秋前一天", "CN", "2025-10-05"),
        ("国庆第二天", "CN", "2026-10-02"),
        ("端午節翌日", "HK", "2026-06-20"),
        ("母亲节那个星期天", "CN", "2026-05-10"),
        ("七夕情人節", "TW", "2026-08-19"),
        ("光棍节那天", "CN", "2026-11-11"),
        ("315晚会", "CN", "2026-03-15"),
        ("十一当天", "CN", "2026-10-01"),
        ("五一那天", "CN", "2026-05-01"),
        ("立冬那天", "CN", "2026-11-07"),
        ("教師節", "TW", "2026-09-28"),
        ("教师节", "CN", "2026-09-10"),
        ("父親節", "TW", "2026-08-08"),
        ("國慶連假前一天", "TW", "2026-10-09"),
        ("the Friday before Halloween", "GB", "2026-10-30"),
        ("the Tuesday after Easter", "GB", "2026-04-07"),
        ("october bank holiday monday", "IE", "2026-10-26"),
        ("August bank holiday", "GB", "2026-08-31"),
        ("August bank holiday", "IE", "2026-08-03"),
        ("Deepavali night", "SG", "2026-11-08"),
        ("Hogmanay", "GB", "2025-12-31"),
        ("Mothering Sunday", "GB", "2026-03-15"),
        ("Mother's Day", "US", "2026-05-10"),
        ("columbus day", "US", "2026-10-12"),
        ("the day after Thanksgiving", "US", "2025-11-28"),
        ("the night the clocks went back", "GB", "2026-10-25"),
        ("CNY day 2", "SG", "2026-02-18"),
        ("over CNY 2026 it was shut", "SG", "2026-02-17"),
    ],
)
def test_a_feast_tells_the_day(text: str, region: str, day: str) -> None:
    assert told(text, region) == [day]


@pytest.mark.parametrize(
    ("text", "region", "day"),
    [
        ("11月的第一个星期六", "CN", "2026-11-07"),
        ("上个月最后一个礼拜五", "CN", "2026-10-30"),
        ("the first Saturday of October", "GB", "2026-10-03"),
        ("the last Friday of last month", "GB", "2026-10-30"),
        ("上个月底最后一天", "CN", "2026-10-31"),
        ("9月第一天", "CN", "2026-09-01"),
        ("两礼拜前的礼拜三", "CN", "2026-11-11"),
        ("上上周末，星期天", "CN", "2026-11-15"),
        ("a week last Tuesday", "GB", "2026-11-10"),
        ("fortnight ago last tuesday", "GB", "2026-11-03"),
        ("a week yesterday", "GB", "2026-11-15"),
        ("Thursday week past", "GB", "2026-11-12"),
        ("last Thursday but one", "GB", "2026-11-12"),
        ("two months ago yesterday", "GB", "2026-09-22"),
        ("去年的今天", "CN", "2025-11-23"),
        ("兩個月前的今天", "TW", "2026-09-23"),
        ("half an hour since", "GB", "2026-11-23"),
        ("十分鐘前", "HK", "2026-11-23"),
        ("俩礼拜前", "CN", "2026-11-09"),
        ("on the 14th of last month", "GB", "2026-10-14"),
        ("the 28th ult.", "GB", "2026-10-28"),
        ("the nineteenth of the ninth", "GB", "2026-09-19"),
        ("the 7th of the 10th", "IE", "2026-10-07"),
        ("friday the thirteenth", "US", "2026-11-13"),
        ("between 19 and 23 October", "GB", "2026-10-19"),
        ("10.1-10.7", "CN", "2026-10-01"),
        ("1号到5号", "CN", "2026-11-01"),
        ("18NOV", "HK", "2026-11-18"),
        ("26-10-27", "CN", "2026-10-27"),
        ("11.11.26", "GB", "2026-11-11"),
        ("05-07-2026", "US", "2026-05-07"),
        ("05.06.2026", "IE", "2026-06-05"),
        ("20260721", "CN", "2026-07-21"),
        ("上月24，下午", "CN", "2026-10-24"),
        ("10月二十八", "CN", "2026-10-28"),
        ("民國一百零九年", "TW", "2020"),
        ("一一五年六月", "TW", "2026-06"),
        ("二五年三月", "CN", "2025-03"),
        ("月初你们", "CN", "2026-11"),
        ("ytd night", "SG", "2026-11-22"),
        ("May bank statement", "GB", "2026-05"),
    ],
)
def test_other_ways_of_saying_a_day(text: str, region: str, day: str) -> None:
    assert told(text, region) == [day]


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("五一路支行", "CN"),
        ("十一点去的", "CN"),
        ("扣了我520块", "CN"),
        ("只记得快放国庆了", "CN"),
        ("小雪让我买的", "CN"),
        ("保本来年再说", "CN"),
        ("周一到周五上班", "CN"),
        ("周三会员日", "CN"),
        ("记得是个星期五", "CN"),
        ("三月路9月大厦", "CN"),
        ("单号20260721", "CN"),
        ("28号我要交首付", "CN"),
        ("卡片到期日寫 08/29", "TW"),
        ("繳款截止日 11/30", "TW"),
        ("我民國58年6月20日生", "TW"),
        ("before Christmas", "GB"),
        ("a Christmas present", "GB"),
        ("valid thru 09/27", "US"),
        ("payment due date, 28 November", "GB"),
        ("10 October Street", "GB"),
        ("on the first £10,000", "GB"),
        ("that Friday", "GB"),
        ("a week on Tuesday", "GB"),
        ("a fee of 300 CNY twice", "CN"),
        ("CNY 300 was taken", "CN"),
        ("you owe me CNY3,500", "SG"),
        ("about three hundred CNY", "SG"),
    ],
)
def test_streets_deadlines_and_hours_are_no_days(text: str, region: str) -> None:
    assert told(text, region) == []


@pytest.mark.parametrize(
    ("answer", "region", "day"),
    [
        ("1141203", "TW", "2025-12-03"),
        ("1101", "CN", "2026-11-01"),
        ("15th", "GB", "2026-11-15"),
        ("五一", "CN", "2026-05-01"),
        ("十一", "CN", "2026-10-01"),
    ],
)
def test_asked_when_it_was_bare_figures_are_a_day(answer: str, region: str, day: str) -> None:
    language = HANT if region == "TW" else EN if region == "GB" else HANS
    days = read_dates(answer, now=NOW, language=language, asked=True, region=region).dates
    assert [one.found.value and one.found.value.text for one in days] == [day]
