"""Which day is the day of the event, seen from Monday 23 November 2026."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dialogue.understanding.dates import read_dates
from dialogue.understanding.language import language_of
from dialogue.understanding.plain import plain
from dialogue.understanding.weighed_days import day_of_event

NOW = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


def day(text: str, *, region: str = "GB", asked: bool = False) -> str | None:
    read = plain(text)
    dates = read_dates(read, now=NOW, language=language_of(text), region=region, generous=True).dates
    found = day_of_event(read, dates, today=NOW.date(), asked=asked)
    return found and found.found.value and found.found.value.text


@pytest.mark.parametrize(
    ("text", "is_it"),
    [
        ("去年签的合同，上周三你们突然多扣我300", "2026-11-18"),
        ("我11月20日打电话投诉过，10月28日扣的年费到现在没退", "2026-10-28"),
        ("我爸3月走的，上周五你们还扣他的年费", "2026-11-20"),
        ("柜员说“今天没得换”，周五下午去的厚街网点", "2026-11-20"),
        ("我卡里刚少了五万，现在还有人远程着我的手机在转", "2026-11-23"),
        ("somebody is using my card right now", "2026-11-23"),
        ("My gran had a heart attack in 2021, and the cash machine was taken out on 1 October", "2026-10-01"),
        ("he gave us 30 September as the last day, we signed on the 28th", "2026-09-28"),
        ("declined my card at the wedding, saturday, bar tab £1,316", "2026-11-21"),
        ("I spoke to two supervisors on 6 Nov; the fee was taken on 3 Nov", "2026-11-03"),
        ("两周前说贷款批了，结果上周五又说额度没了", "2026-11-20"),
        ("The account was opened in 2003. Everything was fine until 14 Sept when you moved it", "2026-09-14"),
        ("Closed on the house May 1. The escrow error dates from August 3", "2026-08-03"),
        ("10月12日我在贵行买的理财，12月18日到期", "2026-10-12"),
        ("昨日下午致电客服，被晾在线上四十分钟后挂断", "2026-11-22"),
        ("On Sunday your collectors rang my mother", "2026-11-22"),
        ("保单生效日2022年1月1日，拒赔通知10月20号寄来的", "2026-10-20"),
        ("on tuesday ye called in the overdraft on me", "2026-11-17"),
        ("On Halloween one of your staff read out my balance", "2026-10-31"),
        ("明明11月5號已經autopay咗", "2026-11-05"),
    ],
)
def test_what_the_house_did_and_money_did_tells_the_day(text: str, is_it: str) -> None:
    assert day(text) == is_it


@pytest.mark.parametrize(
    "text",
    [
        "合同是去年签的，现在说不算数",
        "我是2009年起就是你们的客户，态度太差",
        "今天14点到16点我有空，派个能做主的跟我通话",
        "账单退错了，今天之内给我回电",
        "上礼拜二登记的，走到哪一步了？",
        "My mother passed away on the 4th of January this year",
        "I have spoken to two supervisors since 6 Nov",
        "what time does the branch shut on Christmas Eve?",
        "please ring me today",
        "小姐我今天打來是想問,我那件事情到底有沒有人在辦",
        "今日打電話嚟係想問點投訴你哋一個經理",
        "我1998年就在你们这开户了，老客户了",
        "我2003年沙士嗰陣已經同你哋開戶",
        "将于12月18日在苏州召开",
        "My wedding is on December 12 and I still don't have the money",
        "I turned 60 on 4 May this year",
        "pls scrap the complaint i sent last night",
        "我女儿2月14号出嫁，等这钱办酒席",
    ],
)
def test_days_of_a_life_of_requests_and_of_earlier_complaints_are_none(text: str) -> None:
    assert day(text) is None


def test_asked_when_it_was_the_day_that_is_said_is_meant() -> None:
    assert day("我打电话投诉是上周三", asked=True) == "2026-11-18"


@pytest.mark.parametrize(("region", "is_it"), [("GB", "2026-11-09"), ("US", "2026-09-11"), ("CN", None)])
def test_a_day_in_figures_is_read_as_the_region_has_it(region: str, is_it: str | None) -> None:
    assert day("they took the money on 9/11 and said nothing", region=region) == is_it


@pytest.mark.parametrize(
    ("text", "is_it"),
    [("中秋那天扣的", "2026-09-25"), ("charged on Good Friday", "2026-04-03"), ("Black Friday charge", "2025-11-28")],
)
def test_feasts_that_move_have_the_day_of_their_year(text: str, is_it: str) -> None:
    assert day(text) == is_it
