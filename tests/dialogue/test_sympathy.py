"""Sympathy names what happened, in one of several ways, and none comes back in a conversation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from case_store.records import Language
from dialogue.themes import theme_names
from dialogue.understanding.waited import waited_in
from tests.dialogue.sympathies import ways, ways_in

HANS, HANT, EN = Language.HANS, Language.HANT, Language.EN
THEMES = sorted({*theme_names(), "general"})
VOICES = [("zh-Hans", None), ("zh-Hant", None), ("zh-Hant", "hk"), ("en", None)]


@pytest.mark.parametrize(("language", "dialect"), VOICES)
@pytest.mark.parametrize("theme", THEMES)
def test_each_theme_has_three_to_five_ways_in_each_voice(theme: str, language: str, dialect: str | None) -> None:
    counted: Counter[tuple[bool, bool]] = Counter()
    texts = []
    for way in ways(theme):
        slots = dict(way.conditions)
        if (slots["language"], slots.get("dialect")) == (language, dialect):
            counted[bool(slots.get("with_amount")), bool(slots.get("with_wait"))] += 1
            texts.append(way.text)
    assert counted[False, False]
    assert all(3 <= number <= 5 for number in counted.values()), counted
    assert len(set(counted.values())) == 1, "with a sum and without, the ways stand in one order"
    assert len(set(texts)) == len(texts)


STORIES = {
    "zh-Hans": ["信用卡10月3日被多扣了300元年费", "10月9日又被多收了200元手续费", "11月2日转账手续费多扣了150元", "借记卡10月12日扣了90元短信费"],
    "zh-Hant": ["信用卡10月3日被多扣了300元年費", "10月9日又被多收了200元手續費", "11月2日轉帳手續費多扣了150元", "金融卡10月12日扣了90元簡訊費", "11月5日領錢又扣了25元"],
    "en": [
        "You charged me a fee of £300 on my card on 3 October",
        "On 9 October I was charged a £200 penalty fee",
        "A transfer fee of £150 was deducted on 2 November",
        "On 12 October a £90 text fee was taken from my account",
    ],
}  # fmt: skip
GOES_ON = {
    "zh-Hans": "退给我，我叫李雷 13800138000",
    "zh-Hant": "退給我，我叫李雷 0912345678",
    "en": "Refund it please. My name is Ann Lee, 07700 900123",
}
YES = {"zh-Hans": "对", "zh-Hant": "對", "en": "yes"}
ANOTHER = {"zh-Hans": "我还要投诉另一件事：", "zh-Hant": "我還要投訴另一件事：", "en": "I also want to complain about something else: "}  # fmt: skip


@pytest.mark.parametrize("locale", ["zh-Hans", "zh-Hant", "en"])
def test_who_complains_of_the_like_again_never_reads_the_same_sentence(talk: Callable[..., Any], locale: str) -> None:
    heard = talk(locale=locale)
    said: list[str] = []
    for number, story in enumerate(STORIES[locale]):
        for line in ((ANOTHER[locale] if number else "") + story, GOES_ON[locale], YES[locale]):
            said += ways_in(heard.say(line).says[0].text)
    assert len(said) >= len(STORIES[locale]), said
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("locale", ["zh-Hans", "zh-Hant", "en"])
def test_not_every_customer_reads_the_same_sentence(talk: Callable[..., Any], locale: str) -> None:
    def first(story: str) -> list[str]:
        return ways_in(talk(locale=locale).say(story).says[0].text)

    assert len({way for story in STORIES[locale] for way in first(story)}) > 1
    assert first(STORIES[locale][0]) == first(STORIES[locale][0]), "the same words are answered the same"


@pytest.mark.parametrize(
    ("locale", "lines"),
    [
        ("zh-Hans", ["我妈妈去世了，她的存款你们不让取", "她是上个月去世的，妈妈走了以后我跑了三次"]),
        ("zh-Hant", ["我媽媽過世了，她的存款你們不讓領", "她上個月過世，媽媽走了以後我跑了三次"]),
        (
            "en",
            [
                "My mother died and you will not let us close her account",
                "My mother died last month, I came three times",
            ],
        ),
    ],
)
def test_nobody_is_condoled_with_twice(talk: Callable[..., Any], locale: str, lines: list[str]) -> None:
    heard = talk(locale=locale)
    said = [name for line in lines for name in heard.say(line).says[0].response.split("+")]
    assert said.count("utter_sympathy_bereaved") <= 1


@pytest.mark.parametrize(
    ("locale", "story", "named"),
    [
        ("zh-Hans", "我的退款等了一个月没有回音", ["一个月"]),
        ("zh-Hans", "三万五的理赔款等了一个月没有到账", ["三万五", "一个月"]),
        ("zh-Hant", "我在中山分行排隊等了兩個小時", ["兩個小時"]),
        ("zh-Hant", "我喺旺角分行等咗三個星期都冇人覆我", ["三個星期"]),
        ("en", "I have been waiting three weeks for a reply from your branch", ["three weeks"]),
        ("en", "I waited over a month for £900 and it has not arrived", ["over a month", "£900"]),
        (
            "en",
            "my student loan landed and you swallowed nine hundred of it for an overdraft\nNINE HUNDRED",
            ["nine hundred"],
        ),
    ],
)
def test_the_sum_and_the_wait_are_named(talk: Callable[..., Any], locale: str, story: str, named: list[str]) -> None:
    text = talk(locale=locale).say(story).says[0].text
    [sentence] = [line for line in text.split("\n") if ways_in(line)]
    for words in named:
        assert words in sentence


@pytest.mark.parametrize(
    ("language", "text", "span"),
    [
        (HANS, "等了一个月没有回音", "一个月"),
        (HANS, "都等了快半年了", "半年"),
        (HANS, "拖了二十多天", "二十多天"),
        (HANS, "排队排了40分钟", "40分钟"),
        (HANS, "等了一个半小时", "一个半小时"),
        (HANS, "等到9月份才说", None),
        (HANS, "等到3月才说", None),
        (HANS, "等了半天", None),  # a figure of speech
        (HANS, "等了几天的年费", "几天"),
        (HANS, "一个月前办的卡", None),  # when, not how long
        (HANT, "等咗成三個月", "三個月"),
        (HANT, "等咗三日都冇人覆", "三日"),
        (HANT, "排隊排了兩個鐘頭", "兩個鐘頭"),
        (HANT, "等到10月3日", None),
        (EN, "I have been waiting for over three weeks now", "over three weeks"),
        (EN, "waited an hour and a half", "an hour and a half"),
        (EN, "waiting for my card since two weeks ago", None),
        (EN, "waiting since a week ago", None),
        (EN, "wait 10 minutes", "10 minutes"),
        (EN, "我等了三天", None),  # not words of this language
    ],
)
def test_how_long_was_waited(language: Language, text: str, span: str | None) -> None:
    assert waited_in(text, language) == span


@pytest.mark.parametrize(
    ("locale", "story", "named"),
    [
        ("zh-Hans", "你们推荐的基金亏了三万五，我要投诉", True),
        ("zh-Hans", "你们推荐的基金亏了35元，我要投诉", False),
        ("zh-Hant", "你們推薦的基金虧了三萬五，我要投訴", True),
        ("zh-Hant", "你們推薦的基金虧了35元，我要投訴", False),
        ("en", "The fund you sold me has lost £35,000 and I want to complain", True),
        ("en", "The fund you sold me has lost £35 and I want to complain", False),
    ],
)
def test_nobody_is_told_that_little_is_no_small_sum(
    talk: Callable[..., Any], locale: str, story: str, named: bool
) -> None:
    for end in ("", "。", "。。"):  # another story, another way
        text = talk(locale=locale).say(f"{story}{end}").says[0].text
        [sentence] = [line for line in text.split("\n") if ways_in(line)]
        assert ("35" in sentence or "三" in sentence) is named
