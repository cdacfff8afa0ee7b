"""What of an answer goes on record: nothing told is lost to a curse, a wish or an order of one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Talk = Callable[..., Any]


@pytest.mark.parametrize(
    ("locale", "said", "amount"),
    [
        ("en", "You bloody thieves stole £2,000 from my account, fuck you all", "2000.00"),
        ("en", "You idiots charged me £40 twice", "40.00"),
        ("zh-Hans", "你们这群废物，卡里的500块被你们扣了", "500.00"),
        ("zh-Hant", "你哋班仆街，無啦啦扣咗我三千蚊", "3000.00"),
    ],
)
def test_a_curse_takes_nothing_from_a_complaint(locale: str, said: str, amount: str, talk: Talk) -> None:
    heard = talk(locale=locale)
    heard.say(said)
    assert heard.facts.what_happened == said
    assert str(heard.facts.amount.value) == amount
    assert not {"what_happened", "amount"} & set(heard.asks)


@pytest.mark.parametrize("said", ["你们这群废物", "fuck you all", "仆街"])
def test_a_curse_alone_is_no_complaint(said: str, talk: Talk) -> None:
    heard = talk()
    heard.say(said)
    assert heard.facts.what_happened is None


def test_a_curse_in_between_takes_nothing_from_the_story(talk: Talk) -> None:
    heard = talk()
    heard.say("信用卡被多扣了手续费，柜台解释不清")
    heard.say("你们这群废物，昨天我又去了一趟南京路支行，等了三个小时没人理")
    assert "等了三个小时" in heard.facts.what_happened


@pytest.mark.parametrize(
    ("locale", "house", "lines", "told"),
    [
        (
            "zh-Hant",
            "TW",
            ["我要客訴", "11月5日，信義分行，五千元", "理專亂扣我手續費，我要退費，我姓陳，chen@example.tw"],
            "理專亂扣我手續費",
        ),
        ("zh-Hans", "CN", ["我要投诉", "11月5号，500元", "你们信用卡重复扣款"], "重复扣款"),
        ("en", "CN", ["complaint", "3 November, Leeds branch, £40", "They charged me a card fee twice"], "twice"),
        (
            "zh-Hans",
            "CN",
            ["昨天在南京路支行办业务态度很差", "要求道歉。柜员昨天把我的身份证扔在地上，还骂人不肯捡"],
            "扔在地上",
        ),
    ],
)
def test_the_story_is_on_record_whatever_came_before_it(
    locale: str, house: str, lines: list[str], told: str, talk: Talk
) -> None:
    heard = talk(locale=locale, house=house)
    for line in lines:
        heard.say(line)
    assert told in heard.facts.what_happened
    assert heard.facts.what_happened not in lines[1]


def test_the_clerk_told_late_is_added_and_takes_nothing_back(talk: Talk) -> None:
    heard = talk(locale="zh-Hant", house="TW")
    heard.say("昨天信義分行亂扣我手續費五千元")
    heard.say("理專姓陳")
    assert heard.facts.about == "信義分行 · 手續費 · 陳理專"
    assert heard.facts.desired_outcome is None


def test_what_is_wanted_is_never_whom_it_is_about(talk: Talk) -> None:
    heard = talk(locale="zh-Hant", house="TW")
    heard.say("11月8日亂扣我三千元")
    assert heard.asks == ("about",)
    heard.say("退錢")
    assert (heard.facts.about, heard.facts.desired_outcome) == (None, "退錢")


def test_formal_words_do_not_make_hong_kong_money_taiwans(talk: Talk) -> None:
    heard = talk(locale="zh-Hant", house="HK")
    heard.say("11月20日貴行灣仔分行多收我$400匯款費，請退回")
    assert heard.facts.amount.currency == "HKD"


def test_an_introduction_is_no_story(talk: Talk) -> None:
    heard = talk(locale="zh-Hant", house="TW")
    heard.say("小姐你好，我今年七十八歲了，不太會打字")
    assert heard.facts.what_happened is None
    assert heard.asks == ("what_happened",)
