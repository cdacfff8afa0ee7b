"""Days as customers say them, seen from Monday 23 November 2026."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from case_store.records import Language
from dialogue.understanding.dates import dates_in

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
