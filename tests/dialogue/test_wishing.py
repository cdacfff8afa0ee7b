"""What is wanted is told from what is told: asked for a wish or not, in whatever order the customer types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Talk = Callable[..., Any]

STORIES = {
    "zh-Hans": ("你们信用卡重复扣款", "上周二，500元"),
    "zh-Hant": ("你們信用卡重複扣款", "上星期二，500元"),
    "en": ("Your card machine charged me twice at the Leeds branch", "last Tuesday, £40"),
}


def at_the_wish(talk: Talk, locale: str) -> Any:
    heard = talk(locale=locale)
    for line in STORIES[locale]:
        heard.say(line)
    assert heard.asks == ("desired_outcome",)
    return heard


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("zh-Hans", "客户经理电话不接"),
        ("zh-Hans", "孩子发烧39度"),
        ("zh-Hans", "文化路支行"),
        ("zh-Hans", "柜员姓龚"),
        ("zh-Hant", "對啊他line還有對話紀錄"),
        ("zh-Hant", "你哋ATM 冇出錢"),
        ("zh-Hant", "經辦姓簡"),
        ("zh-Hant", "怎麼辦怎麼辦"),
        ("en", "Friday just gone like I said"),
        ("en", "£340 a month"),
        ("en", "ok i hung up"),
        ("en", "I can't keep doing this"),
        ("en", "need it for payroll, 6 staff"),
    ],
)
def test_what_tells_of_something_else_is_no_wish_and_the_wish_is_asked_once_more(
    locale: str, said: str, talk: Talk
) -> None:
    heard = at_the_wish(talk, locale)
    heard.say(said)
    assert heard.facts.desired_outcome is None
    assert heard.asks == ("desired_outcome",)


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("zh-Hans", "一个说法"),
        ("zh-Hans", "还本付息"),
        ("zh-Hans", "免费换"),
        ("zh-Hant", "還我卡啊"),
        ("zh-Hant", "想攞返"),
        ("zh-Hant", "叫佢寫悔過書"),
        ("en", "my money"),
        ("en", "the truth"),
        ("en", "a decision on my application"),
        ("en", "let me in today"),
    ],
)
def test_a_short_answer_that_can_be_a_wish_is_taken_at_once(locale: str, said: str, talk: Talk) -> None:
    heard = at_the_wish(talk, locale)
    heard.say(said)
    assert heard.facts.desired_outcome == said


def test_asked_once_more_their_words_stand(talk: Talk) -> None:
    heard = at_the_wish(talk, "zh-Hans")
    heard.say("客户经理电话不接")
    heard.say("打了三天都不接")
    assert heard.facts.desired_outcome == "打了三天都不接"


@pytest.mark.parametrize(
    ("locale", "told", "wish"),
    [
        ("zh-Hans", "客服让我等", "还本付息"),
        ("zh-Hant", "我要領錢買奶粉耶", "還我卡啊不然咧"),
        ("en", "my adviser has stopped replying", "apologise to my wife"),
    ],
)
def test_a_clear_wish_is_taken_whatever_was_asked(locale: str, told: str, wish: str, talk: Talk) -> None:
    heard = at_the_wish(talk, locale)
    heard.say(told)
    heard.say(told)
    assert heard.asks == ("name", "contact")
    heard.say(wish)
    assert heard.facts.desired_outcome == wish


def test_a_wish_answers_no_other_question(talk: Talk) -> None:
    heard = talk(locale="en")
    heard.say("I've been locked out of online banking for 9 days")
    assert "occurred_on" in heard.asks
    heard.say("let me in today")
    assert heard.facts.desired_outcome == "let me in today"
    assert heard.facts.occurred_on is None


@pytest.mark.parametrize(
    ("locale", "story", "said"),
    [
        ("en", "you lot keep ringing me about my loan", "I've lost my job and my wife's ill and I can't pay it"),
        ("en", "your team has asked me for the same paper 4 times", "I can't keep doing this"),
        ("zh-Hans", "你们大厅经理骂了我妈", "我妈回来一宿没睡"),
    ],
)
def test_distress_is_told_and_no_answer(locale: str, story: str, said: str, talk: Talk) -> None:
    heard = talk(locale=locale)
    heard.say(story)
    assert "occurred_on" in heard.asks
    heard.say(said)
    assert said in heard.facts.what_happened
    assert "occurred_on" in heard.asks


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["我那个卡", "周二", "吞了两千块钱"], ["吞了两千块钱"]),
        (["你们把我电话卖给贷款公司了", "一天十几个电话，全知道我名字和在你们这有房贷"], ["一天十几个电话"]),
    ],
)
def test_a_story_told_in_short_lines_is_kept(lines: list[str], told: list[str], talk: Talk) -> None:
    heard = talk()
    for line in lines:
        heard.say(line)
    assert all(words in heard.facts.what_happened for words in told)


@pytest.mark.parametrize(("locale", "said"), [("en", "I said no"), ("zh-Hans", "等等还是投诉吧")])
def test_fillers_are_no_part_of_the_story(locale: str, said: str, talk: Talk) -> None:
    heard = talk(locale=locale)
    heard.say(STORIES[locale][0])
    heard.say(said)
    assert said not in heard.facts.what_happened
