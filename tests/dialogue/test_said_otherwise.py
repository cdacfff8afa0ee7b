"""Corrections, in the form, at the read-back, after filing and by mail: what is put right is on record, and said to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dialogue.turn import FileCase
from dialogue.understanding.meant import without_denied

Talk = Callable[..., Any]

ENGLISH = "The Leeds branch charged me a £300 fee on 3 November and nobody could explain it. I want a refund. My name is Sam Poe, sam@example.org"
CHINESE = "11月3日南京路支行多扣我手续费300元，没人解释，要求退款。我叫陈强，chenq@example.org"
HONG_KONG = "旺角分行11月3號無啦啦扣咗我300蚊手續費，冇人解釋，要求退錢。我叫陳大文，chan@example.org"

SAID = [
    (ENGLISH, "It wasn't 3 November, it was 4 November", "2026-11-04", None),
    (ENGLISH, "no, it was July", "2026-07", None),
    (ENGLISH, "It was 29 October, not 3 November. And the fee was £350.", "2026-10-29", "350.00"),
    (ENGLISH, "Actually it was £250", None, "250.00"),
    (ENGLISH, "not £300, £350", None, "350.00"),
    (ENGLISH, "The fee was £350, not £300", None, "350.00"),
    (ENGLISH, "I got the date wrong, it was 7 November", "2026-11-07", None),
    (ENGLISH, "The fee was £360.", None, "360.00"),
    (CHINESE, "手续费是360元", None, "360.00"),
    (HONG_KONG, "手續費係360蚊", None, "360.00"),
    (ENGLISH, "The date should be 6 November", "2026-11-06", None),
    (CHINESE, "手续费其实是350块", None, "350.00"),
    (CHINESE, "刚才说错了，日期是11月5号", "2026-11-05", None),
    (CHINESE, "是11月4日，不是3日", "2026-11-04", None),
    (CHINESE, "金额写错了，应该是350元", None, "350.00"),
    (HONG_KONG, "唔係11月3號，係11月4號", "2026-11-04", None),
    (HONG_KONG, "打錯咗，係350蚊", None, "350.00"),
]


def _shown(day: str | None, amount: str | None, language: str) -> list[str]:
    shown = [amount.removesuffix(".00")] if amount else []
    if day:
        *_, last = day.split("-")
        shown.append(str(int(last)) if len(day) > 7 else "July")
    return shown


@pytest.mark.parametrize(("first", "said", "day", "amount"), SAID)
@pytest.mark.parametrize("when", ["read back", "after filing", "by mail"])
def test_what_is_put_right_is_on_record_and_said_to_be(
    first: str, said: str, day: str | None, amount: str | None, when: str, talk: Talk
) -> None:
    locale = "en" if first is ENGLISH else "zh-Hant" if first is HONG_KONG else "zh-Hans"
    heard = talk(locale=locale, **({"pace": "letter"} if when == "by mail" else {}))
    heard.say(first)
    if when != "by mail":
        assert heard.asks == ("confirm",)
    if when == "after filing":
        heard.say("yes" if locale == "en" else "对")
        assert isinstance(heard.acts[-1], FileCase)
    heard.say(said)
    facts = heard.facts.to_json()
    assert facts["occurred_on"] == (day or "2026-11-03")
    assert facts["amount"]["value"] == (amount or "300.00")
    for value in _shown(day, amount, locale):
        assert value in heard.text


@pytest.mark.parametrize(
    ("locale", "said", "amount"),
    [
        ("en", "The fee was not £30, it was £300 and nobody at the Leeds branch told me", "300.00"),
        ("zh-Hans", "南京路支行扣的不是30元，是300元，没人告诉我", "300.00"),
        ("zh-Hant", "旺角分行扣咗我300蚊，唔係30蚊，冇人講過", "300.00"),
    ],
)
def test_a_story_that_denies_something_is_told_whole(locale: str, said: str, amount: str, talk: Talk) -> None:
    heard = talk(locale=locale)
    heard.say(said)
    assert heard.facts.what_happened == said
    assert str(heard.facts.amount.value) == amount


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("It wasn't X, it was Y", "It  it was Y"),
        ("it was 4 November, not 3 November", "it was 4 November"),
        ("金额不是750，是780", "金额是780"),
        ("是780，不是750", "是780"),
        ("I was not told", None),
        ("It was not explained to me, and I want my money", None),
        ("不是我转的", None),
        ("钱不是我转的，银行不认", None),
    ],
)
def test_only_what_is_denied_for_something_else_is_left_out(said: str, meant: str | None) -> None:
    assert without_denied(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "the amount is £375",
        "it was last Wednesday",
        "Actually it was £250",
        "I'm not telling you my name",
        "I want to withdraw this",
        "When will somebody get back to me?",
    ],
)
def test_what_answers_another_question_is_no_wish(said: str, talk: Talk) -> None:
    heard = talk(locale="en")
    heard.say("The Leeds branch charged me a £300 fee on 3 November and nobody could explain it")
    assert heard.asks == ("desired_outcome",)
    heard.say(said)
    assert heard.facts.desired_outcome is None


@pytest.mark.parametrize(
    "said", ["金额是375元", "其实是上周三", "不告诉你", "我要撤回", "什么时候答复我", "处理得怎么样了"]
)
def test_what_answers_another_question_is_no_wish_in_chinese(said: str, talk: Talk) -> None:
    heard = talk()
    heard.say("11月3日南京路支行多扣我手续费300元，没人解释")
    assert heard.asks == ("desired_outcome",)
    heard.say(said)
    assert heard.facts.desired_outcome is None


@pytest.mark.parametrize("said", ["I'm not telling you my name", "I want to withdraw this", "Actually it was £250"])
def test_what_answers_another_question_names_no_branch(said: str, talk: Talk) -> None:
    heard = talk(locale="en")
    heard.say("Your staff were rude and shouted at me yesterday")
    assert heard.asks == ("about",)
    heard.say(said)
    assert heard.facts.about is None


def test_a_wish_is_changed_by_the_wish_and_not_by_its_announcement(talk: Talk) -> None:
    heard = talk()
    heard.say(CHINESE)
    heard.say("要求也改一下，要退钱加道歉")
    assert "道歉" in heard.facts.desired_outcome
    assert "改一下" not in heard.facts.desired_outcome


@pytest.mark.parametrize(
    ("lines", "value", "currency"),
    [
        (["理專亂扣我新台幣 800,000 元，11月3日信義分行", "不對，是八十五萬"], "850000.00", "TWD"),
        (["信義分行的理專騙我，我打 0912-345-678 去問沒人理", "三萬元"], "30000.00", "TWD"),
        (["旺角分行無啦啦扣咗我 HK$300，11月3號", "唔係300，係350"], "350.00", "HKD"),
        (["The Leeds branch took £300 on 3 November", "sorry, it's 350"], "350.00", "GBP"),
        (["南京路支行11月3日扣了我500美元", "不对，是550"], "550.00", "USD"),
    ],
)
def test_a_bare_sum_stays_in_the_money_that_was_said(lines: list[str], value: str, currency: str, talk: Talk) -> None:
    heard = talk(locale="zh-Hant" if lines[0][0] in "理信旺" else "zh-Hans")
    for line in lines:
        heard.say(line)
    assert heard.facts.to_json()["amount"] == {"value": value, "currency": currency}


def test_a_form_with_a_number_of_taiwan_is_read_in_its_money(talk: Talk) -> None:
    heard = talk(locale="zh-Hant", pace="letter", sender="+886912345678")
    heard.say("信用卡被多扣三萬元年費，櫃檯解釋不清")
    assert heard.facts.to_json()["amount"]["currency"] == "TWD"
