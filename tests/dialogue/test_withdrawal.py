"""Taking a complaint back: heard in any words, asked back once, never taken for a yes, a no or a new complaint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dialogue.turn import AnotherComplaint, FileCase, WithdrawCase

Talk = Callable[..., Any]

STORIES = {
    "zh-Hans": "11月3日南京路支行多扣我手续费300元，没人解释，要求退款。我叫陈强，chenq@example.org",
    "zh-Hant": "11月3日信義分行多扣我手續費300元，沒人解釋，要求退款。我叫陳強，chenq@example.org",
    "en": "The Leeds branch charged me a £300 fee on 3 November and nobody could explain it. I want a refund. My name is Sam Poe, sam@example.org",
}
YES = {"zh-Hans": "对", "zh-Hant": "對", "en": "yes"}
WORDS = [
    *(("zh-Hans", words) for words in ("撤回", "我要撤回", "不告了", "算了，我撤回投诉。", "撤了吧", "我想撤案", "取消这个案子")),
    *(("zh-Hant", words) for words in ("撤案", "撤銷這個案子", "我唔告喇", "我唔投訴喇，取消佢", "撤咗佢啦", "我想撤回")),
    *(("en", words) for words in ("I want to withdraw this", "please drop it", "withdraw", "Never mind, forget it", "I'd like to withdraw", "please withdraw it")),
]  # fmt: skip


def _asks_back(answer: Any) -> bool:
    return "utter_ask_withdraw" in answer.says[0].response


@pytest.mark.parametrize(("locale", "words"), WORDS)
@pytest.mark.parametrize("when", ["in the form", "at the read-back", "after filing", "by mail"])
def test_it_is_asked_back_and_nothing_is_registered(locale: str, words: str, when: str, talk: Talk) -> None:
    heard = talk(locale=locale, **({"pace": "letter"} if when == "by mail" else {}))
    story = STORIES[locale]
    heard.say(
        story.split("。")[0].split(" and nobody")[0] + "，没人解释" * (locale != "en")
        if when == "in the form"
        else story
    )
    if when == "after filing":
        heard.say(YES[locale])
    filed = [act for act in heard.acts if isinstance(act, FileCase)]
    assert _asks_back(heard.say(words)), heard.text
    assert [act for act in heard.acts if isinstance(act, FileCase)] == filed


@pytest.mark.parametrize(
    ("locale", "words", "done"),
    [
        ("zh-Hans", "不用了，撤了吧", True),
        ("zh-Hans", "确认撤回", True),
        ("zh-Hans", "撤回", True),
        ("zh-Hans", "对，撤吧", True),
        ("zh-Hans", "不撤了", False),
        ("zh-Hans", "先不撤", False),
        ("zh-Hans", "不用撤回", False),
        ("zh-Hant", "係，撤咗佢", True),
        ("zh-Hant", "不撤回", False),
        ("en", "Yes, withdraw it", True),
        ("en", "please withdraw it", True),
        ("en", "no, keep it", False),
        ("en", "don't withdraw it", False),
    ],
)
def test_the_answer_is_understood(locale: str, words: str, done: bool, talk: Talk) -> None:
    heard = talk(locale=locale)
    heard.say(STORIES[locale])
    heard.say(YES[locale])
    heard.say("withdraw my complaint" if locale == "en" else "撤回投诉")
    answer = heard.say(words)
    assert any(isinstance(act, WithdrawCase) for act in answer.acts) is done, heard.text
    assert done or "utter_kept" in answer.says[0].response, heard.text


@pytest.mark.parametrize(
    ("words", "which"),
    [("撤回第一件投诉", 0), ("撤回第二件投诉", 1), ("撤回投诉 C20261123-000420-4", 0), ("撤回投诉", 1)],
)
def test_of_two_the_one_that_is_named_is_taken_back(words: str, which: int, talk: Talk) -> None:
    heard = talk()
    heard.say(STORIES["zh-Hans"])
    heard.say("对")
    heard.say("我还有另外一件事要投诉")
    heard.say("11月9日手机银行登录不了，转账失败，损失500元，要求道歉")
    for _ in range(4):
        if len(heard.cases) == 2:
            break
        heard.say("对" if "confirm" in heard.asks else "不清楚")
    assert len(heard.cases) == 2
    answer = heard.say(words)
    assert not any(isinstance(act, AnotherComplaint) for act in answer.acts)
    assert heard.cases[which].reference in heard.text
    answer = heard.say("对")
    assert WithdrawCase(heard.cases[which].reference) in answer.acts


def test_taking_back_the_one_that_is_being_told_leaves_the_registered_one(talk: Talk) -> None:
    heard = talk()
    for line in (STORIES["zh-Hans"], "对", "还有第二件事，昨天ATM吞了我的卡"):
        heard.say(line)
    answer = heard.say("第二件不投诉了")
    assert heard.cases[0].reference not in answer.says[0].text
    heard.say("对")
    assert heard.acts[-1] == WithdrawCase(None)


def test_taking_back_the_registered_one_goes_on_with_the_one_that_is_being_told(talk: Talk) -> None:
    heard = talk()
    for line in (STORIES["zh-Hans"], "对", "还有第二件事，昨天ATM吞了我的卡"):
        heard.say(line)
    answer = heard.say("撤回第一件投诉")
    assert heard.cases[0].reference in answer.says[0].text
    answer = heard.say("对")
    assert heard.acts[-1] == WithdrawCase(heard.cases[0].reference)
    assert heard.asks == ("desired_outcome",)
    heard.say("把卡还我")
    heard.say("对")
    assert isinstance(heard.acts[-1], FileCase)
